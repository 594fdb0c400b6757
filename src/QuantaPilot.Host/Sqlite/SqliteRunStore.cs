using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Engine.Storage;
using QuantaPilot.Integrations.Stores;

namespace QuantaPilot.Host.Sqlite;

/// <summary>Runs and events in the host's one file.</summary>
public sealed class SqliteRunStore : IRunStore
{
    /// <summary>Decoded snapshots kept: a few kilobytes each, so at most some 20 MB.</summary>
    private const int CachedSnapshots = 4096;

    private readonly SqliteFile _file;
    private readonly RunCache<RunRow> _cache = new(CachedSnapshots, row => row.Version);
    private readonly ChangeNotifier _changes = new();
    private readonly CancellationWatches _watches = new();
    private readonly RunRows _rows;
    private readonly EventRows _events;

    public SqliteRunStore(SqliteFile file)
    {
        _file = file;
        _rows = new RunRows(_cache);
        _events = new EventRows(file);
    }

    public Task<RunSnapshot?> CreateAsync(RunSnapshot run, CancellationToken cancellationToken) => InsertAsync(run, null);

    public Task<RunSnapshot?> CreateAsync(RunSnapshot run, AuditEntry entry, CancellationToken cancellationToken) =>
        InsertAsync(run, entry);

    public Task<RunSnapshot?> GetAsync(RunId runId, CancellationToken cancellationToken) => Task.FromResult(Find(runId)?.Shown);

    public Task<RunPage> ListAsync(RunQuery query, CancellationToken cancellationToken)
    {
        var (sql, values) = RunListing.For(query);
        var runs = _file.Read(session =>
        {
            var rows = new List<RunRow>();
            using var reader = session.Query(sql, values);
            while (reader.Read()) rows.Add(RunRows.Read(reader));
            return rows;
        });
        var more = runs.Count > query.Limit;
        if (more) runs.RemoveAt(runs.Count - 1);
        return Task.FromResult(new RunPage([.. runs.Select(row => row.Shown)], more ? ListCursor.Runs.Encode(runs[^1].Position) : null));
    }

    public async Task<RunSnapshot> AppendAsync(RunId runId, IReadOnlyList<RunEvent> events, CancellationToken cancellationToken)
    {
        var (row, gap) = await _file.WriteAsync<(RunRow, RevisionGapException?)>(session =>
        {
            var present = Require(session, runId);
            RunSnapshot run;
            try
            {
                run = events.Aggregate(present.Run, RunSnapshotChanges.Apply);
            }
            catch (RevisionGapException e)
            {
                // Nothing is written yet: answered as a value, it does not undo the others of the group.
                return (present, e);
            }
            if (run.Revision == present.Run.Revision) return (present, null);
            EventRows.Append(session, present, run, events);
            return (RunRows.Update(session, present, run, present.StuckReason), null);
        });
        if (gap is not null) throw gap;
        Committed(row);
        return row.Shown;
    }

    public async Task<(RunSnapshot Run, VoteResult Result)?> VoteAsync(
        RunId runId, string gate, Vote vote, string? headSha, CancellationToken cancellationToken)
    {
        // A vote that changes nothing is answered from the last commit, without the writer.
        if (Find(runId) is not { } seen) return null;
        var (unchanged, early) = seen.Run.Vote(gate, vote, headSha);
        if (ReferenceEquals(unchanged, seen.Run)) return (seen.Shown, early);

        var (row, result) = await _file.WriteAsync(session =>
        {
            var present = Require(session, runId);
            var (run, outcome) = present.Run.Vote(gate, vote, headSha);
            return (ReferenceEquals(run, present.Run) ? present : RunRows.Update(session, present, run, present.StuckReason), outcome);
        }, WriteLane.Caller);
        Committed(row);
        return (row.Shown, result);
    }

    public async Task<GateDecision?> TimeOutGateAsync(RunId runId, string gate, int request, CancellationToken cancellationToken)
    {
        var (row, decision) = await _file.WriteAsync(session =>
        {
            var present = Require(session, runId);
            var (run, first) = present.Run.TimeOut(gate, request);
            return (ReferenceEquals(run, present.Run) ? present : RunRows.Update(session, present, run, present.StuckReason), first);
        });
        Committed(row);
        return decision;
    }

