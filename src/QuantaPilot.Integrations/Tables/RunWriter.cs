using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Stores;

namespace QuantaPilot.Integrations.Tables;

/// <param name="Run">The run after the change; the same object if nothing changes.</param>
/// <param name="StuckReason">Why it is stuck, if it is.</param>
/// <param name="Events">What is appended with it.</param>
/// <param name="Result">The answer to the caller.</param>
internal sealed record RunChange<T>(RunSnapshot Run, string? StuckReason, IReadOnlyList<CloudEvent> Events, T Result);

/// <summary>
/// The one way in which a run changes: enter the lists that it will belong to, commit, leave the others and write to the log.
/// A crash in between leaves entries too many in lists, which readers drop, or events to be logged, which a repeat does.
/// </summary>
internal sealed class RunWriter(
    RunTable rows, RunLists lists, EventTable events, RunCache<StoredRun> cache, RunWatcher watcher, TimeProvider time)
{
    /// <summary>With pauses that grow to a second on average, some 20 s: enough for a hundred writers at one run.</summary>
    private const int Attempts = 30;
    private const double LongestPauseMilliseconds = 2000;

    /// <returns>False if there is a run of that id.</returns>
    public async Task<bool> CreateAsync(RunSnapshot run, CancellationToken cancellationToken)
    {
        var passing = RunLists.Passing(run, null);
        var entered = await lists.EnterAsync(run.Project, RunLists.Lasting(run).Concat(passing), cancellationToken);
        var entries = passing.Keys.ToDictionary(list => list, list => entered[list], StringComparer.Ordinal);
        if (await rows.InsertAsync(run, entries, cancellationToken) is not { } row) return false;
        Committed(row);
        return true;
    }

    /// <summary>Changes a run by what is decided upon its present state; decided anew if another writer came first.</summary>
    /// <exception cref="InvalidOperationException">There is no such run.</exception>
    /// <exception cref="RevisionGapException">From <paramref name="decide"/>.</exception>
    /// <exception cref="TimeoutException">Other writers came first each time; nothing was written.</exception>
    public async Task<(StoredRun Row, T Result)> WriteAsync<T>(
        RunId runId, Func<StoredRun, RunChange<T>> decide, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            if (cache.TryFind(runId, out var known))
            {
                // What was known may be out of date: it is good for a change, which the ETag guards, but not for an answer without one.
                if (TryDecide(known, decide) is { } guess && await TryCommitAsync(known, guess, cancellationToken) is { } done)
                    return (done, guess.Result);
                cache.Remove(runId);
            }
            var present = await rows.ReadAsync(runId, cancellationToken)
                ?? throw new InvalidOperationException($"There is no run {runId}.");
            var change = decide(present);
            var row = Changes(present, change) ? await TryCommitAsync(present, change, cancellationToken) : present;
            if (row is not null)
            {
                if (row == present) cache.Put(runId, row);
                return (row, change.Result);
            }
            await Task.Delay(Pause(attempt), time, cancellationToken);
        }
        throw new TimeoutException($"Run {runId} could not be written: other writers came first {Attempts} times.");
    }

    /// <returns>Null if nothing would change or the present state must be read to tell.</returns>
    private static RunChange<T>? TryDecide<T>(StoredRun known, Func<StoredRun, RunChange<T>> decide)
    {
        try
        {
            var change = decide(known);
            return Changes(known, change) ? change : null;
        }
        // What is missing may have been written by another instance since.
        catch (Exception e) when (e is RevisionGapException or InvalidOperationException)
        {
            return null;
        }
    }

    private static bool Changes<T>(StoredRun present, RunChange<T> change) =>
        !ReferenceEquals(change.Run, present.Run) || change.StuckReason != present.StuckReason;

    private async Task<StoredRun?> TryCommitAsync<T>(StoredRun present, RunChange<T> change, CancellationToken cancellationToken)
    {
        var before = RunLists.Passing(present.Run, present.StuckReason);
        var after = RunLists.Passing(change.Run, change.StuckReason);
        var entered = await lists.EnterAsync(change.Run.Project, after.Except(before), cancellationToken);
        var entries = after.Keys.Where(list => entered.ContainsKey(list) || present.Entries.ContainsKey(list))
            .ToDictionary(
                list => list, list => entered.TryGetValue(list, out var etag) ? etag : present.Entries[list], StringComparer.Ordinal);

        var added = await events.PrepareAsync(present.Run.RunId, change.Events, cancellationToken);
        var row = await rows.ReplaceAsync(
            present, change.Run, change.StuckReason, entries, added.Select(EventTable.Row), cancellationToken);
        if (row is null)
        {
            await events.DiscardAsync(added, cancellationToken);
            return null;
        }
        await Task.WhenAll(
        [
            events.LogAsync(added, cancellationToken),
            .. before.Except(after).Where(left => present.Entries.ContainsKey(left.Key))
                .Select(left => lists.LeaveAsync(left.Key, left.Value, present.Entries[left.Key], cancellationToken)),
        ]);
        Committed(row);
        return row;
    }

    private void Committed(StoredRun row)
    {
        cache.Put(row.Run.RunId, row);
        watcher.Tell(row.Run.RunId, row.Run.Status);
    }

    private static TimeSpan Pause(int attempt) =>
        TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * Math.Min(LongestPauseMilliseconds, 10 * Math.Pow(2, attempt)));
}
