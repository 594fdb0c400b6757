using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Host.Sqlite;

/// <summary>What was used up per day and project, in the host's one file.</summary>
public sealed class SqliteUsageStore(SqliteFile file) : IUsageStore
{
    private const decimal MicrosPerUsd = 1_000_000;

    public Task AddAsync(string project, DateOnly day, RunId runId, long revision, AgentUsage usage, CancellationToken cancellationToken) =>
        file.WriteAsync(session => session.Execute(
            "INSERT INTO usage VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
            (long)day.DayNumber,
            project,
            runId.ToString(),
            revision,
            usage.Tokens,
            (long)decimal.Round(usage.Usd * MicrosPerUsd),
            usage.Seconds));

    public Task<AgentUsage> SumAsync(string project, DateOnly day, CancellationToken cancellationToken) =>
        Task.FromResult(file.Read(session =>
    {
        using var reader = session.Query(
            "SELECT coalesce(sum(tokens), 0), coalesce(sum(micro_usd), 0), total(seconds) FROM usage WHERE day = ?1 AND project = ?2",
            (long)day.DayNumber,
            project);
        reader.Read();
        return new AgentUsage(reader.GetInt64(0), reader.GetInt64(1) / MicrosPerUsd, reader.GetDouble(2));
    }));

    public Task RemoveBeforeAsync(DateOnly day, CancellationToken cancellationToken) =>
        file.WriteAsync(session => session.Execute("DELETE FROM usage WHERE day < ?1", (long)day.DayNumber));
}
