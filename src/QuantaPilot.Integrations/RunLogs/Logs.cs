using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.RunLogs;

internal static partial class Logs
{
    [LoggerMessage(4120, LogLevel.Warning, "The log of run {RunId}, step {Step}, could not be stored; it is kept and tried again.")]
    public static partial void NotStored(ILogger logger, Exception exception, RunId runId, string step);

    [LoggerMessage(4121, LogLevel.Error, "The end of the log of run {RunId}, step {Step}, is lost ({Bytes} bytes): it was not stored.")]
    public static partial void Lost(ILogger logger, RunId runId, string step, long bytes);
}