    public async Task SetRetriedByAsync(RunId runId, RunId retriedBy, CancellationToken cancellationToken)
    {
        var row = await _file.WriteAsync(session => _rows.Find(session, runId) is { } present && present.Run.RetriedBy != retriedBy
            ? RunRows.Update(session, present, present.Run with { RetriedBy = retriedBy }, present.StuckReason)
            : null, WriteLane.Caller);
        if (row is not null) Committed(row);
    }

    public async Task SetStuckAsync(RunId runId, string? reason, CancellationToken cancellationToken)
    {
        var row = await _file.WriteAsync(session =>
        {
            var present = Require(session, runId);
            return present.StuckReason == reason ? present : RunRows.Update(session, present, present.Run, reason);
        });
        Committed(row);
    }

    public Task<IReadOnlyList<RunId>> FindEndedAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        Task.FromResult(_file.Read(session => RunRows.FindEnded(session, before, limit)));

    public async Task DeleteAsync(RunId runId, CancellationToken cancellationToken)
    {
        var ended = await _file.WriteAsync(session =>
        {
            if (_rows.Find(session, runId) is not { } row) return true;
            if (!row.Run.Status.HasEnded()) return false;
            EventRows.Delete(session, row);
            RunRows.Delete(session, row);
            return true;
        });
        if (!ended) throw new InvalidOperationException($"The run {runId} has not ended.");
        _changes.Notify(runId);
    }

    public Task<IReadOnlyList<LoggedEvent>> ReadEventsAsync(
        RunId runId, long afterSequence, int limit, CancellationToken cancellationToken) =>
        Task.FromResult(_events.Read(runId, afterSequence, limit));

    public Task<IReadOnlyList<LoggedEvent>> ReadAllEventsAsync(long afterPosition, int limit, CancellationToken cancellationToken) =>
        Task.FromResult(_events.ReadAll(afterPosition, limit));

    public Task<long?> FindPositionAsync(RunId runId, long sequence, CancellationToken cancellationToken) =>
        Task.FromResult(_events.FindPosition(runId, sequence));

    public Task<long> LastPositionAsync(CancellationToken cancellationToken) => Task.FromResult(_events.LastPosition());

    public Task WaitForChangeAsync(RunId? runId, CancellationToken cancellationToken) => _changes.WaitAsync(runId, cancellationToken);

    public ICancellationWatch WatchCancellation(RunId runId, CancellationToken cancellationToken)
    {
        var watch = _watches.Add(runId, cancellationToken);
        // Registered first, read second: a cancellation that this read does not see is told to the watch.
        if (Find(runId) is { } row && CancellationWatches.IsCancelling(row.Run.Status)) watch.Cancel();
        return watch;
    }

    private async Task<RunSnapshot?> InsertAsync(RunSnapshot run, AuditEntry? entry)
    {
        var (added, present) = await _file.WriteAsync(session =>
        {
            if (RunRows.Insert(session, run) is not { } row) return ((RunRow?)null, _rows.Find(session, run.RunId));
            if (entry is not null) AuditRows.Insert(session, entry);
            return (row, null);
        }, WriteLane.Caller);
        if (added is null) return present!.Shown;
        Committed(added);
        return null;
    }

    private RunRow? Find(RunId runId)
    {
        var row = _file.Read(session => _rows.Find(session, runId));
        if (row is not null) _cache.Put(row.Run.RunId, row);
        return row;
    }

    private RunRow Require(SqliteSession session, RunId runId) =>
        _rows.Find(session, runId) ?? throw new InvalidOperationException($"There is no run {runId}.");

    private void Committed(RunRow row)
    {
        _cache.Put(row.Run.RunId, row);
        if (CancellationWatches.IsCancelling(row.Run.Status)) _watches.Cancel(row.Run.RunId);
        _changes.Notify(row.Run.RunId);
    }
}
