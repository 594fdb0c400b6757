using System.Collections.Concurrent;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Limits;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Integrations.Tables;

/// <summary>
/// Counts in a table that all instances share. An instance takes a twentieth of the burst from a row at once, with one
/// conditional write, and gives these permits out by itself; those that it does not use come back by the passage of time, as all
/// do. A key that is over its limit is refused without asking the table. A storage that is away lets requests through as far as
/// this instance's own count allows: it is tried again every <see cref="_alone"/>, by one request, for at most
/// <see cref="_patience"/>.
/// </summary>
public sealed class TablesRateLimiter : IRateLimiter, IAsyncDisposable
{
    private const int SharesOfBurst = 20;

    /// <summary>Each conflict means that another instance took its share: more than these there are not before all are gone.</summary>
    private const int MaxAttempts = 2 * SharesOfBurst;

    /// <summary>Some 500 bytes each.</summary>
    internal const int MaxSlots = 100_000;
    private const int MaxRowsPerSweep = 5_000;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _alone = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _sweepInterval = TimeSpan.FromMinutes(5);

    /// <summary>For how long rows and slots are kept after they have become as good as none: spares those who come back a read.</summary>
    private static readonly TimeSpan _keep = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<(RateLimit Limit, string Key), RateLimitSlot> _slots = new();
    private readonly TableClient _table;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _sweeper;
    private readonly CancellationTokenSource _stopping = new();
    private Task _sweep = Task.CompletedTask;
    private long _aloneUntil;

    /// <summary>How many slots there are, near enough: the dictionary's own count would take all of its locks at each new key.</summary>
    private int _slotCount;

    /// <param name="storage">The account; the table is made when it is first needed.</param>
    /// <param name="time">For time-outs and the sweep.</param>
    /// <param name="logger">The log.</param>
    public TablesRateLimiter(TablesStorage storage, TimeProvider time, ILogger<TablesRateLimiter> logger)
    {
        _table = storage.Table(TablesStorage.RateLimits);
        _time = time;
        _logger = logger;
        _sweeper = time.CreateTimer(_ => StartSweep(), null, _sweepInterval, _sweepInterval);
    }

    /// <summary>How many keys this instance remembers at present.</summary>
    internal int Count => _slots.Count;

    /// <inheritdoc/>
    public async ValueTask<RateLimitAnswer> TakeAsync(string key, RateLimit limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var slot = FindSlot(key, limit);
        if (slot.TryTake(now.UtcTicks) is { } known) return known;
        if (!MayAsk(now)) return slot.TakeAlone(now.UtcTicks);
        await slot.Writing.WaitAsync(cancellationToken);
        try
        {
            // Whoever was here before may have brought enough for all.
            return slot.TryTake(now.UtcTicks) ?? await AskAsync(slot, now) ?? slot.TakeAlone(now.UtcTicks);
        }
        finally
        {
            slot.Writing.Release();
        }
    }

    /// <summary>Ends the sweep.</summary>
    public async ValueTask DisposeAsync()
    {
        await _sweeper.DisposeAsync();
        await _stopping.CancelAsync();
        await _sweep;
        _stopping.Dispose();
    }

