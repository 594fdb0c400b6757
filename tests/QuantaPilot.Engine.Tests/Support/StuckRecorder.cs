namespace QuantaPilot.Engine.Tests.Support;

internal sealed class StuckRecorder : IEngineObserver
{
    private readonly TaskCompletionSource<(string, ReplayMismatch)> _stuck = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _unstuck = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<(string InstanceId, ReplayMismatch Mismatch)> StuckAsync() => _stuck.Task.WaitAsync(EngineHost.Patience)!;

    public Task<string> UnstuckAsync() => _unstuck.Task.WaitAsync(EngineHost.Patience);

    public void OnStuck(string instanceId, ReplayMismatch mismatch) => _stuck.TrySetResult((instanceId, mismatch));

    public void OnUnstuck(string instanceId) => _unstuck.TrySetResult(instanceId);
}
