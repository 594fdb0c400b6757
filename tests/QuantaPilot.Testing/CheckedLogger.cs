using Microsoft.Extensions.Logging;

namespace QuantaPilot.Testing;

/// <summary>For what needs a logger and is in no host: shows each line to <see cref="Leaks"/>.</summary>
public static class CheckedLogger
{
    public static ILogger Instance { get; } = new CheckedLogs();

    /// <summary>For what makes its own loggers.</summary>
    public static ILoggerFactory Factory { get; } = LoggerFactory.Create(
        logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(new CheckedLogs()));

    /// <summary>For those that want one with their name.</summary>
    public static ILogger<T> For<T>() => new Logger<T>(Factory);
}
