using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Tables;

/// <summary>Pages of runs: walks the shortest list that holds all of them and checks each entry against its run.</summary>
internal sealed class RunListing(RunLists lists, Func<RunId, CancellationToken, Task<StoredRun?>> read, TimeProvider time)
{
    private const int ParallelReads = 32;

    /// <summary>
    /// An entry that does not fit its run may have been written by one that is just about to change the run. No write takes so
    /// long, retries included.
    /// </summary>
    private static readonly TimeSpan _staleAge = TimeSpan.FromMinutes(10);

    public async Task<RunPage> ListAsync(RunQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, 200);
        var after = query.Cursor is { } cursor ? RunCursor.Decode(cursor) : null;
        // One more than asked for, to tell whether there is a next page.
        var wanted = query.Limit + 1;
        var entries = lists.WalkAsync(Source(query), after, null, wanted, cancellationToken);
        var found = await CollectAsync(entries, row => Matches(query, row), wanted, cancellationToken);
        var more = found.Count == wanted;
        if (more) found.RemoveAt(found.Count - 1);
        return new RunPage([.. found.Select(row => row.Shown)], more ? RunCursor.Encode(Keys.Listed(found[^1].Run)) : null);
    }

    public async Task<IReadOnlyList<RunId>> FindEndedAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 200);
        var entries = lists.WalkAsync((RunLists.Ended, null), null, Keys.Position(before.UtcTicks), limit, cancellationToken);
        var found = await CollectAsync(entries, _ => true, limit, cancellationToken);
        return [.. found.Select(row => row.Run.RunId)];
    }

    /// <summary>The list, and the project whose entries of it are wanted if it has those of others too.</summary>
    private static (string List, string? Project) Source(RunQuery query) => query switch
    {
        { CorrelationId: { } correlationId } => (RunLists.OfCorrelation(correlationId), null),
        { PendingGate: true } => (RunLists.Waiting, query.Project),
        { Status: { } status } when !status.HasEnded() => (RunLists.OfStatus(status), query.Project),
        { Untold: true } => (RunLists.Active, query.Project),
        { Project: { } project, Status: { } status } => (RunLists.OfProject(project, status), null),
        { Project: { } project } => (RunLists.OfProject(project), null),
        { Status: { } status } => (RunLists.OfStatus(status), null),
        _ => (RunLists.All, null),
    };

    private static bool Matches(RunQuery query, StoredRun row)
    {
        var run = row.Run;
        return (query.Status is not { } status || row.Shown.Status == status)
            && (query.Project is null || run.Project == query.Project)
            && (query.CorrelationId is null || run.CorrelationId == query.CorrelationId)
            && (!query.PendingGate || (run.PendingGate is not null && !run.Status.HasEnded()))
            && (!query.Untold || run.HasUntold);
    }

    private async Task<List<StoredRun>> CollectAsync(
        IAsyncEnumerable<ListEntry> entries, Func<StoredRun, bool> matches, int wanted, CancellationToken cancellationToken)
    {
        var found = new List<StoredRun>();
        var chunk = new List<ListEntry>();
        await foreach (var entry in entries)
        {
            chunk.Add(entry);
            if (chunk.Count < Math.Min(wanted - found.Count, ParallelReads)) continue;
            await CheckAsync();
            if (found.Count == wanted) return found;
        }
        await CheckAsync();
        return found;

        async Task CheckAsync()
        {
            var rows = await Task.WhenAll(chunk.Select(entry => read(Keys.RunIdOf(entry.Key), cancellationToken)));
            foreach (var (entry, row) in chunk.Zip(rows))
            {
                if (!RunLists.Belongs(entry, row)) await DropAsync(entry, cancellationToken);
                else if (matches(row!) && (found.Count == 0 || found[^1].Run.RunId != row!.Run.RunId)) found.Add(row!);
            }
            chunk.Clear();
        }
    }

    private Task DropAsync(ListEntry entry, CancellationToken cancellationToken) => time.GetUtcNow() - entry.At > _staleAge
        ? lists.LeaveAsync(entry.List, entry.Key, entry.ETag, cancellationToken)
        : Task.CompletedTask;
}
