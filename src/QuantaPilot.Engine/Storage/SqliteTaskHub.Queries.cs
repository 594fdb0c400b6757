using Microsoft.Data.Sqlite;
using QuantaPilot.Core.Ports;
using QuantaPilot.Engine.Execution;

namespace QuantaPilot.Engine.Storage;

internal sealed partial class SqliteTaskHub
{
    public OrchestrationState? Get(string instanceId) => file.Read(session =>
    {
        using var row = session.Query(
            "SELECT name, status, created_at, updated_at, output, failure FROM hub_instances WHERE id = ?1", instanceId);
        return row.Read()
            ? new OrchestrationState(
                instanceId, row.GetString(0), (OrchestrationStatus)row.GetInt32(1), Time(row, 2), Time(row, 3), Text(row, 4), Text(row, 5))
            : null;
    });

    public StoredInstance? Load(long key) => file.Read(session =>
    {
        using var row = session.Query(
            "SELECT id, status, failure, lease, execution, parent, parent_execution, parent_task FROM hub_instances WHERE key = ?1", key);
        if (!row.Read()) return null;
        var parent = row.IsDBNull(5) ? null : new ParentLink(row.GetInt64(5), row.GetInt32(6), row.GetInt32(7));
        var status = (OrchestrationStatus)row.GetInt32(1);
        // An ended instance is asked for by whoever comes too late, and then only its status matters.
        List<List<HistoryEvent>> history = status is OrchestrationStatus.Running or OrchestrationStatus.Stuck
            ? ReadHistory(session, key)
            : [];
        return new StoredInstance(key, row.GetString(0), status, Text(row, 2), row.GetInt64(3), row.GetInt32(4), parent, history);
    });

    public HistoryDocument? Export(string instanceId) => file.Read(session =>
        session.Scalar("SELECT key FROM hub_instances WHERE id = ?1", instanceId) is long key
            ? new HistoryDocument(instanceId, ReadHistory(session, key))
            : null);

    public (List<HistoryEvent> Messages, long LastSeq) ReadInbox(long key) => file.Read(session =>
    {
        var messages = new List<HistoryEvent>();
        var last = 0L;
        using var row = session.Query("SELECT seq, event FROM hub_inbox WHERE instance = ?1 ORDER BY seq", key);
        while (row.Read())
        {
            last = row.GetInt64(0);
            messages.Add(HistoryJson.ReadMessage(row.GetFieldValue<byte[]>(1)));
        }
        return (messages, last);
    });

    // The index is named, since SQLite would rather walk the table, which also holds all that have ended, in the order of its keys.
    public List<long> FindRecoverable() => file.Read(session => Keys(session.Query(
        """
        SELECT key FROM hub_instances INDEXED BY hub_instances_unfinished
        WHERE status IN (0, 4) AND (status = 4 OR turns = 0 OR open_activities > 0)
        UNION SELECT instance FROM hub_inbox
        """)));

    public (List<long> Due, DateTimeOffset? Next) FindDue(DateTimeOffset now) => file.Read(session =>
    {
        var due = Keys(session.Query(
            "SELECT key FROM hub_instances WHERE status IN (0, 4) AND status = 0 AND next_due_at <= ?1 ORDER BY next_due_at", now.UtcTicks));
        var next = session.Scalar("SELECT min(next_due_at) FROM hub_instances WHERE status IN (0, 4) AND next_due_at > ?1", now.UtcTicks);
        return (due, next is long ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : (DateTimeOffset?)null);
    });

    internal static List<List<HistoryEvent>> ReadHistory(SqliteSession session, long key)
    {
        var turns = new List<List<HistoryEvent>>();
        using var row = session.Query("SELECT events FROM hub_history WHERE instance = ?1 ORDER BY turn", key);
        while (row.Read()) turns.Add(HistoryJson.ReadTurn(row.GetFieldValue<byte[]>(0)));
        return turns;
    }

    private static List<long> Keys(SqliteDataReader rows)
    {
        using (rows)
        {
            var keys = new List<long>();
            while (rows.Read()) keys.Add(rows.GetInt64(0));
            return keys;
        }
    }

    private static DateTimeOffset Time(SqliteDataReader row, int column) => new(row.GetInt64(column), TimeSpan.Zero);

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
