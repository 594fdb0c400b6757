using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Stores;

/// <summary>
/// Wakes those who wait for a run, or for any, to change. Whoever registers, then reads, misses nothing: a change that
/// the read did not see is committed after it, and told after that.
/// </summary>
internal sealed class ChangeNotifier
{
    private readonly Lock _lock = new();
    private readonly Dictionary<RunId, Waiters> _byRun = [];
    private Waiters? _all;

    public async Task WaitAsync(RunId? runId, CancellationToken cancellationToken)
    {
        var waiters = Register(runId);
        try
        {
            await waiters.Changed.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            Leave(runId, waiters);
        }
    }

    public void Notify(RunId runId)
    {
        Waiters? run, all;
        lock (_lock)
        {
            _byRun.Remove(runId, out run);
            all = _all;
            _all = null;
        }
        run?.Changed.SetResult();
        all?.Changed.SetResult();
    }

    private Waiters Register(RunId? runId)
    {
        lock (_lock)
        {
            Waiters waiters;
            if (runId is not { } id) waiters = _all ??= new Waiters();
            else if (!_byRun.TryGetValue(id, out waiters!)) _byRun.Add(id, waiters = new Waiters());
            waiters.Count++;
            return waiters;
        }
    }

    private void Leave(RunId? runId, Waiters waiters)
    {
        lock (_lock)
        {
            if (--waiters.Count > 0) return;
            if (runId is not { } id)
            {
                if (_all == waiters) _all = null;
            }
            else if (_byRun.TryGetValue(id, out var present) && present == waiters)
            {
                _byRun.Remove(id);
            }
        }
    }

    private sealed class Waiters
    {
        public int Count;
        public readonly TaskCompletionSource Changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
