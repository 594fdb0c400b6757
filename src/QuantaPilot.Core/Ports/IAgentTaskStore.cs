using QuantaPilot.Core.Agents;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Ports;

/// <summary>
/// The tasks that agents elsewhere were given, and their answers. They go with their run. Every write is durable when it returns.
/// </summary>
public interface IAgentTaskStore
{
    /// <summary>Adds a task; one of that run, step and round that is there stays as it is.</summary>
    /// <returns>The task as it stands.</returns>
    Task<RemoteTask> OpenAsync(RemoteTask task, CancellationToken cancellationToken);

    /// <summary>The task, or null.</summary>
    Task<RemoteTask?> FindAsync(RunId runId, string step, int round, CancellationToken cancellationToken);

    /// <summary>Changes a task; no change by somebody else at the same time is lost.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="step">The step.</param>
    /// <param name="round">The round.</param>
    /// <param name="change">Must be pure: it may be called several times.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The task as it stands after it; null if there is none.</returns>
    Task<RemoteTask?> UpdateAsync(
        RunId runId, string step, int round, Func<RemoteTask, RemoteTask> change, CancellationToken cancellationToken);

    /// <summary>Stores the answer if the task is open. Atomic: one answer however many race.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="step">The step.</param>
    /// <param name="round">The round.</param>
    /// <param name="digest">SHA-256 of the answer, lower-case hexadecimal.</param>
    /// <param name="answer">The answer, of at most 4 MiB.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The task as it stands after it; null if there is none.</returns>
    Task<RemoteTask?> AnswerAsync(
        RunId runId, string step, int round, string digest, ReadOnlyMemory<byte> answer, CancellationToken cancellationToken);

    /// <summary>The answer as it came, or null if there is none.</summary>
    Task<byte[]?> ReadAnswerAsync(RunId runId, string step, int round, CancellationToken cancellationToken);

    /// <summary>Removes the tasks of a run, with their answers. Idempotent.</summary>
    Task DeleteOfRunAsync(RunId runId, CancellationToken cancellationToken);
}
