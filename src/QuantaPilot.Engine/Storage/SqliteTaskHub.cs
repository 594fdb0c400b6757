using QuantaPilot.Core.Ports;
using QuantaPilot.Engine.Execution;

namespace QuantaPilot.Engine.Storage;

/// <summary>The task hub in a <see cref="SqliteFile"/>: what is written. What is read is in the other part.</summary>
internal sealed partial class SqliteTaskHub(SqliteFile file) : ITaskHub
{
    public static SchemaScripts Schema { get; } =
        new("engine", typeof(SqliteTaskHub).Assembly, "QuantaPilot.Engine.Storage.Schema.");

    public Task<long?> CreateAsync(NewInstance instance) =>
        file.WriteAsync(session => Insert(session, instance, null, 0), WriteLane.Caller);

    public Task<long?> AddEventAsync(string instanceId, EventReceived message)
    {
        var json = HistoryJson.Write(message);
        return file.WriteAsync(session => (long?)session.Scalar(
            """
            INSERT INTO hub_inbox (instance, seq, event)
            SELECT key, (SELECT coalesce(max(seq), 0) + 1 FROM hub_inbox WHERE instance = key), ?2
            FROM hub_instances WHERE id = ?1 AND status IN (0, 4)
            RETURNING instance
            """, instanceId, json), WriteLane.Caller);
    }

    public Task<List<long>?> TerminateAsync(string instanceId, string reason, DateTimeOffset now)
    {
        var events = HistoryJson.Write([new ExecutionTerminated(reason)]);
        return file.WriteAsync<List<long>?>(session =>
        {
            long key;
            ParentLink? parent;
            using (var row = session.Query(
                "SELECT key, parent, parent_execution, parent_task FROM hub_instances WHERE id = ?1 AND status IN (0, 4)", instanceId))
            {
                if (!row.Read()) return null;
                key = row.GetInt64(0);
                parent = row.IsDBNull(1) ? null : new ParentLink(row.GetInt64(1), row.GetInt32(2), row.GetInt32(3));
            }
            session.Execute("INSERT INTO hub_history SELECT key, turns + 1, ?2 FROM hub_instances WHERE key = ?1", key, events);
            session.Execute(
                """
                UPDATE hub_instances SET status = ?2, updated_at = ?3, failure = ?4,
                    lease = random(), turns = turns + 1, next_due_at = NULL, open_activities = 0
                WHERE key = ?1
                """, key, (long)OrchestrationStatus.Terminated, now.UtcTicks, reason);
            session.Execute("DELETE FROM hub_inbox WHERE instance = ?1", key);
            if (parent is null) return [key];
            var answer = new SubOrchestrationFailed(parent.TaskId, nameof(OrchestrationStatus.Terminated), reason);
            return Answer(session, parent, answer) ? [key, parent.Key] : [key];
        });
    }

    public Task<bool> PurgeAsync(string instanceId) => file.WriteAsync(session =>
    {
        if (session.Scalar("SELECT key FROM hub_instances WHERE id = ?1 AND status NOT IN (0, 4)", instanceId) is not long key)
        {
            return false;
        }
        session.Execute("DELETE FROM hub_history WHERE instance = ?1", key);
        session.Execute("DELETE FROM hub_instances WHERE key = ?1", key);
        return true;
    });

    public Task<List<long>?> CommitAsync(TurnCommit commit) => file.WriteAsync(session => Commit(session, commit));

    public Task<bool> MarkStuckAsync(long key, long lease, string failure, DateTimeOffset now) => file.WriteAsync(session => session.Execute(
        "UPDATE hub_instances SET status = ?3, failure = ?4, updated_at = ?5 WHERE key = ?1 AND lease = ?2",
        key, lease, (long)OrchestrationStatus.Stuck, failure, now.UtcTicks) == 1);

    private static List<long>? Commit(SqliteSession session, TurnCommit commit)
    {
        var continues = commit.NextStart is not null;
        var updated = session.Execute(
            """
            UPDATE hub_instances SET lease = ?3, status = ?4, updated_at = ?5, execution = ?6, turns = ?7,
                next_due_at = ?8, open_activities = ?9, output = ?10, failure = ?11
            WHERE key = ?1 AND lease = ?2
            """,
            commit.Key, commit.Lease, commit.NewLease, (long)commit.Status, commit.Now.UtcTicks,
            continues ? commit.Execution + 1L : commit.Execution, continues ? 0L : commit.TurnNumber,
            commit.NextDue?.UtcTicks, (long)commit.OpenActivities, commit.Output, commit.Failure);
        if (updated == 0) return null;

        if (continues) session.Execute("DELETE FROM hub_history WHERE instance = ?1", commit.Key);
        session.Execute("INSERT INTO hub_history VALUES (?1, ?2, ?3)",
            commit.Key, continues ? 0L : commit.TurnNumber, commit.NextStart ?? commit.Events);
        if (commit.Status != OrchestrationStatus.Running) session.Execute("DELETE FROM hub_inbox WHERE instance = ?1", commit.Key);
        else if (commit.ConsumedSeq != 0) session.Execute(
            "DELETE FROM hub_inbox WHERE instance = ?1 AND seq <= ?2", commit.Key, commit.ConsumedSeq);

        if (commit.Children.Count == 0 && commit.Parent is null) return [];
        var woken = new List<long>();
        foreach (var child in commit.Children) woken.Add(StartChild(session, commit, child));
        if (commit.Answer is not null && commit.Parent is not null && Answer(session, commit.Parent, commit.Answer))
        {
            woken.Add(commit.Parent.Key);
        }
        return woken;
    }

    /// <returns>The key of the child; if its id is taken, that of the parent, which finds the refusal in its inbox.</returns>
    private static long StartChild(SqliteSession session, TurnCommit commit, NewChild child)
    {
        if (Insert(session, child.Instance, commit, child.TaskId) is { } key) return key;
        var refusal = new SubOrchestrationFailed(
            child.TaskId, typeof(InvalidOperationException).FullName!, $"There is already an instance '{child.Instance.Id}'.");
        Answer(session, new ParentLink(commit.Key, commit.Execution, child.TaskId), refusal);
        return commit.Key;
    }

    private static long? Insert(SqliteSession session, NewInstance instance, TurnCommit? parent, int taskId)
    {
        var key = (long?)session.Scalar(
            """
            INSERT INTO hub_instances (id, name, status, created_at, updated_at, lease, execution, turns, open_activities,
                parent, parent_execution, parent_task)
            VALUES (?1, ?2, 0, ?3, ?3, ?4, 0, 0, 0, ?5, ?6, ?7)
            ON CONFLICT (id) DO NOTHING RETURNING key
            """,
            instance.Id, instance.Name, instance.Now.UtcTicks, instance.Lease,
            parent?.Key, parent is null ? null : (long)parent.Execution, parent is null ? null : (long)taskId);
        if (key is not null) session.Execute("INSERT INTO hub_history VALUES (?1, ?2, ?3)", key, 0L, instance.Start);
        return key;
    }

    /// <returns>False if the parent has ended or no longer waits.</returns>
    private static bool Answer(SqliteSession session, ParentLink parent, HistoryEvent answer) => session.Execute(
        """
        INSERT INTO hub_inbox (instance, seq, event)
        SELECT key, (SELECT coalesce(max(seq), 0) + 1 FROM hub_inbox WHERE instance = key), ?3
        FROM hub_instances WHERE key = ?1 AND execution = ?2 AND status IN (0, 4)
        """, parent.Key, (long)parent.Execution, HistoryJson.Write(answer)) == 1;
}
