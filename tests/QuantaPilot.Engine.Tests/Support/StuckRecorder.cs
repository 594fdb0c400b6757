using System.Threading.Channels;

namespace QuantaPilot.Engine.Tests.Support;

/// <summary>What the engine has told of instances that got stuck or came free, each once and in order.</summary>
internal sealed class StuckRecorder : IEngineObserver
{
    private readonly Channel<(string, ReplayMismatch)> _stuck = Channel.CreateUnbounded<(string, ReplayMismatch)>();
    private readonly Channel<string> _unstuck = Channel.CreateUnbounded<string>();

    public Task<(string InstanceId, ReplayMismatch Mismatch)> StuckAsync() => NextAsync(_stuck);

    public Task<string> UnstuckAsync() => NextAsync(_unstuck);

    public void OnStuck(string instanceId, ReplayMismatch mismatch) => _stuck.Writer.TryWrite((instanceId, mismatch));

    public void OnUnstuck(string instanceId) => _unstuck.Writer.TryWrite(instanceId);

    private static Task<T> NextAsync<T>(Channel<T> channel) => channel.Reader.ReadAsync().AsTask().WaitAsync(EngineHost.Patience);
}
