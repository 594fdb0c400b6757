using Microsoft.Extensions.Logging;

namespace QuantaPilot.Integrations.Git;

internal static partial class Logs
{
    [LoggerMessage(4001, LogLevel.Warning, "The temporary directory {Path} could not be deleted; the next start tries again")]
    public static partial void TempDirectoryNotDeleted(ILogger logger, string path, Exception exception);

    [LoggerMessage(4002, LogLevel.Information, "The target of pull request {Number} moved during the merge; trying again ({Attempt})")]
    public static partial void TargetMoved(ILogger logger, int number, int attempt);

    [LoggerMessage(4003, LogLevel.Debug, "A history of {Depth} commits was too short; fetching more")]
    public static partial void Deepening(ILogger logger, int depth);

    [LoggerMessage(4004, LogLevel.Information, "The lock {Path} of a process that was killed was taken away")]
    public static partial void LockReleased(ILogger logger, string path);

    [LoggerMessage(4005, LogLevel.Warning, "The lock that {Path} notes could not be looked after")]
    public static partial void LockNotReleased(ILogger logger, string path, Exception exception);

    [LoggerMessage(4006, LogLevel.Information, "Work that was cancelled {Seconds} s ago has not ended yet and is left to itself")]
    public static partial void LeftToItself(ILogger logger, double seconds);

    [LoggerMessage(4007, LogLevel.Debug, "Work that was cancelled and left to itself has ended")]
    public static partial void LeftWorkEnded(ILogger logger, Exception? exception);
}
