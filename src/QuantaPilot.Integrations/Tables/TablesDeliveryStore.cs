using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Tables;

/// <summary>
/// Deliveries on Azure Table Storage. A delivery's row is changed under its ETag. Rows of lists are written beside it: a
/// delivery that a crash left out of a list is put there by the repeat of its activity, and one that is no longer what its list
/// says is passed over.
/// </summary>
public sealed class TablesDeliveryStore(TablesStorage storage) : IDeliveryStore
{
    private const string Document = "Document";

    /// <summary>Each round has a winner, so a change loses to at most as many others as come at the same moment.</summary>
    private const int MaxRounds = 50;

    private readonly TableClient _table = storage.Table(TablesStorage.Deliveries);

    public async Task<IReadOnlyList<Delivery>> FindAsync(DeliveryBatch batch, CancellationToken cancellationToken)
    {
        var rows = await Task.WhenAll(batch.Sequences.Select(sequence => FindAsync(batch.RunId, batch.Sink, sequence, cancellationToken)));
        return [.. rows.OfType<TableEntity>().Select(Read)];
    }

    public async Task<IReadOnlyList<Delivery>> UpdateAsync(
        DeliveryBatch batch, Func<long, Delivery?, Delivery?> change, CancellationToken cancellationToken)
    {
        var after = await Task.WhenAll(batch.Sequences.Select(sequence => UpdateAsync(batch, sequence, change, cancellationToken)));
        return [.. after.OfType<Delivery>()];
    }

