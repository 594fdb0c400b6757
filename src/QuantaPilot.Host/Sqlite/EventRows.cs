using System.Text.Json;
using Microsoft.Data.Sqlite;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Host.Sqlite;

/// <summary>The event log: one row per public event, as the bytes that every reader gets.</summary>
internal sealed class EventRows(SqliteFile file)
{
    private const string Columns = "SELECT e.position, r.run_id, e.sequence, r.project, e.json FROM ";

    /// <summary>Adds the public ones of the events that <paramref name="present"/> has not seen.</summary>
    public static void Append(SqliteSession session, RunRow present, RunSnapshot after, IReadOnlyList<RunEvent> events)
    {
        foreach (var e in events)
        {
            if (e.Revision <= present.Run.Revision || CloudEvent.From(after, e) is not { } cloudEvent) continue;
            session.Execute(
                "INSERT INTO events (run, sequence, json) VALUES (?1, ?2, ?3)",
                present.Position,
                cloudEvent.Sequence,
                JsonSerializer.SerializeToUtf8Bytes(cloudEvent, CoreJson.Default.CloudEvent));
        }
    }

    public static void Delete(SqliteSession session, RunRow row) => session.Execute("DELETE FROM events WHERE run = ?1", row.Position);

    public IReadOnlyList<LoggedEvent> Read(RunId runId, long afterSequence, int limit) => file.Read(session => Collect(session.Query(
        Columns + "runs r JOIN events e ON e.run = r.position WHERE r.run_id = ?1 AND e.sequence > ?2 ORDER BY e.sequence LIMIT ?3",
        runId.ToString(),
        afterSequence,
        (long)limit)));

    public IReadOnlyList<LoggedEvent> ReadAll(long afterPosition, int limit) => file.Read(session => Collect(session.Query(
        Columns + "events e JOIN runs r ON r.position = e.run WHERE e.position > ?1 ORDER BY e.position LIMIT ?2",
        afterPosition,
        (long)limit)));

    public long? FindPosition(RunId runId, long sequence) => file.Read(session => (long?)session.Scalar(
        "SELECT e.position FROM runs r JOIN events e ON e.run = r.position WHERE r.run_id = ?1 AND e.sequence = ?2",
        runId.ToString(),
        sequence));

    public long LastPosition() => file.Read(session => (long?)session.Scalar("SELECT seq FROM sqlite_sequence WHERE name = 'events'") ?? 0);

    private static List<LoggedEvent> Collect(SqliteDataReader reader)
    {
        using (reader)
        {
            var events = new List<LoggedEvent>();
            while (reader.Read())
            {
                events.Add(new LoggedEvent(
                    reader.GetInt64(0), RunId.Parse(reader.GetString(1)), reader.GetInt64(2), reader.GetString(3), (byte[])reader[4]));
            }
            return events;
        }
    }
}
