namespace QuantaPilot.Engine.Worker;

/// <summary>Runs what is added on the thread pool, in order, at most so many at a time. Costs nothing while it is empty.</summary>
/// <param name="maxConcurrency">How many run at once.</param>
/// <param name="run">Must not throw.</param>
internal sealed class WorkQueue<T>(int maxConcurrency, Func<T, ValueTask> run)
{
    private readonly Lock _gate = new();
    private readonly Queue<T> _waiting = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private bool _stopped;

    /// <summary>Queues an item; after <see cref="StopAsync"/> it is dropped.</summary>
    public void Add(T item)
    {
        lock (_gate)
        {
            if (_stopped) return;
            _waiting.Enqueue(item);
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
            if (_waiting.TryDequeue(out item!)) return true;
            _running--;
            if (_stopped && _running == 0) _drained.TrySetResult();
            return false;
        }
    }
}
