using Microsoft.Extensions.Logging;

namespace QuantaPilot.Integrations.Tables;

/// <summary>Log messages of the rate limits. They carry no keys: these are ids of tokens and addresses.</summary>
internal static partial class RateLimitLogs
{
    [LoggerMessage(
        5100, LogLevel.Warning, "Rate limits can't be counted in the shared table: for {Seconds} s this instance counts on its own.")]
    public static partial void NotShared(ILogger logger, Exception exception, double seconds);

    [LoggerMessage(5101, LogLevel.Warning, "Rows of rate limits that have run out could not be removed; the next sweep tries again.")]
    public static partial void SweepFailed(ILogger logger, Exception exception);
}
