using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;
using QuantaPilot.Engine.Storage;
using QuantaPilot.Integrations.Stores;

namespace QuantaPilot.Host.Sqlite;

/// <param name="Position">Its row.</param>
/// <param name="Version">Counts the writes to the row.</param>
/// <param name="StuckReason">Why it is stuck, if it is.</param>
/// <param name="Run">What the events and votes made of it.</param>
internal sealed record RunRow(long Position, long Version, string? StuckReason, RunSnapshot Run)
{
    /// <summary>The run as others see it.</summary>
    public RunSnapshot Shown => StuckReason is null ? Run : Run with { Status = RunStatus.Stuck, StatusReason = StuckReason };
}

/// <summary>Rows of <c>runs</c> to and from snapshots.</summary>
internal sealed class RunRows(RunCache<RunRow> cache)
{
    private static readonly string[] _statusNames =
        [.. Enum.GetNames<RunStatus>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    public static string NameOf(RunStatus status) => _statusNames[(int)status];

    /// <returns>Null if there was a run of that id, else the row that was added.</returns>
    public static RunRow? Insert(SqliteSession session, RunSnapshot run)
    {
        var added = session.Execute(
            """
            INSERT INTO runs (run_id, version, status, project, correlation_id, created_at, pending_gate, untold, document)
            VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (run_id) DO NOTHING
            """,
            run.RunId.ToString(),
            NameOf(run.Status),
            run.Project,
            run.CorrelationId,
            run.CreatedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
            run.PendingGate is null ? 0L : 1L,
            run.HasUntold ? 1L : 0L,
            JsonSerializer.SerializeToUtf8Bytes(run, CoreJson.Default.RunSnapshot));
        if (added == 0) return null;
        return new RunRow(SQLitePCL.raw.sqlite3_last_insert_rowid(session.Connection.Handle), 1, null, run);
    }

    public RunRow? Find(SqliteSession session, RunId id)
    {
        long position, version;
        string? stuck;
        using (var reader = session.Query("SELECT position, version, stuck_reason FROM runs WHERE run_id = ?1", id.ToString()))
        {
            if (!reader.Read()) return null;
            position = reader.GetInt64(0);
            version = reader.GetInt64(1);
            stuck = reader.IsDBNull(2) ? null : reader.GetString(2);
        }
        if (cache.TryFind(id, out var known) && known.Version == version) return new RunRow(position, version, stuck, known.Run);
        // One statement, for a reader may see a later commit than the one above did.
        using var full = session.Query("SELECT position, version, stuck_reason, document FROM runs WHERE position = ?1", position);
        return full.Read() ? Read(full) : null;
    }

    public static RunRow Read(SqliteDataReader reader) => new(
        reader.GetInt64(0),
        reader.GetInt64(1),
        reader.IsDBNull(2) ? null : reader.GetString(2),
        JsonSerializer.Deserialize((byte[])reader[3], CoreJson.Default.RunSnapshot)
            ?? throw new InvalidOperationException("An empty document was stored."));

    public static RunRow Update(SqliteSession session, RunRow row, RunSnapshot run, string? stuckReason)
    {
        session.Execute(
            """
            UPDATE runs SET version = ?2, status = ?3, pending_gate = ?4, untold = ?5, stuck_reason = ?6, document = ?7,
                ended_at = ?8
            WHERE position = ?1
            """,
            row.Position,
            row.Version + 1,
            NameOf(stuckReason is null ? run.Status : RunStatus.Stuck),
            run.PendingGate is null || run.Status.HasEnded() ? 0L : 1L,
            run.HasUntold ? 1L : 0L,
            stuckReason,
            JsonSerializer.SerializeToUtf8Bytes(run, CoreJson.Default.RunSnapshot),
            run.EndedAt?.UtcTicks);
        return new RunRow(row.Position, row.Version + 1, stuckReason, run);
    }

    public static IReadOnlyList<RunId> FindEnded(SqliteSession session, DateTimeOffset before, int limit)
    {
        using var reader = session.Query(
            "SELECT run_id FROM runs WHERE ended_at < ?1 ORDER BY ended_at LIMIT ?2", before.UtcTicks, (long)limit);
        var ids = new List<RunId>();
        while (reader.Read()) ids.Add(RunId.Parse(reader.GetString(0)));
        return ids;
    }

    public static void Delete(SqliteSession session, RunRow row) => session.Execute("DELETE FROM runs WHERE position = ?1", row.Position);
}
