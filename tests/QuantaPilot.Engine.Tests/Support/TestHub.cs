using QuantaPilot.Core.Ports;
using QuantaPilot.Engine.Execution;
using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Engine.Tests.Support;

internal sealed class CrashException() : Exception("The process is gone.");

/// <summary>A task hub that tells what was committed and can crash at a given write: from then on nothing gets through.</summary>
internal sealed class TestHub(ITaskHub inner) : ITaskHub
{
    private readonly Lock _gate = new();
    private readonly List<TurnCommit> _commits = [];
    private readonly List<(Predicate<TurnCommit> Wanted, TaskCompletionSource<TurnCommit> Found)> _waiting = [];
    private readonly TaskCompletionSource _crashed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _writes;

    /// <summary>The write at which it crashes, counted from 1; 0 for never.</summary>
    public int CrashAt { get; init; }

    /// <summary>True to crash after that write is durable but before the answer; false to crash before it.</summary>
    public bool CrashAfterCommit { get; init; }

    public Action<TurnCommit>? Committed { get; init; }

    public Task Crashed => _crashed.Task;

    public int Loads { get; private set; }

    /// <summary>The first commit, past or to come, of that kind.</summary>
    public Task<TurnCommit> CommitAsync(Predicate<TurnCommit> wanted)
    {
        lock (_gate)
        {
            if (_commits.Find(wanted) is { } past) return Task.FromResult(past);
            var found = new TaskCompletionSource<TurnCommit>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((wanted, found));
            return found.Task.WaitAsync(EngineHost.Patience);
        }
    }

    public Task<long?> CreateAsync(NewInstance instance) => WriteAsync(() => inner.CreateAsync(instance));

    public Task<long?> AddEventAsync(string instanceId, EventReceived message) =>
        WriteAsync(() => inner.AddEventAsync(instanceId, message));

    public Task<List<long>?> TerminateAsync(string instanceId, string reason, DateTimeOffset now) =>
        WriteAsync(() => inner.TerminateAsync(instanceId, reason, now));

    public Task<bool> PurgeAsync(string instanceId) => WriteAsync(() => inner.PurgeAsync(instanceId));

    public Task<bool> MarkStuckAsync(long key, long lease, string failure, DateTimeOffset now) =>
        WriteAsync(() => inner.MarkStuckAsync(key, lease, failure, now));

    public async Task<List<long>?> CommitAsync(TurnCommit commit)
    {
        var woken = await WriteAsync(() => inner.CommitAsync(commit));
        if (woken is null) return null;
        lock (_gate)
        {
            _commits.Add(commit);
            foreach (var (wanted, found) in _waiting)
            {
                if (wanted(commit)) found.TrySetResult(commit);
            }
        }
        Committed?.Invoke(commit);
        return woken;
    }

    public OrchestrationState? Get(string instanceId) => Read(() => inner.Get(instanceId));

    public StoredInstance? Load(long key)
    {
        Loads++;
        return Read(() => inner.Load(key));
    }

    public HistoryDocument? Export(string instanceId) => Read(() => inner.Export(instanceId));

    public (List<HistoryEvent> Messages, long LastSeq) ReadInbox(long key) => Read(() => inner.ReadInbox(key));

    public List<long> FindRecoverable() => Read(inner.FindRecoverable);

    public (List<long> Due, DateTimeOffset? Next) FindDue(DateTimeOffset now) => Read(() => inner.FindDue(now));

    private async Task<T> WriteAsync<T>(Func<Task<T>> write)
    {
        var number = Interlocked.Increment(ref _writes);
        if (number == CrashAt && !CrashAfterCommit) _crashed.TrySetResult();
        if (_crashed.Task.IsCompleted) throw new CrashException();
        var result = await write();
        if (number == CrashAt) _crashed.TrySetResult();
        if (_crashed.Task.IsCompleted) throw new CrashException();
        return result;
    }

    private T Read<T>(Func<T> read) => _crashed.Task.IsCompleted ? throw new CrashException() : read();
}