    public Task<DeliveryPage> ListAsync(DeliveryQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, 200);
        return query.RunId is { } runId ? ListOfRunAsync(runId, query, cancellationToken) : ListOfAllAsync(query, cancellationToken);
    }

    public async Task DeleteOfRunAsync(RunId runId, CancellationToken cancellationToken)
    {
        await foreach (var row in _table.QueryAsync<TableEntity>($"PartitionKey eq '{runId}'", cancellationToken: cancellationToken))
        {
            var delivery = Read(row);
            var key = DeliveryKeys.Listed(delivery);
            await Task.WhenAll(DeliveryKeys.Lists(delivery.Sink).Select(list => DeleteAsync(list, key, cancellationToken)));
            // Last, for a repeat finds by it what is left.
            await DeleteAsync(row.PartitionKey, row.RowKey, cancellationToken);
        }
    }

    private async Task<Delivery?> UpdateAsync(
        DeliveryBatch batch, long sequence, Func<long, Delivery?, Delivery?> change, CancellationToken cancellationToken)
    {
        for (var round = 1; ; round++)
        {
            var row = await FindAsync(batch.RunId, batch.Sink, sequence, cancellationToken);
            var present = row is null ? null : Read(row);
            if ((change(sequence, present) ?? present) is not { } changed) return null;
            try
            {
                // Before, so that no crash hides what it has become; a new one's place in the lists is not settled until it is there.
                if (row is not null) await EnlistAsync(changed, cancellationToken);
                if (!ReferenceEquals(changed, present)) await PutAsync(changed, row?.ETag, cancellationToken);
                if (row is null) await EnlistAsync(changed, cancellationToken);
                if (present is not null && present.Status != changed.Status && DeliveryKeys.Status(present.Status) is { } former)
                    await DeleteAsync(former, DeliveryKeys.Listed(changed), cancellationToken);
                return changed;
            }
            catch (RequestFailedException e) when (e.Status is 404 or 409 or 412 && round < MaxRounds)
            {
                // Made, changed or removed by another meanwhile: look again.
            }
        }
    }

    private async Task PutAsync(Delivery delivery, ETag? etag, CancellationToken cancellationToken)
    {
        var row = new TableEntity($"{delivery.RunId}", DeliveryKeys.Row(delivery.Sink, delivery.Sequence))
        {
            [Document] = JsonSerializer.SerializeToUtf8Bytes(delivery, CoreJson.Default.Delivery),
        };
        if (etag is { } known) await _table.UpdateEntityAsync(row, known, TableUpdateMode.Replace, cancellationToken);
        else await _table.AddEntityAsync(row, cancellationToken);
    }

    private async Task EnlistAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        var key = DeliveryKeys.Listed(delivery);
        string?[] lists = [DeliveryKeys.All, DeliveryKeys.Sink(delivery.Sink), DeliveryKeys.Status(delivery.Status)];
        await Task.WhenAll(lists.OfType<string>().Select(list =>
            _table.UpsertEntityAsync(new TableEntity(list, key), TableUpdateMode.Replace, cancellationToken)));
    }

    private async Task<DeliveryPage> ListOfRunAsync(RunId runId, DeliveryQuery query, CancellationToken cancellationToken)
    {
        var list = $"{runId}";
        var after = query.Cursor is { } cursor ? DeliveryKeys.DecodeCursor(list, cursor) : "";
        var found = new List<Delivery>();
        // A run has tens of events.
        await foreach (var row in _table.QueryAsync<TableEntity>($"PartitionKey eq '{runId}'", cancellationToken: cancellationToken))
        {
            var delivery = Read(row);
            if (Matches(delivery, query) && string.CompareOrdinal(DeliveryKeys.Listed(delivery), after) > 0) found.Add(delivery);
        }
        return Page(list, [.. found.OrderBy(DeliveryKeys.Listed, StringComparer.Ordinal).Take(query.Limit + 1)], query.Limit);
    }

    private async Task<DeliveryPage> ListOfAllAsync(DeliveryQuery query, CancellationToken cancellationToken)
    {
        var list = (query.Status is { } status ? DeliveryKeys.Status(status) : null)
            ?? (query.Sink is { } sink ? DeliveryKeys.Sink(sink) : DeliveryKeys.All);
        var after = query.Cursor is { } cursor ? DeliveryKeys.DecodeCursor(list, cursor) : "";
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {list} and RowKey gt {after}");
        var found = new List<Delivery>();
        var rows = _table.QueryAsync<TableEntity>(filter, maxPerPage: query.Limit + 1, cancellationToken: cancellationToken);
        await foreach (var page in rows.AsPages().WithCancellation(cancellationToken))
        {
            var ids = page.Values.Select(row => DeliveryKeys.IdOf(row.RowKey));
            var own = await Task.WhenAll(ids.Select(id => FindAsync(id.RunId, id.Sink, id.Sequence, cancellationToken)));
            found.AddRange(own.OfType<TableEntity>().Select(Read).Where(delivery => Matches(delivery, query)));
            if (found.Count > query.Limit) break;
        }
        return Page(list, found, query.Limit);
    }

    private static DeliveryPage Page(string list, List<Delivery> found, int limit)
    {
        if (found.Count <= limit) return new DeliveryPage(found, null);
        return new DeliveryPage([.. found.Take(limit)], DeliveryKeys.EncodeCursor(list, DeliveryKeys.Listed(found[limit - 1])));
    }

    private static bool Matches(Delivery delivery, DeliveryQuery query) =>
        (query.Sink is null || delivery.Sink == query.Sink) && (query.Status is null || delivery.Status == query.Status);

    private async Task<TableEntity?> FindAsync(RunId runId, string sink, long sequence, CancellationToken cancellationToken)
    {
        var found = await _table.GetEntityIfExistsAsync<TableEntity>(
            $"{runId}", DeliveryKeys.Row(sink, sequence), cancellationToken: cancellationToken);
        return found.HasValue ? found.Value : null;
    }

    /// <summary>One that is gone already is passed over.</summary>
    private async Task DeleteAsync(string partition, string row, CancellationToken cancellationToken) =>
        await _table.DeleteEntityAsync(partition, row, ETag.All, cancellationToken);

    private static Delivery Read(TableEntity row) =>
        JsonSerializer.Deserialize(row.GetBinary(Document), CoreJson.Default.Delivery)
        ?? throw new InvalidOperationException("An empty document was stored.");
}
