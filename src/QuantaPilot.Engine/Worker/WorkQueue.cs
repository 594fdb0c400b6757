namespace QuantaPilot.Engine.Worker;

/// <summary>Runs what is added on the thread pool, in order, at most so many at a time. Costs nothing while it is empty.</summary>
/// <param name="maxConcurrency">How many run at once.</param>
/// <param name="run">Must not throw.</param>
internal sealed class WorkQueue<T>(int maxConcurrency, Func<T, ValueTask> run)
{
    private const uint BackgroundShare = 4;

    private readonly Lock _gate = new();
    private readonly Queue<T> _waiting = new();
    private readonly Queue<T> _background = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private uint _taken;
    private bool _stopped;

    /// <summary>Queues an item; after <see cref="StopAsync"/> it is dropped.</summary>
    /// <param name="item">The item.</param>
    /// <param name="background">True to let others pass, except for each <see cref="BackgroundShare"/>th place.</param>
    public void Add(T item, bool background = false)
    {
        lock (_gate)
        {
            if (_stopped) return;
            (background ? _background : _waiting).Enqueue(item);
            if (_running == maxConcurrency) return;
            _running++;
        }
        ThreadPool.UnsafeQueueUserWorkItem(static queue => _ = queue.DrainAsync(), this, preferLocal: false);
    }

    /// <summary>Drops what waits; done when nothing runs any more.</summary>
    public Task StopAsync()
    {
        lock (_gate)
        {
            _stopped = true;
            _waiting.Clear();
            _background.Clear();
            if (_running == 0) _drained.TrySetResult();
        }
        return _drained.Task;
    }

    private async Task DrainAsync()
    {
        while (TryTake(out var item)) await run(item);
    }

    private bool TryTake(out T item)
    {
        lock (_gate)
        {
            var backgroundFirst = _taken++ % BackgroundShare == 0;
            if (backgroundFirst && _background.TryDequeue(out item!)) return true;
            if (_waiting.TryDequeue(out item!) || _background.TryDequeue(out item!)) return true;
            _running--;
            if (_stopped && _running == 0) _drained.TrySetResult();
            return false;
        }
    }
}
