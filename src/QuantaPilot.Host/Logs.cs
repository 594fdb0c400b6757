using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Host;

/// <summary>Log messages of the standalone host.</summary>
internal static partial class Logs
{
    [LoggerMessage(4000, LogLevel.Information, "A new admin token is in {Path}; any earlier one is revoked.")]
    public static partial void AdminTokenMade(ILogger logger, string path);

    [LoggerMessage(4001, LogLevel.Information, "Listening on {Url}.")]
    public static partial void Listening(ILogger logger, string url);

    [LoggerMessage(4002, LogLevel.Information, "Stopped.")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(4003, LogLevel.Error, "Whether run {RunId} is stuck could not be stored.")]
    public static partial void StuckNotShown(ILogger logger, Exception exception, RunId runId);

    [LoggerMessage(4004, LogLevel.Warning, "Activities that were still running did not stop in time; they run again at the next start.")]
    public static partial void ActivitiesLeft(ILogger logger);

    [LoggerMessage(4005, LogLevel.Error, "The sweep of runs that ended long ago failed; it is tried again in an hour.")]
    public static partial void SweepFailed(ILogger logger, Exception exception);
}
