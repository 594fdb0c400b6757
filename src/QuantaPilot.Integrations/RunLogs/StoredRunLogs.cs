using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.RunLogs;

/// <summary>Logs that are kept in a store.</summary>
public sealed class StoredRunLogs(IRunLogStore store, TimeProvider time, ILogger<StoredRunLogs> logger) : IRunLogs
{
    public IRunLog Open(RunId runId, string step, int round, string source) =>
        new RunLogWriter(store, runId, step, round, LogLine.Shorten(Redactor.Redact(LogLine.Clean(source))), time, logger);
}
