using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api;

/// <summary>Log messages of the API. They carry ids, never tokens, secrets or free text.</summary>
internal static partial class Logs
{
    [LoggerMessage(3000, LogLevel.Error, "Request {RequestId} failed.")]
    public static partial void RequestFailed(ILogger logger, Exception exception, string requestId);

    [LoggerMessage(3001, LogLevel.Warning, "The orchestration of run {RunId} took no signal: it is gone or has ended.")]
    public static partial void SignalRefused(ILogger logger, RunId runId);

    [LoggerMessage(3002, LogLevel.Information, "Told {Count} orchestrations what they may have missed.")]
    public static partial void ToldAgain(ILogger logger, int count);
}
