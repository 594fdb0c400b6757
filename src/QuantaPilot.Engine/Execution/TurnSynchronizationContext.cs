namespace QuantaPilot.Engine.Execution;

/// <summary>
/// Runs an orchestration's continuations on the thread of its turn, one after the other. Whatever comes from another
/// thread is not run but noted: it means that the code awaited something that the history does not know.
/// </summary>
internal sealed class TurnSynchronizationContext : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _posted = new();
    private volatile int _thread;
    private int _sawForeignThread;

    /// <summary>True once something tried to go on from outside a turn.</summary>
    public bool SawForeignThread => Volatile.Read(ref _sawForeignThread) != 0;

    /// <summary>Called once, on that other thread, when it happens for the first time.</summary>
    public Action? ForeignThreadSeen { get; set; }

    /// <summary>Takes the current thread for a turn, until the scope is disposed.</summary>
    public Scope Enter()
    {
        var previous = Current;
        _thread = Environment.CurrentManagedThreadId;
        SetSynchronizationContext(this);
        return new Scope(this, previous);
    }

    /// <summary>Runs what was posted until nothing is left.</summary>
    public void Pump()
    {
        while (_posted.TryDequeue(out var next)) next.Callback(next.State);
    }

    /// <summary>False, and noted, if the caller is not on the thread of a turn in progress.</summary>
    public bool IsOnTurn()
    {
        if (_thread == Environment.CurrentManagedThreadId) return true;
        if (Interlocked.Exchange(ref _sawForeignThread, 1) == 0) ForeignThreadSeen?.Invoke();
        return false;
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (IsOnTurn()) _posted.Enqueue((d, state));
    }

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (IsOnTurn()) d(state);
    }

    public override SynchronizationContext CreateCopy() => this;

    public readonly struct Scope(TurnSynchronizationContext owner, SynchronizationContext? previous) : IDisposable
    {
        public void Dispose()
        {
            owner._thread = 0;
            SetSynchronizationContext(previous);
        }
    }
}
