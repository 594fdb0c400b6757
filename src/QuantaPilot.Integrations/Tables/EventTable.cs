using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Tables;

/// <summary>
/// The events of a run: rows in its partition, as the bytes that every reader gets, and the same in the log over all runs.
/// </summary>
internal sealed class EventTable(TableClient table, EventLog log, Documents documents)
{
    private const string Position = "Position";
    private const string Project = "Project";

    /// <summary>A transaction may have 100 operations (Azure's limit); one is the run's own row.</summary>
    private const int LargestPart = 99;

    /// <summary>
    /// A transaction may have 4 MiB (Azure's limit), in which bytes take a third more as base64, and the run has its row.
    /// </summary>
    private const int LargestPartBytes = 2_500_000;

    /// <summary>As many of the events that the run has not seen as go into one transaction, in order.</summary>
    /// <returns>All of the events' bytes are those of the run as it stands after the last, however many transactions it takes.</returns>
    public static (IReadOnlyList<RunEvent> Part, IReadOnlyList<CloudEvent> Public) NextPart(
        RunSnapshot present, RunSnapshot after, IEnumerable<RunEvent> events)
    {
        var part = new List<RunEvent>();
        var published = new List<CloudEvent>();
        var bytes = 0;
        foreach (var e in events.Where(e => e.Revision > present.Revision))
        {
            if (CloudEvent.From(after, e) is { } cloudEvent)
            {
                bytes += Math.Min(Serialize(cloudEvent).Length, Documents.LargestInline);
                if (published.Count == LargestPart || (published.Count > 0 && bytes > LargestPartBytes)) break;
                published.Add(cloudEvent);
            }
            part.Add(e);
        }
        return (part, published);
    }

    /// <summary>
    /// What is to be written of events: each gets its position in the log before the transaction, so that a repeat knows it.
    /// </summary>
    public async Task<IReadOnlyList<LogEntry>> PrepareAsync(
        RunId runId, IEnumerable<CloudEvent> events, CancellationToken cancellationToken)
    {
        var entries = new List<LogEntry>();
        foreach (var e in events)
        {
            var document = await documents.StoreAsync(runId.ToString(), $"event-{e.Sequence}", Serialize(e), cancellationToken);
            entries.Add(new LogEntry(log.NextPosition(), runId, e.Sequence, e.Project, document));
        }
        return entries;
    }

    public static TableEntity Row(LogEntry entry)
    {
        var row = new TableEntity(entry.RunId.ToString(), Keys.Event(entry.Sequence)) { [Position] = entry.Position, [Project] = entry.Project };
        entry.Document.WriteTo(row);
        return row;
    }

    /// <summary>Deletes the blobs of events that were not written after all.</summary>
    public Task DiscardAsync(IEnumerable<LogEntry> entries, CancellationToken cancellationToken) =>
        Task.WhenAll(entries.Select(entry => documents.DeleteAsync(entry.Document.Blob, cancellationToken)));

    /// <summary>Puts events that were just written to the run into the log.</summary>
    public async Task LogAsync(IReadOnlyList<LogEntry> entries, CancellationToken cancellationToken)
    {
        if (entries.Count == 0) return;
        var first = entries[0];
        if (!log.IsTooLate(first.Position))
        {
            await log.WriteAsync(entries, cancellationToken);
            if (!log.IsPassed(first.Position)) return;
        }
        var sequences = entries.Select(entry => entry.Sequence).ToList();
        await foreach (var row in QueryAsync(first.RunId, sequences[0] - 1, sequences[^1], 1000, cancellationToken))
            await PlaceAsync(first.RunId, row, cancellationToken);
    }