    /// <summary>Removes rows that have run out, a bounded number of them. Instances that do so at once are no matter.</summary>
    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        var end = (_time.GetUtcNow() - _keep).UtcTicks;
        foreach (var (key, slot) in _slots)
        {
            if (slot.Full < end && _slots.TryRemove(key, out _)) Interlocked.Decrement(ref _slotCount);
        }
        var rows = 0;
        var expired = _table.QueryAsync<TableEntity>(
            $"{RateLimitRow.FullColumn} lt {end}L", cancellationToken: cancellationToken);
        await foreach (var row in expired)
        {
            if (rows++ == MaxRowsPerSweep) return;
            try
            {
                // One that was used meanwhile has another version, and stays.
                await _table.DeleteEntityAsync(row.PartitionKey, row.RowKey, row.ETag, cancellationToken);
            }
            catch (RequestFailedException e) when (e.Status is 404 or 412)
            {
            }
        }
    }

    private RateLimitSlot FindSlot(string key, RateLimit limit)
    {
        if (_slots.TryGetValue((limit, key), out var known)) return known;
        // The rows hold the truth: what is forgotten here costs a read, no more.
        if (Interlocked.Increment(ref _slotCount) > MaxSlots)
        {
            _slots.Clear();
            Volatile.Write(ref _slotCount, 1);
        }
        return _slots.GetOrAdd((limit, key), static at => new RateLimitSlot(at.Limit, RateLimitRow.For(at.Limit, at.Key)));
    }

    /// <summary>False while the storage is away. When it is to be tried again, only one caller gets to.</summary>
    private bool MayAsk(DateTimeOffset now)
    {
        var until = Volatile.Read(ref _aloneUntil);
        if (until == 0) return true;
        return now.UtcTicks >= until && Interlocked.CompareExchange(ref _aloneUntil, (now + _alone).UtcTicks, until) == until;
    }

    /// <returns>Null if the row could not be read and written.</returns>
    private async Task<RateLimitAnswer?> AskAsync(RateLimitSlot slot, DateTimeOffset now)
    {
        using var timeout = new CancellationTokenSource(_patience, _time);
        try
        {
            var answer = await ReserveAsync(slot, now.UtcTicks, timeout.Token);
            Volatile.Write(ref _aloneUntil, 0);
            return answer;
        }
#pragma warning disable CA1031 // Whatever ails the storage, the API goes on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            slot.ETag = null;
            Volatile.Write(ref _aloneUntil, (now + _alone).UtcTicks);
            RateLimitLogs.NotShared(_logger, e, _alone.TotalSeconds);
            return null;
        }
    }

    private async Task<RateLimitAnswer?> ReserveAsync(RateLimitSlot slot, long now, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var recovery = slot.Limit.Recovery.Ticks;
            var free = (recovery - Math.Clamp(slot.Full - now, 0, recovery)) / slot.Limit.Interval.Ticks;
            var permits = (int)Math.Min(free, Math.Max(1, slot.Limit.Burst / SharesOfBurst));
            if (permits == 0) return Gcra.Take(slot.Full, slot.Limit, now).Answer;
            var (full, _) = Gcra.Take(slot.Full, slot.Limit, now, permits);
            try
            {
                slot.ETag = await WriteAsync(slot, full, cancellationToken);
                slot.Learn(full, now, permits);
                return slot.TryTake(now);
            }
            catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.TableNotFound)
            {
                await _table.CreateIfNotExistsAsync(cancellationToken);
            }
            catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
            {
                await ReadAsync(slot, now, cancellationToken);
            }
        }
        return null;
    }

    /// <summary>Writes if the row is what the slot has seen: one of a version, or none.</summary>
    private async Task<ETag?> WriteAsync(RateLimitSlot slot, long full, CancellationToken cancellationToken)
    {
        var entity = slot.Row.ToEntity(full, slot.ETag);
        var response = slot.ETag is { } etag
            ? await _table.UpdateEntityAsync(entity, etag, TableUpdateMode.Replace, cancellationToken)
            : await _table.AddEntityAsync(entity, cancellationToken);
        return response.Headers.ETag;
    }

    private async Task ReadAsync(RateLimitSlot slot, long now, CancellationToken cancellationToken)
    {
        var row = await _table.GetEntityIfExistsAsync<TableEntity>(
            slot.Row.PartitionKey, slot.Row.RowKey, cancellationToken: cancellationToken);
        slot.ETag = row.HasValue ? row.Value!.ETag : null;
        // What was counted here alone meanwhile is kept.
        if (row.HasValue) slot.Learn(Math.Max(slot.Full, row.Value!.GetInt64(RateLimitRow.FullColumn) ?? 0), now);
    }

    private void StartSweep()
    {
        if (_sweep.IsCompleted) _sweep = TrySweepAsync();
    }

    private async Task TrySweepAsync()
    {
        try
        {
            await SweepAsync(_stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
#pragma warning disable CA1031 // Nobody awaits this call: the log is where its fault can be seen.
        catch (Exception e)
#pragma warning restore CA1031
        {
            RateLimitLogs.SweepFailed(_logger, e);
        }
    }
}
