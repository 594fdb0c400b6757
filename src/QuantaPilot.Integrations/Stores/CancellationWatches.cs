using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Stores;

/// <summary>The activities in hand that want to know of a cancellation.</summary>
internal sealed class CancellationWatches
{
    private readonly Lock _lock = new();
    private readonly Dictionary<RunId, List<Watch>> _byRun = [];

    public static bool IsCancelling(RunStatus status) => status is RunStatus.Cancelling or RunStatus.Cancelled;

    public Watch Add(RunId runId, CancellationToken cancellationToken)
    {
        var watch = new Watch(this, runId, cancellationToken);
        lock (_lock)
        {
            if (!_byRun.TryGetValue(runId, out var watches)) _byRun.Add(runId, watches = []);
            watches.Add(watch);
        }
        return watch;
    }

    public void Cancel(RunId runId)
    {
        List<Watch>? watches;
        lock (_lock)
        {
            if (!_byRun.Remove(runId, out watches)) return;
        }
        foreach (var watch in watches) watch.Cancel();
    }

    private void Remove(Watch watch)
    {
        lock (_lock)
        {
            if (_byRun.TryGetValue(watch.RunId, out var watches) && watches.Remove(watch) && watches.Count == 0) _byRun.Remove(watch.RunId);
        }
    }

    internal sealed class Watch : ICancellationWatch
    {
        private readonly CancellationWatches _owner;
        private readonly CancellationTokenSource _source;

        public Watch(CancellationWatches owner, RunId runId, CancellationToken cancellationToken)
        {
            _owner = owner;
            RunId = runId;
            _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Token = _source.Token;
        }

        public RunId RunId { get; }

        public CancellationToken Token { get; }

        public bool IsDisposed
        {
            get
            {
                lock (_source) return _disposed;
            }
        }

        // Not in line: callbacks of the token are code of others, and this may run on the path of a commit.
        public void Cancel()
        {
            lock (_source)
            {
                if (!_disposed) _ = _source.CancelAsync();
            }
        }

        private bool _disposed;

        public void Dispose()
        {
            _owner.Remove(this);
            lock (_source)
            {
                if (_disposed) return;
                _disposed = true;
                _source.Dispose();
            }
        }
    }
}