    /// <summary>
    /// Sees to it that events that were written to the run before are in the log. One that is not, and whose position readers may
    /// have passed already, gets a new one.
    /// </summary>
    public async Task LogAgainAsync(RunId runId, IReadOnlyCollection<long> sequences, CancellationToken cancellationToken)
    {
        if (sequences.Count == 0) return;
        var rows = new List<TableEntity>();
        await foreach (var row in QueryAsync(runId, sequences.Min() - 1, sequences.Max(), 1000, cancellationToken)) rows.Add(row);
        foreach (var row in rows)
        {
            var position = row.GetInt64(Position)!.Value;
            if (!log.IsTooLate(position) || !await log.HasAsync(position, runId, cancellationToken))
                await PlaceAsync(runId, row, cancellationToken);
        }
    }

    public async Task<IReadOnlyList<LoggedEvent>> ReadAsync(RunId runId, long after, int limit, CancellationToken cancellationToken)
    {
        var events = new List<LoggedEvent>();
        if (after == long.MaxValue) return events;
        await foreach (var row in QueryAsync(runId, after, null, limit, cancellationToken))
        {
            // None if the run is just being deleted.
            if (await documents.LoadAsync(row, cancellationToken) is not { } json) continue;
            events.Add(new LoggedEvent(row.GetInt64(Position)!.Value, runId, SequenceOf(row), row.GetString(Project), json));
            if (events.Count == limit) break;
        }
        return events;
    }

    public async Task<long?> FindPositionAsync(RunId runId, long sequence, CancellationToken cancellationToken)
    {
        var found = await table.GetEntityIfExistsAsync<TableEntity>(runId.ToString(), Keys.Event(sequence), [Position], cancellationToken);
        return found.HasValue ? found.Value!.GetInt64(Position) : null;
    }

    /// <summary>Removes the events of a run, those of the log first: the run's rows say where they are.</summary>
    public async Task DeleteAsync(RunId runId, CancellationToken cancellationToken)
    {
        await foreach (var page in QueryAsync(runId, 0, null, 100, cancellationToken).AsPages().WithCancellation(cancellationToken))
        {
            if (page.Values.Count == 0) continue;
            await log.DeleteAsync(runId, [.. page.Values.Select(row => row.GetInt64(Position)!.Value)], cancellationToken);
            await table.SubmitTransactionAsync(
                page.Values.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row, ETag.All)), cancellationToken);
        }
    }

    /// <summary>Writes an event to the log at a place that readers have not passed when it is there.</summary>
    private async Task PlaceAsync(RunId runId, TableEntity row, CancellationToken cancellationToken)
    {
        var position = row.GetInt64(Position)!.Value;
        var document = new StoredDocument(row.GetBinary(Documents.Inline), row.GetString(Documents.Blob));
        while (true)
        {
            if (log.IsTooLate(position))
            {
                // Readers may have passed the place, perhaps while the entry was being written there: then it moves to a new one.
                var moved = log.NextPosition();
                row[Position] = moved;
                try
                {
                    var response = await table.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace, cancellationToken);
                    row.ETag = response.Headers.ETag!.Value;
                }
                catch (RequestFailedException e) when (RunTable.IsConflict(e))
                {
                    // Another repeat has moved it, and puts it into the log; or the run is gone.
                    return;
                }
                await log.DeleteAsync(runId, [position], cancellationToken);
                position = moved;
            }
            await log.WriteAsync([new LogEntry(position, runId, SequenceOf(row), row.GetString(Project), document)], cancellationToken);
            if (!log.IsPassed(position)) return;
        }
    }

    private AsyncPageable<TableEntity> QueryAsync(RunId runId, long after, long? last, int pageSize, CancellationToken cancellationToken)
    {
        var end = last is { } sequence ? $"RowKey le '{Keys.Event(sequence)}'" : $"RowKey lt '{Keys.AfterEvents}'";
        var filter = $"PartitionKey eq '{runId}' and RowKey ge '{Keys.Event(after + 1)}' and {end}";
        return table.QueryAsync<TableEntity>(filter, Math.Min(pageSize, 1000), null, cancellationToken);
    }

    private static long SequenceOf(TableEntity row) => Keys.SequenceOf(row.RowKey);

    private static byte[] Serialize(CloudEvent e) => JsonSerializer.SerializeToUtf8Bytes(e, CoreJson.Default.CloudEvent);
}
