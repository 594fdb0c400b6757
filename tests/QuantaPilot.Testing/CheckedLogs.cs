using System.Text;
using Microsoft.Extensions.Logging;

namespace QuantaPilot.Testing;

/// <summary>Shows every log line of a host, with its exception, to <see cref="Leaks"/>.</summary>
public sealed class CheckedLogs : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Leaks.CheckLog($"{formatter(state, exception)} {exception}");

    public void Dispose()
    {
        // There is nothing to let go of.
    }
}

/// <summary>Shows what hosts in the process of a suite write to its standard error, where their logs go, to <see cref="Leaks"/>.</summary>
public sealed class CheckedError(TextWriter inner) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    /// <summary>From now on.</summary>
    public static void Install() => Console.SetError(new CheckedError(Console.Error));

    public override void Write(char value) => inner.Write(value);

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(new string(buffer));

    public override void Write(string? value)
    {
        Leaks.CheckLog(value);
        inner.Write(value);
    }

    public override void WriteLine(string? value)
    {
        Leaks.CheckLog(value);
        inner.WriteLine(value);
    }

    public override void Flush() => inner.Flush();
}
