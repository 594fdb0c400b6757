using Azure;
using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Stores;

namespace QuantaPilot.Integrations.Tables;

/// <summary>
/// Runs and events on Azure Table Storage, for many instances at once. A run's snapshot and events change in one transaction
/// that is guarded by the snapshot's ETag: of two instances the first wins, and the other decides anew upon what it finds.
/// </summary>
public sealed class TablesRunStore : IRunStore
{
    /// <summary>Snapshots kept: a few kilobytes each, so at most some 20 MB.</summary>
    private const int CachedRuns = 4096;

    private readonly RunCache<StoredRun> _cache = new(CachedRuns, row => row.Version);
    private readonly Documents _documents;
    private readonly RunTable _rows;
    private readonly RunLists _lists;
    private readonly EventLog _log;
    private readonly EventTable _events;
    private readonly RunListing _listing;
    private readonly RunWatcher _watcher;
    private readonly RunWriter _writer;
    private readonly TablesAuditLog _audit;
    private readonly ILogger _logger;

    /// <param name="storage">The tables, made before the store is used (<see cref="TablesStorage.CreateAsync"/>).</param>
    /// <param name="options">Intervals.</param>
    /// <param name="time">The clock. Those of all instances are to agree to well within <see cref="TablesOptions.SettleTime"/>.</param>
    /// <param name="logger">For faults of what runs in the background.</param>
    public TablesRunStore(TablesStorage storage, TablesOptions options, TimeProvider time, ILogger<TablesRunStore> logger)
    {
        var runs = storage.Table(TablesStorage.Runs);
        _documents = new Documents(storage.Documents);
        _rows = new RunTable(runs, _documents);
        _lists = new RunLists(storage.Table(TablesStorage.RunLists));
        _log = new EventLog(storage.Table(TablesStorage.EventLog), _documents, options.SettleTime, time);
        _events = new EventTable(runs, _log, _documents);
        _listing = new RunListing(_lists, ReadAsync, time);
        _watcher = new RunWatcher(_rows, _log, _cache, options, time, logger);
        _writer = new RunWriter(_rows, _lists, _events, _cache, _watcher, time);
        _audit = new TablesAuditLog(storage);
        _logger = logger;
    }

