using Microsoft.Data.Sqlite;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Host.Sqlite;

/// <summary>The logs of runs in the host's one file.</summary>
public sealed class SqliteRunLogStore(SqliteFile file) : IRunLogStore
{
    private const string Columns = "SELECT sequence, at, step, round, source, text FROM run_logs WHERE run_id = ?1 AND sequence > ?2";

    public Task<IReadOnlyList<long>> AppendAsync(RunId runId, IReadOnlyList<RunLogText> texts, CancellationToken cancellationToken) =>
        file.WriteAsync<IReadOnlyList<long>>(session =>
        {
            var last = (long?)session.Scalar("SELECT MAX(sequence) FROM run_logs WHERE run_id = ?1", runId.ToString()) ?? 0;
            var sequences = new List<long>(texts.Count);
            foreach (var text in texts)
            {
                Insert(session, runId, ++last, text);
                sequences.Add(last);
            }
            return sequences;
        });

    public Task ReplaceAsync(RunId runId, IReadOnlyList<long> sequences, RunLogText note, CancellationToken cancellationToken) =>
        file.WriteAsync(session =>
        {
            foreach (var sequence in sequences)
                session.Execute("DELETE FROM run_logs WHERE run_id = ?1 AND sequence = ?2", runId.ToString(), sequence);
            Insert(session, runId, sequences[^1], note);
            return true;
        });

    public Task<IReadOnlyList<RunLogEntry>> ReadAsync(
        RunId runId, long after, string? step, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RunLogEntry>>(file.Read(session => Collect(step is null
            ? session.Query($"{Columns} ORDER BY sequence LIMIT ?3", runId.ToString(), after, (long)limit)
            // '0' comes right after '/'.
            : session.Query(
                $"{Columns} AND (step = ?3 OR step >= ?3 || '/' AND step < ?3 || '0') ORDER BY sequence LIMIT ?4",
                runId.ToString(),
                after,
                step,
                (long)limit))));

    public Task DeleteOfRunAsync(RunId runId, CancellationToken cancellationToken) =>
        file.WriteAsync(session => session.Execute("DELETE FROM run_logs WHERE run_id = ?1", runId.ToString()));

    private static void Insert(SqliteSession session, RunId runId, long sequence, RunLogText text) => session.Execute(
        "INSERT INTO run_logs (run_id, sequence, at, step, round, source, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        runId.ToString(),
        sequence,
        text.At.UtcTicks,
        text.Step,
        text.Round,
        text.Source,
        text.Text);

    private static List<RunLogEntry> Collect(SqliteDataReader reader)
    {
        using (reader)
        {
            var entries = new List<RunLogEntry>();
            while (reader.Read())
            {
                entries.Add(new RunLogEntry(
                    reader.GetInt64(0),
                    new DateTimeOffset(reader.GetInt64(1), TimeSpan.Zero),
                    reader.GetString(2),
                    reader.GetInt32(3),
                    reader.GetString(4),
                    reader.GetString(5)));
            }
            return entries;
        }
    }
}
