using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Subscriptions;

namespace QuantaPilot.Integrations.Tables;

/// <summary>Subscriptions on Azure Table Storage, a row each, changed under its ETag.</summary>
public sealed class TablesSubscriptionStore(TablesStorage storage, TimeProvider time) : ISubscriptionStore, IDisposable
{
    private const string Partition = "subscriptions";
    private const string Document = "Document";

    /// <summary>Each round has a winner, so a change loses to at most as many others as come at the same moment.</summary>
    private const int MaxRounds = 50;

    private static readonly TimeSpan _fresh = TimeSpan.FromSeconds(10);

    private readonly TableClient _table = storage.Table(TablesStorage.Subscriptions);

    // So that one reads for all who come when the list has become old.
    private readonly SemaphoreSlim _reading = new(1);
    private Known? _known;

    /// <summary>Counts the writes of this instance, so that what was read before one is not taken for the present.</summary>
    private int _writes;

    public Task CreateAsync(Subscription subscription, CancellationToken cancellationToken) => WriteAsync(async () =>
    {
        try
        {
            await _table.AddEntityAsync(Row(subscription), cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.EntityAlreadyExists)
        {
            throw new ArgumentException("There is a subscription with that id.", nameof(subscription), e);
        }
    });

    public async Task<Subscription?> FindAsync(string id, CancellationToken cancellationToken) =>
        await FindRowAsync(id, cancellationToken) is { } row ? Read(row) : null;

    public async Task<IReadOnlyList<Subscription>> ListAsync(CancellationToken cancellationToken)
    {
        var all = new List<Subscription>();
        await foreach (var row in _table.QueryAsync<TableEntity>($"PartitionKey eq '{Partition}'", cancellationToken: cancellationToken))
            all.Add(Read(row));
        return [.. all.OrderByDescending(one => one.CreatedAt).ThenBy(one => one.Id, StringComparer.Ordinal)];
    }

    public async ValueTask<IReadOnlyList<Subscription>> ListRecentAsync(CancellationToken cancellationToken)
    {
        if (FindKnown() is { } known) return known;
        await _reading.WaitAsync(cancellationToken);
        try
        {
            if (FindKnown() is { } meanwhile) return meanwhile;
            var (readAt, writes) = (time.GetTimestamp(), Volatile.Read(ref _writes));
            var all = await ListAsync(cancellationToken);
            Volatile.Write(ref _known, new Known(all, readAt, writes));
            return all;
        }
        finally
        {
            _reading.Release();
        }
    }

    public Task<Subscription?> UpdateAsync(string id, Func<Subscription, Subscription> change, CancellationToken cancellationToken) =>
        WriteAsync(() => UpdateInRoundsAsync(id, change, cancellationToken));

    public Task<bool> DeleteAsync(string id, CancellationToken cancellationToken) => WriteAsync(async () =>
    {
        var response = await _table.DeleteEntityAsync(Partition, id, ETag.All, cancellationToken);
        return response.Status != 404;
    });

    public void Dispose() => _reading.Dispose();

    private async Task<Subscription?> UpdateInRoundsAsync(
        string id, Func<Subscription, Subscription> change, CancellationToken cancellationToken)
    {
        for (var round = 1; ; round++)
        {
            if (await FindRowAsync(id, cancellationToken) is not { } row) return null;
            var present = Read(row);
            var changed = change(present);
            if (ReferenceEquals(changed, present)) return present;
            try
            {
                await _table.UpdateEntityAsync(Row(changed), row.ETag, TableUpdateMode.Replace, cancellationToken);
                return changed;
            }
            catch (RequestFailedException e) when (e.Status is 404 or 412 && round < MaxRounds)
            {
                // Changed or deleted by another meanwhile: look again.
            }
        }
    }

    /// <summary>Counts also a write that fails: it may have taken effect.</summary>
    private async Task<T> WriteAsync<T>(Func<Task<T>> write)
    {
        try
        {
            return await write();
        }
        finally
        {
            Interlocked.Increment(ref _writes);
        }
    }

    private IReadOnlyList<Subscription>? FindKnown() => Volatile.Read(ref _known) is { } known
        && known.Writes == Volatile.Read(ref _writes) && time.GetElapsedTime(known.ReadAt) < _fresh ? known.All : null;

    private async Task<TableEntity?> FindRowAsync(string id, CancellationToken cancellationToken)
    {
        var found = await _table.GetEntityIfExistsAsync<TableEntity>(Partition, id, cancellationToken: cancellationToken);
        return found.HasValue ? found.Value : null;
    }

    private static TableEntity Row(Subscription subscription) => new(Partition, subscription.Id)
    {
        [Document] = JsonSerializer.SerializeToUtf8Bytes(subscription, CoreJson.Default.Subscription),
    };

    private static Subscription Read(TableEntity row) =>
        JsonSerializer.Deserialize(row.GetBinary(Document), CoreJson.Default.Subscription)
        ?? throw new InvalidOperationException("An empty document was stored.");

    private sealed record Known(IReadOnlyList<Subscription> All, long ReadAt, int Writes);
}
