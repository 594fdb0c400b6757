using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace QuantaPilot.Api.Tests.Protection;

/// <summary>Keeps every line that the host's own filters let through, with its scopes and exception.</summary>
internal sealed class LogRecorder : ILoggerProvider, ISupportExternalScope
{
    private readonly ConcurrentQueue<string> _lines = new();
    private IExternalScopeProvider? _scopes;

    public IReadOnlyList<string> Lines => [.. _lines];

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
        // There is nothing to let go of.
    }

    private sealed class Logger(LogRecorder recorder, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => recorder._scopes?.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var scopes = new List<string>();
            recorder._scopes?.ForEachScope((scope, list) => list.Add($"{scope}"), scopes);
            recorder._lines.Enqueue($"{logLevel} {category} {string.Join(' ', scopes)} {formatter(state, exception)} {exception}");
        }
    }
}
