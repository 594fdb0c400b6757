using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Stores;

namespace QuantaPilot.Integrations.Tables;

/// <summary>Tells of changes: those of this instance at once, those of others by polling, and only while somebody wants to know.</summary>
internal sealed class RunWatcher(
    RunTable rows, EventLog log, RunCache<StoredRun> cache, TablesOptions options, TimeProvider time, ILogger logger)
{
    private readonly ChangeNotifier _changes = new();
    private readonly CancellationWatches _watches = new();
    private readonly Lock _lock = new();
    private Task<long>? _last;
    private long _lookedAt;

    public void Tell(RunId runId, RunStatus? status)
    {
        if (status is { } present && CancellationWatches.IsCancelling(present)) _watches.Cancel(runId);
        _changes.Notify(runId);
    }

    public async Task WaitForChangeAsync(RunId? runId, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var told = runId is null ? WaitForAnyAsync(ended.Token) : _changes.WaitAsync(runId, ended.Token);
        var found = runId is { } id ? FindChangeAsync(id, ended.Token) : FindEventAsync(ended.Token);
        var first = await Task.WhenAny(told, found);
        await ended.CancelAsync();
        await (first == told ? found : told).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
    }

    public ICancellationWatch Watch(RunId runId, CancellationToken cancellationToken)
    {
        var watch = _watches.Add(runId, cancellationToken);
        // Registered first, looked up second: a cancellation that this look does not see is told to the watch.
        var known = cache.TryFind(runId, out var row);
        if (known && CancellationWatches.IsCancelling(row!.Run.Status)) watch.Cancel();
        else _ = FindCancellationAsync(watch, known ? options.CancellationPollInterval : TimeSpan.Zero, cancellationToken);
        return watch;
    }

    /// <summary>The log holds back what is young, so whoever reads it gains nothing by coming for every single change.</summary>
    private async Task WaitForAnyAsync(CancellationToken cancellationToken)
    {
        var pause = Task.Delay(options.PollInterval, time, cancellationToken);
        await _changes.WaitAsync(null, cancellationToken);
        await pause;
    }

    private async Task FindChangeAsync(RunId runId, CancellationToken cancellationToken)
    {
        // Known before the caller reads the run. If there is none, the caller is woken once for nothing.
        var baseline = cache.TryFind(runId, out var row) ? row.ETag : default;
        do await Task.Delay(options.PollInterval, time, cancellationToken);
        while ((await rows.PeekAsync(runId, cancellationToken))?.ETag == baseline);
    }

    private async Task FindEventAsync(CancellationToken cancellationToken)
    {
        // What is older, the caller finds when it reads after this.
        var baseline = log.Settled;
        do await Task.Delay(options.PollInterval, time, cancellationToken);
        while (await LastAsync().WaitAsync(cancellationToken) <= baseline);
    }

    /// <summary>All who wait share one look.</summary>
    private Task<long> LastAsync()
    {
        lock (_lock)
        {
            if (_last is not null && time.GetElapsedTime(_lookedAt) < options.PollInterval / 2) return _last;
            _lookedAt = time.GetTimestamp();
            return _last = log.LastAsync(CancellationToken.None);
        }
    }

    private async Task FindCancellationAsync(CancellationWatches.Watch watch, TimeSpan delay, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (delay > TimeSpan.Zero) await Task.Delay(delay, time, cancellationToken);
                if (watch.IsDisposed || watch.Token.IsCancellationRequested) return;
                if (await rows.PeekAsync(watch.RunId, cancellationToken) is not { } run) return;
                if (!CancellationWatches.IsCancelling(run.Status))
                {
                    delay = options.CancellationPollInterval;
                    continue;
                }
                watch.Cancel();
                return;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Nobody awaits this call: the log is where its fault can be seen, and the next look may succeed.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Logs.CancellationNotSeen(logger, e, watch.RunId);
                delay = options.CancellationPollInterval;
            }
        }
    }
}
