using System.Text.Json;
using QuantaPilot.Core.Agents;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Host.Sqlite;

/// <summary>The tasks of agents elsewhere in the host's one file.</summary>
public sealed class SqliteAgentTaskStore(SqliteFile file) : IAgentTaskStore
{
    private const string Key = "WHERE run_id = ?1 AND step = ?2 AND round = ?3";

    public Task<RemoteTask> OpenAsync(RemoteTask task, CancellationToken cancellationToken) => file.WriteAsync(session =>
    {
        var added = session.Execute(
            "INSERT INTO agent_tasks (run_id, step, round, document) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            task.RunId.ToString(),
            task.Step,
            task.Round,
            Write(task));
        return added == 1 ? task : Find(session, task.RunId, task.Step, task.Round)!;
    });

    public Task<RemoteTask?> FindAsync(RunId runId, string step, int round, CancellationToken cancellationToken) =>
        Task.FromResult(file.Read(session => Find(session, runId, step, round)));

    public Task<RemoteTask?> UpdateAsync(
        RunId runId, string step, int round, Func<RemoteTask, RemoteTask> change, CancellationToken cancellationToken) =>
        file.WriteAsync(session => Update(session, runId, step, round, change), WriteLane.Caller);

    public Task<RemoteTask?> AnswerAsync(
        RunId runId, string step, int round, string digest, ReadOnlyMemory<byte> answer, CancellationToken cancellationToken)
    {
        var bytes = answer.ToArray();
        return file.WriteAsync(session => Update(session, runId, step, round, present =>
        {
            var answered = present.Answered(digest);
            if (!ReferenceEquals(answered, present))
                session.Execute($"UPDATE agent_tasks SET answer = ?4 {Key}", runId.ToString(), step, round, bytes);
            return answered;
        }), WriteLane.Caller);
    }

    public Task<byte[]?> ReadAnswerAsync(RunId runId, string step, int round, CancellationToken cancellationToken) =>
        Task.FromResult(file.Read(session =>
        {
            using var reader = session.Query($"SELECT answer FROM agent_tasks {Key}", runId.ToString(), step, round);
            return reader.Read() && !reader.IsDBNull(0) ? (byte[])reader[0] : null;
        }));

    public Task DeleteOfRunAsync(RunId runId, CancellationToken cancellationToken) =>
        file.WriteAsync(session => session.Execute("DELETE FROM agent_tasks WHERE run_id = ?1", runId.ToString()));

    private static RemoteTask? Update(SqliteSession session, RunId runId, string step, int round, Func<RemoteTask, RemoteTask> change)
    {
        if (Find(session, runId, step, round) is not { } present) return null;
        var changed = change(present);
        if (!ReferenceEquals(changed, present))
            session.Execute($"UPDATE agent_tasks SET document = ?4 {Key}", runId.ToString(), step, round, Write(changed));
        return changed;
    }

    private static RemoteTask? Find(SqliteSession session, RunId runId, string step, int round)
    {
        using var reader = session.Query($"SELECT document FROM agent_tasks {Key}", runId.ToString(), step, round);
        return reader.Read() ? JsonSerializer.Deserialize((byte[])reader[0], CoreJson.Default.RemoteTask) : null;
    }

    private static byte[] Write(RemoteTask task) => JsonSerializer.SerializeToUtf8Bytes(task, CoreJson.Default.RemoteTask);
}
