using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Host.Sqlite;

public static class RunsSchema
{
    /// <summary>
    /// The tables of runs, events, pull requests, tokens, deliveries, subscriptions, the audit log, the logs of runs, the tasks of
    /// agents elsewhere, the queue and usage.
    /// </summary>
    public static SchemaScripts Scripts { get; } = new("runs", typeof(RunsSchema).Assembly, "QuantaPilot.Host.Sqlite.Schema.");
}
