using Microsoft.Extensions.Logging;

namespace QuantaPilot.Engine;

internal static partial class Logs
{
    [LoggerMessage(1, LogLevel.Information, "Engine started; {Count} unfinished instances have something to do")]
    public static partial void Started(ILogger logger, int count);

    [LoggerMessage(2, LogLevel.Information, "Engine stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(3, LogLevel.Warning, "Activity {Activity} of instance {InstanceId} failed")]
    public static partial void ActivityFailed(ILogger logger, Exception error, string activity, string instanceId);

    [LoggerMessage(4, LogLevel.Error, "Instance {InstanceId} is stuck. {Mismatch}")]
    public static partial void Stuck(ILogger logger, string instanceId, ReplayMismatch mismatch);

    [LoggerMessage(5, LogLevel.Information, "Instance {InstanceId} is no longer stuck")]
    public static partial void Unstuck(ILogger logger, string instanceId);

    [LoggerMessage(6, LogLevel.Error, "A turn of the instance with key {Key} could not be run or committed; it is tried again in {Delay}")]
    public static partial void TurnFailed(ILogger logger, Exception error, long key, TimeSpan delay);

    [LoggerMessage(7, LogLevel.Warning, "The lease of instance {InstanceId} was lost; its turn was not committed")]
    public static partial void LeaseLost(ILogger logger, string instanceId);

    [LoggerMessage(8, LogLevel.Error, "The timers that are due could not be read")]
    public static partial void TimersFailed(ILogger logger, Exception error);

    [LoggerMessage(9, LogLevel.Error, "The engine's observer threw")]
    public static partial void ObserverFailed(ILogger logger, Exception error);
}