    public async Task<RunSnapshot?> CreateAsync(RunSnapshot run, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await _writer.CreateAsync(run, cancellationToken)) return null;
            // None if it has just been deleted: then the way is free.
            if (await ReadAsync(run.RunId, cancellationToken) is { } present) return present.Shown;
        }
    }

    public async Task<RunSnapshot?> CreateAsync(RunSnapshot run, AuditEntry entry, CancellationToken cancellationToken)
    {
        // Other partitions than the run's, so that no transaction takes in both.
        await _audit.AddAsync(entry with { Outcome = AuditOutcome.Begun }, cancellationToken);
        var present = await CreateAsync(run, cancellationToken);
        try
        {
            await _audit.SettleAsync(entry, present is null ? AuditOutcome.Accepted : AuditOutcome.NoEffect, cancellationToken);
        }
#pragma warning disable CA1031 // The run is there, and the caller is told so: the entry goes on saying that nobody knows.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Logs.AuditNotSettled(_logger, e, entry.Id);
        }
        return present;
    }

    public async Task<RunSnapshot?> GetAsync(RunId runId, CancellationToken cancellationToken) =>
        (await ReadAsync(runId, cancellationToken))?.Shown;

    public Task<RunPage> ListAsync(RunQuery query, CancellationToken cancellationToken) => _listing.ListAsync(query, cancellationToken);

    public async Task<RunSnapshot> AppendAsync(RunId runId, IReadOnlyList<RunEvent> events, CancellationToken cancellationToken)
    {
        var logged = new HashSet<long>();
        while (true)
        {
            var (row, part) = await _writer.WriteAsync(runId, present => Append(present, events), cancellationToken);
            logged.UnionWith(part.Public.Select(e => e.Sequence));
            if (events.Count > 0 && row.Run.Revision < events[^1].Revision) continue;
            // Applied by an earlier call, which may have ended before it wrote to the log.
            await _events.LogAgainAsync(
                runId, [.. events.Select(e => e.Sequence ?? 0).Where(s => s > 0 && !logged.Contains(s))], cancellationToken);
            return row.Shown;
        }
    }

    public async Task<(RunSnapshot Run, VoteResult Result)?> VoteAsync(
        RunId runId, string gate, Vote vote, string? headSha, CancellationToken cancellationToken)
    {
        if (!_cache.TryFind(runId, out _) && await ReadAsync(runId, cancellationToken) is null) return null;
        var (row, result) = await _writer.WriteAsync(runId, present =>
        {
            var (run, outcome) = present.Run.Vote(gate, vote, headSha);
            return new RunChange<VoteResult>(run, present.StuckReason, [], outcome);
        }, cancellationToken);
        return (row.Shown, result);
    }

    public async Task<GateDecision?> TimeOutGateAsync(RunId runId, string gate, int request, CancellationToken cancellationToken)
    {
        var (_, decision) = await _writer.WriteAsync(runId, present =>
        {
            var (run, first) = present.Run.TimeOut(gate, request);
            return new RunChange<GateDecision?>(run, present.StuckReason, [], first);
        }, cancellationToken);
        return decision;
    }

    public async Task SetRetriedByAsync(RunId runId, RunId retriedBy, CancellationToken cancellationToken)
    {
        if (await ReadAsync(runId, cancellationToken) is null) return;
        await _writer.WriteAsync(runId, present =>
        {
            var run = present.Run.RetriedBy == retriedBy ? present.Run : present.Run with { RetriedBy = retriedBy };
            return new RunChange<bool>(run, present.StuckReason, [], true);
        }, cancellationToken);
    }

    public Task SetStuckAsync(RunId runId, string? reason, CancellationToken cancellationToken) =>
        _writer.WriteAsync(runId, present => new RunChange<bool>(present.Run, reason, [], true), cancellationToken);

    public Task<IReadOnlyList<LoggedEvent>> ReadEventsAsync(
        RunId runId, long afterSequence, int limit, CancellationToken cancellationToken) =>
        _events.ReadAsync(runId, afterSequence, limit, cancellationToken);

    public Task<IReadOnlyList<LoggedEvent>> ReadAllEventsAsync(long afterPosition, int limit, CancellationToken cancellationToken) =>
        _log.ReadAsync(afterPosition, limit, cancellationToken);

    public Task<long?> FindPositionAsync(RunId runId, long sequence, CancellationToken cancellationToken) =>
        _events.FindPositionAsync(runId, sequence, cancellationToken);

    public Task<long> LastPositionAsync(CancellationToken cancellationToken) => _log.LastAsync(cancellationToken);

    public Task WaitForChangeAsync(RunId? runId, CancellationToken cancellationToken) =>
        _watcher.WaitForChangeAsync(runId, cancellationToken);

    public ICancellationWatch WatchCancellation(RunId runId, CancellationToken cancellationToken) =>
        _watcher.Watch(runId, cancellationToken);

    public Task<IReadOnlyList<RunId>> FindEndedAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        _listing.FindEndedAsync(before, limit, cancellationToken);

    public async Task DeleteAsync(RunId runId, CancellationToken cancellationToken)
    {
        if (await _rows.ReadAsync(runId, cancellationToken) is not { } row) return;
        if (!row.Run.Status.HasEnded()) throw new InvalidOperationException($"The run {runId} has not ended.");
        await _events.DeleteAsync(runId, cancellationToken);
        if (row.Blob is not null)
        {
            // The document goes with the other blobs, and a repeat after a crash must still be able to read the run.
            await _writer.WriteAsync(runId, present => new RunChange<bool>(
                present.Run with { Gates = [], PullRequests = [], Milestones = [], Error = null }, present.StuckReason, [], true), cancellationToken);
        }
        await _documents.DeleteFolderAsync(runId.ToString(), cancellationToken);
        var lists = RunLists.Lasting(row.Run).Concat(RunLists.Passing(row.Run, row.StuckReason)).Where(list => list.Key != RunLists.Ended);
        await Task.WhenAll(lists.Select(list => _lists.LeaveAsync(list.Key, list.Value, ETag.All, cancellationToken)));
        await _rows.DeleteAsync(runId, cancellationToken);
        // Last, for by this entry a repeat finds a run that was deleted in part.
        await _lists.LeaveAsync(RunLists.Ended, Keys.Ended(row.Run), ETag.All, cancellationToken);
        _cache.Remove(runId);
        _watcher.Tell(runId, null);
    }

    private static RunChange<AppendedPart> Append(StoredRun present, IReadOnlyList<RunEvent> events)
    {
        var after = events.Aggregate(present.Run, RunSnapshotChanges.Apply);
        var (part, published) = EventTable.NextPart(present.Run, after, events);
        var run = part.Aggregate(present.Run, RunSnapshotChanges.Apply);
        return new RunChange<AppendedPart>(run, present.StuckReason, published, new AppendedPart(published));
    }

    private async Task<StoredRun?> ReadAsync(RunId runId, CancellationToken cancellationToken)
    {
        var row = await _rows.ReadAsync(runId, cancellationToken);
        if (row is not null) _cache.Put(runId, row);
        return row;
    }

    private sealed record AppendedPart(IReadOnlyList<Core.Contracts.CloudEvent> Public);
}
