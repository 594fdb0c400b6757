using QuantaPilot.Core.Ports;
using QuantaPilot.Engine.Execution;

namespace QuantaPilot.Engine.Storage;

/// <summary>
/// What the engine keeps. Each writing method is one transaction: it happened wholly or not at all, and is on disk when
/// its task completes. If a task fails, the caller cannot know which of the two.
/// </summary>
internal interface ITaskHub
{
    /// <summary>Creates an instance with its turn 0.</summary>
    /// <returns>Its key, or null if the id is taken; nothing was changed then.</returns>
    Task<long?> CreateAsync(NewInstance instance);

    /// <summary>Puts an event into the inbox of an unfinished instance.</summary>
    /// <returns>The instance's key, or null if there is no such instance or it has ended.</returns>
    Task<long?> AddEventAsync(string instanceId, EventReceived message);

    /// <summary>Ends an unfinished instance, takes the lease from whoever has it, and tells the parent.</summary>
    /// <returns>The keys of the instance and, if one is waiting, its parent; null if there is no such instance or it has ended.</returns>
    Task<List<long>?> TerminateAsync(string instanceId, string reason, DateTimeOffset now);

    /// <summary>Removes an ended instance with all that belongs to it.</summary>
    /// <returns>False if there is no such instance or it has not ended.</returns>
    Task<bool> PurgeAsync(string instanceId);

    /// <summary>Commits a turn: history, state, consumed inbox, children and the answer to the parent.</summary>
    /// <returns>
    /// The keys of instances that have something new in their inbox (maybe this one's own) or were created; null if the
    /// lease was lost, and then nothing was written.
    /// </returns>
    Task<List<long>?> CommitAsync(TurnCommit commit);

    /// <summary>Marks an instance as stuck, for whoever holds the lease.</summary>
    /// <returns>False if the lease was lost; nothing was written.</returns>
    Task<bool> MarkStuckAsync(long key, long lease, string failure, DateTimeOffset now);

    /// <summary>What is known of an instance, or null.</summary>
    OrchestrationState? Get(string instanceId);

    /// <summary>An instance with its history, or null if it was purged.</summary>
    StoredInstance? Load(long key);

    /// <summary>The history of an instance, or null if there is none.</summary>
    HistoryDocument? Export(string instanceId);

    /// <summary>The inbox of an instance in order of arrival, and the last sequence number in it (0 if it is empty).</summary>
    (List<HistoryEvent> Messages, long LastSeq) ReadInbox(long key);

    /// <summary>
    /// The instances that have something to do whatever the time: never run, activities open, something in the inbox, or stuck.
    /// </summary>
    List<long> FindRecoverable();

    /// <summary>The instances with a timer due at that time, and the time at which the next one after it falls due.</summary>
    (List<long> Due, DateTimeOffset? Next) FindDue(DateTimeOffset now);
}

/// <summary>The call in another instance that waits for an instance.</summary>
/// <param name="Key">The waiting instance.</param>
/// <param name="Execution">Its execution; a later one no longer waits.</param>
/// <param name="TaskId">The call's id.</param>
internal sealed record ParentLink(long Key, int Execution, int TaskId);

/// <param name="Id">The instance id.</param>
/// <param name="Name">The orchestration's name.</param>
/// <param name="Start">Its turn 0, serialised.</param>
/// <param name="Lease">The first lease.</param>
/// <param name="Now">The time of creation.</param>
internal sealed record NewInstance(string Id, string Name, byte[] Start, long Lease, DateTimeOffset Now);

/// <param name="TaskId">The parent's call that it answers.</param>
/// <param name="Instance">The instance to create.</param>
internal sealed record NewChild(int TaskId, NewInstance Instance);

/// <param name="Key">The instance's key.</param>
/// <param name="Id">Its id.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Failure">Why it is stuck, if it is.</param>
/// <param name="Lease">The lease to be shown at the next commit.</param>
/// <param name="Execution">How often it continued as new.</param>
/// <param name="Parent">Who waits for it.</param>
/// <param name="History">Its turns; turn 0 is what it started from.</param>
internal sealed record StoredInstance(
    long Key, string Id, OrchestrationStatus Status, string? Failure, long Lease, int Execution, ParentLink? Parent, List<List<HistoryEvent>> History);

/// <summary>A turn to be committed.</summary>
internal sealed record TurnCommit
{
    public required long Key { get; init; }

    /// <summary>The lease that the instance must still have.</summary>
    public required long Lease { get; init; }

    /// <summary>The lease that it has from now on.</summary>
    public required long NewLease { get; init; }

    public required int Execution { get; init; }

    /// <summary>The number of the turn, from 1.</summary>
    public required int TurnNumber { get; init; }

    public required byte[] Events { get; init; }

    /// <summary>Turn 0 of the next execution if the instance continued as new; the history so far then goes.</summary>
    public byte[]? NextStart { get; init; }

    public required OrchestrationStatus Status { get; init; }

    public required DateTimeOffset Now { get; init; }

    public DateTimeOffset? NextDue { get; init; }

    public int OpenActivities { get; init; }

    public string? Output { get; init; }

    public string? Failure { get; init; }

    /// <summary>The inbox up to here was taken; 0 if none was.</summary>
    public long ConsumedSeq { get; init; }

    public IReadOnlyList<NewChild> Children { get; init; } = [];

    /// <summary>The end of this instance, to be told to <see cref="Parent"/>.</summary>
    public HistoryEvent? Answer { get; init; }

    public ParentLink? Parent { get; init; }
}
