using Microsoft.Extensions.Logging;

namespace QuantaPilot.Integrations.Http;

internal static partial class Logs
{
    [LoggerMessage(4130, LogLevel.Warning, "The agent {Endpoint} could not be told that a task was given up.")]
    public static partial void NotStopped(ILogger logger, Exception exception, string endpoint);

    [LoggerMessage(4131, LogLevel.Information, "The agent {Endpoint} was told that a task was given up; it answered {Status}.")]
    public static partial void Stopped(ILogger logger, string endpoint, int status);

    [LoggerMessage(4132, LogLevel.Warning, "The agent {Endpoint} named a task URL on another host; it is not used.")]
    public static partial void TaskUrlElsewhere(ILogger logger, string endpoint);
}
