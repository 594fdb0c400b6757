namespace QuantaPilot.Core.Orchestrations;

/// <summary>
/// What an orchestration may do. The semantics are those of Durable Task, so that the same code runs on the embedded
/// engine and on Durable Functions: the code is replayed from its history, so it must take every non-deterministic
/// value from here, and every await must be of a task made here (or a <see cref="Task.WhenAny(Task[])"/> or
/// <see cref="Task.WhenAll(Task[])"/> of such).
/// </summary>
public interface IOrchestrationContext
{
    /// <summary>The id of this instance, unique in its task hub.</summary>
    string InstanceId { get; }

    /// <summary>The time of the event being processed; the same at every replay. It moves only when a turn begins.</summary>
    DateTimeOffset UtcNow { get; }

    /// <summary>True while the code runs through history that was already recorded.</summary>
    bool IsReplaying { get; }

    /// <summary>The input that the instance was started with.</summary>
    /// <exception cref="System.Text.Json.JsonException">The stored input is not a <typeparamref name="T"/>.</exception>
    T GetInput<T>();

    /// <summary>A random-looking UUID, the same at every replay (name-based, from instance id and a counter).</summary>
    Guid NewGuid();

    /// <summary>
    /// Schedules an activity and completes with its result. The activity runs at least once: after a crash it runs again.
    /// </summary>
    /// <exception cref="ActivityFailedException">The activity threw.</exception>
    Task<TResult> CallActivityAsync<TResult>(string name, object? input);

    /// <summary>
    /// Completes with the next external event of that name (case-insensitive). Events are buffered per name in order of
    /// arrival and never lost, including those that came before this call or before the first turn. Several waits for
    /// one name are served in the order of the calls.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first; no event was consumed.</exception>
    Task<TEvent> WaitForExternalEventAsync<TEvent>(string name, CancellationToken cancellationToken = default);

    /// <summary>
    /// Completes at or after <paramref name="fireAt"/>. On Azure Storage a timer may fire up to a second early: compare
    /// <see cref="UtcNow"/> with the deadline after it.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first; the timer is gone.</exception>
    Task CreateTimerAsync(DateTimeOffset fireAt, CancellationToken cancellationToken);

    /// <summary>Starts another orchestration and completes with its result.</summary>
    /// <exception cref="ActivityFailedException">The other orchestration failed.</exception>
    Task<TResult> CallSubOrchestrationAsync<TResult>(string name, string instanceId, object? input);

    /// <summary>
    /// Ends this execution and starts the same instance anew with <paramref name="input"/> and an empty history. External
    /// events that were not consumed are carried over. The orchestration must return right after this call.
    /// </summary>
    void ContinueAsNew(object? input);
}
