using Azure;
using Azure.Data.Tables;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Tables;

/// <param name="Position">Its place in the log.</param>
/// <param name="RunId">The run.</param>
/// <param name="Sequence">Its place in the log of the run.</param>
/// <param name="Project">The run's project.</param>
/// <param name="Document">The CloudEvents object.</param>
internal sealed record LogEntry(long Position, RunId RunId, long Sequence, string Project, StoredDocument Document);

/// <summary>
/// The log over all runs, without a counter that all writers would have to queue for. A position is the time of writing; since
/// an earlier one may become visible after a later one, readers are held back by the settle time. One partition per hour; a small
/// row per hour that has any lets readers pass over the others.
/// </summary>
internal sealed class EventLog(TableClient table, Documents documents, TimeSpan settleTime, TimeProvider time)
{
    private const string Sequence = "Sequence";
    private const string Project = "Project";

    /// <summary>
    /// Positions are multiples of this, 102 µs, and a number of the instance's own, so that two instances hardly ever hit upon one.
    /// </summary>
    private const long Step = 1024;

    /// <summary>Readers pass a position after the settle time; from half of that on it is too late to write there.</summary>
    private readonly TimeSpan _tooLate = TimeSpan.FromTicks(Math.Max(settleTime.Ticks / 2, TimeSpan.TicksPerSecond));

    /// <summary>No sooner than it is too late: readers that wait for less than a write takes would have passed every place.</summary>
    private readonly TimeSpan _passed = TimeSpan.FromTicks(Math.Max(settleTime.Ticks, TimeSpan.TicksPerSecond));

    private readonly Lock _lock = new();
    private readonly long _slot = Random.Shared.NextInt64(Step);
    private long _given;
    private long _lastSeen;
    private string _hour = "";

    /// <summary>A place at the end, later than all that this instance was given.</summary>
    public long NextPosition()
    {
        lock (_lock) return _given = Math.Max((time.GetUtcNow().UtcTicks / Step * Step) + _slot, _given + Step);
    }

    public bool IsTooLate(long position) => time.GetUtcNow().UtcTicks - position > _tooLate.Ticks;

    /// <summary>True if readers may have gone beyond the position.</summary>
    public bool IsPassed(long position) => time.GetUtcNow().UtcTicks - position > _passed.Ticks;

    public async Task<bool> HasAsync(long position, RunId runId, CancellationToken cancellationToken) => (await table
        .GetEntityIfExistsAsync<TableEntity>(Keys.Hour(position), Keys.Logged(position, runId), [Sequence], cancellationToken)).HasValue;

    /// <summary>Writes entries at their positions. Idempotent.</summary>
    public async Task WriteAsync(IReadOnlyList<LogEntry> entries, CancellationToken cancellationToken)
    {
        foreach (var hour in entries.GroupBy(entry => Keys.Hour(entry.Position)))
        {
            if (_hour != hour.Key)
            {
                // Before the first event of the hour: whoever sees the event also sees the hour.
                await table.UpsertEntityAsync(new TableEntity(Keys.Hours, hour.Key), TableUpdateMode.Replace, cancellationToken);
                _hour = hour.Key;
            }
            var rows = hour.Select(entry => Row(hour.Key, entry)).ToArray();
            // As many as there are events in a transaction of a run, so they fit.
            if (rows.Length == 1) await table.UpsertEntityAsync(rows[0], TableUpdateMode.Replace, cancellationToken);
            else
                await table.SubmitTransactionAsync(
                    rows.Select(row => new TableTransactionAction(TableTransactionActionType.UpsertReplace, row)), cancellationToken);
        }
    }

    public async Task<IReadOnlyList<LoggedEvent>> ReadAsync(long after, int limit, CancellationToken cancellationToken)
    {
        var events = new List<LoggedEvent>();
        var upTo = Settled;
        await foreach (var hour in HoursAsync(after, upTo, cancellationToken))
        {
            await foreach (var row in QueryAsync(hour, after, upTo, null, Math.Min(limit - events.Count, 1000), cancellationToken))
            {
                // None if the run has been deleted since.
                if (await documents.LoadAsync(row, cancellationToken) is not { } json) continue;
                events.Add(new LoggedEvent(
                    Keys.PositionOf(row.RowKey), Keys.RunIdOf(row.RowKey), row.GetInt64(Sequence)!.Value, row.GetString(Project), json));
                if (events.Count == limit) return events;
            }
        }
        return events;
    }

    /// <summary>The position of the last event that readers see; 0 if there is none.</summary>
    public async Task<long> LastAsync(CancellationToken cancellationToken)
    {
        var upTo = Settled;
        var seen = Interlocked.Read(ref _lastSeen);
        var hours = new List<string>();
        await foreach (var hour in HoursAsync(seen, upTo, cancellationToken)) hours.Add(hour);
        for (var i = hours.Count - 1; i >= 0; i--)
        {
            var last = seen;
            await foreach (var row in QueryAsync(hours[i], seen, upTo, ["RowKey"], 1000, cancellationToken)) last = Keys.PositionOf(row.RowKey);
            if (last == seen) continue;
            lock (_lock) return _lastSeen = Math.Max(_lastSeen, last);
        }
        return seen;
    }

    /// <summary>The bound of what readers see at present, inclusive.</summary>
    public long Settled => Math.Max((time.GetUtcNow() - settleTime).UtcTicks, 0);

    public async Task DeleteAsync(RunId runId, IReadOnlyList<long> positions, CancellationToken cancellationToken)
    {
        await Task.WhenAll(positions.Select(position =>
            table.DeleteEntityAsync(Keys.Hour(position), Keys.Logged(position, runId), ETag.All, cancellationToken)));
        foreach (var hour in positions.GroupBy(Keys.Hour))
        {
            // Nothing is written to an hour that is long past, so one that is found empty stays so.
            if (time.GetUtcNow().UtcTicks - hour.Max() < TimeSpan.TicksPerDay) continue;
            if (!await QueryAsync(hour.Key, 0, Settled, ["RowKey"], 1, cancellationToken).AnyAsync(cancellationToken))
                await table.DeleteEntityAsync(Keys.Hours, hour.Key, ETag.All, cancellationToken);
        }
    }

    /// <summary>The hours that may hold events between two positions, in order.</summary>
    private async IAsyncEnumerable<string> HoursAsync(
        long after, long upTo, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (after >= upTo) yield break;
        var (first, last) = (Keys.Hour(after), Keys.Hour(upTo));
        if (after > 0) yield return first;
        if (first == last) yield break;
        var filter = $"PartitionKey eq '{Keys.Hours}' and RowKey gt '{first}' and RowKey le '{last}'";
        await foreach (var row in table.QueryAsync<TableEntity>(filter, null, ["RowKey"], cancellationToken)) yield return row.RowKey;
    }

    private AsyncPageable<TableEntity> QueryAsync(
        string hour, long after, long upTo, string[]? columns, int pageSize, CancellationToken cancellationToken) => table.QueryAsync<TableEntity>(
        $"PartitionKey eq '{hour}' and RowKey ge '{Keys.Position(after + 1)}' and RowKey lt '{Keys.Position(upTo + 1)}'",
        pageSize,
        columns,
        cancellationToken);

    private static TableEntity Row(string hour, LogEntry entry)
    {
        var row = new TableEntity(hour, Keys.Logged(entry.Position, entry.RunId))
        {
            [Sequence] = entry.Sequence,
            [Project] = entry.Project,
        };
        entry.Document.WriteTo(row);
        return row;
    }
}
