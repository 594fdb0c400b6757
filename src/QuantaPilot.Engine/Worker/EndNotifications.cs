using System.Collections.Concurrent;

namespace QuantaPilot.Engine.Worker;

/// <summary>Tells those who wait in memory that an instance has ended. Costs nothing for an instance that nobody waits for.</summary>
internal sealed class EndNotifications
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new();

    public Task WaitAsync(string instanceId) =>
        _waiting.GetOrAdd(instanceId, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Notify(string instanceId)
    {
        if (_waiting.TryRemove(instanceId, out var waiting)) waiting.SetResult();
    }
}
