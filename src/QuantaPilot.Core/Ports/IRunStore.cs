using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Ports;

/// <summary>
/// The product's own memory: run snapshots with their gates and votes, and the event log. Engines purge and cap their
/// histories, so no fact that a user can see lives only there. Every write is durable when it returns.
/// </summary>
public interface IRunStore
{
    /// <summary>Stores a queued run. Atomic: one run per id however many callers race.</summary>
    /// <returns>Null if this call stored it, else the run that was there.</returns>
    Task<RunSnapshot?> CreateAsync(RunSnapshot run, CancellationToken cancellationToken);

    /// <summary>
    /// The same with the entry in the audit log (<see cref="IAuditLog"/>), never the run without it: both in one transaction where
    /// the store can, else the entry first, as <see cref="AuditOutcome.Begun"/>, and settled after.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="entry">An accepted start. Where the run was there before there is none, or one without effect.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null if this call stored it, else the run that was there.</returns>
    Task<RunSnapshot?> CreateAsync(RunSnapshot run, AuditEntry entry, CancellationToken cancellationToken);

    Task<RunSnapshot?> GetAsync(RunId runId, CancellationToken cancellationToken);

    /// <summary>Runs, newest first.</summary>
    /// <exception cref="InvalidCursorException">The cursor was not handed out by this store.</exception>
    Task<RunPage> ListAsync(RunQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Applies events to the snapshot and appends the public ones to the log, all or none. Idempotent by revision: events
    /// that were applied before are passed over.
    /// </summary>
    /// <returns>The run as it stands after them.</returns>
    /// <exception cref="RevisionGapException">An earlier event is missing; nothing was written.</exception>
    Task<RunSnapshot> AppendAsync(RunId runId, IReadOnlyList<RunEvent> events, CancellationToken cancellationToken);

    /// <summary>Counts a vote (<see cref="RunSnapshotChanges.Vote"/>).</summary>
    /// <returns>The run after it and what became of the vote, or null if there is no such run.</returns>
    Task<(RunSnapshot Run, VoteResult Result)?> VoteAsync(
        RunId runId, string gate, Vote vote, string? headSha, CancellationToken cancellationToken);

    /// <summary>Times a gate out unless it has been decided (<see cref="RunSnapshotChanges.TimeOut"/>).</summary>
    /// <returns>The decision that came first, or null if the gate has timed out.</returns>
    Task<GateDecision?> TimeOutGateAsync(RunId runId, string gate, int request, CancellationToken cancellationToken);

    /// <summary>Notes by which run another is retried. Idempotent; a run that was deleted meanwhile is passed over.</summary>
    Task SetRetriedByAsync(RunId runId, RunId retriedBy, CancellationToken cancellationToken);

    /// <summary>Shows a run as <see cref="RunStatus.Stuck"/>, or again as what it was.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="reason">Why it is stuck; null if it no longer is.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task SetStuckAsync(RunId runId, string? reason, CancellationToken cancellationToken);

    /// <summary>Public events of one run after a sequence number, in order.</summary>
    Task<IReadOnlyList<LoggedEvent>> ReadEventsAsync(RunId runId, long afterSequence, int limit, CancellationToken cancellationToken);

    /// <summary>Public events of all runs after a position, in the order in which they were recorded.</summary>
    Task<IReadOnlyList<LoggedEvent>> ReadAllEventsAsync(long afterPosition, int limit, CancellationToken cancellationToken);

    /// <summary>The position of an event in the log of all runs, or null if there is no such event.</summary>
    Task<long?> FindPositionAsync(RunId runId, long sequence, CancellationToken cancellationToken);

    /// <summary>The position of the last event of all runs; 0 if there is none.</summary>
    Task<long> LastPositionAsync(CancellationToken cancellationToken);

    /// <summary>Completes when the snapshot's revision, votes or status may have changed after this call was made.</summary>
    /// <param name="runId">The run to watch, or null for all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <remarks>Ask first, then read, then await: a change between the reading and the waiting is then not missed.</remarks>
    Task WaitForChangeAsync(RunId? runId, CancellationToken cancellationToken);

    /// <summary>Runs that ended before a time, for retention; those that ended first come first.</summary>
    /// <param name="before">The bound, exclusive.</param>
    /// <param name="limit">At most so many; 1 to 200.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<RunId>> FindEndedAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken);

    /// <summary>Removes an ended run with its gates, votes and events. Idempotent; a repeat after a crash removes what is left.</summary>
    /// <exception cref="InvalidOperationException">The run has not ended; nothing was removed.</exception>
    Task DeleteAsync(RunId runId, CancellationToken cancellationToken);

    /// <summary>A token that is cancelled when the run is being cancelled (at once if it already is). Dispose to stop watching.</summary>
    ICancellationWatch WatchCancellation(RunId runId, CancellationToken cancellationToken);
}

public interface ICancellationWatch : IDisposable
{
    CancellationToken Token { get; }
}

/// <summary>Which runs to list. Every member that is set must match.</summary>
/// <param name="Status">The status shown.</param>
/// <param name="Project">The canonical repository name.</param>
/// <param name="CorrelationId">The caller's id.</param>
/// <param name="PendingGate">True for runs with a gate that waits for votes.</param>
/// <param name="Untold">True for runs with <see cref="RunSnapshot.HasUntold"/>.</param>
/// <param name="Limit">At most so many; 1 to 200.</param>
/// <param name="Cursor">From <see cref="RunPage.NextCursor"/>.</param>
public sealed record RunQuery(
    RunStatus? Status = null,
    string? Project = null,
    string? CorrelationId = null,
    bool PendingGate = false,
    bool Untold = false,
    int Limit = 50,
    string? Cursor = null);

/// <param name="Items">The runs.</param>
/// <param name="NextCursor">Opaque; null on the last page.</param>
public sealed record RunPage(IReadOnlyList<RunSnapshot> Items, string? NextCursor);

/// <param name="Position">Its place in the log of all runs.</param>
/// <param name="RunId">The run.</param>
/// <param name="Sequence">Its place in the log of the run.</param>
/// <param name="Project">The run's project.</param>
/// <param name="Json">The CloudEvents object (<see cref="CloudEvent"/>), UTF-8.</param>
public sealed record LoggedEvent(long Position, RunId RunId, long Sequence, string Project, ReadOnlyMemory<byte> Json);
