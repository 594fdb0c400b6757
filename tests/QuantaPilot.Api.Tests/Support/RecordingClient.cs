using System.Collections.Concurrent;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Tests.Support;

/// <summary>An engine that starts instances and takes events, and runs no code.</summary>
internal sealed class RecordingClient : IOrchestrationClient
{
    private readonly ConcurrentDictionary<string, RunInput> _started = new();
    private readonly ConcurrentQueue<(string InstanceId, RunSignal Signal)> _raised = new();

    public IReadOnlyDictionary<string, RunInput> Started => _started;

    public IReadOnlyList<(string InstanceId, RunSignal Signal)> Raised => [.. _raised];

    /// <summary>Makes it as if the instance had never been started.</summary>
    public void Forget(string instanceId) => _started.TryRemove(instanceId, out _);

    public Task<bool> StartAsync(string name, string instanceId, object? input, CancellationToken cancellationToken) =>
        Task.FromResult(_started.TryAdd(instanceId, (RunInput)input!));

    /// <summary>An instance that was started and takes nothing yet.</summary>
    public string? Busy { get; set; }

    public Task<bool> RaiseEventAsync(string instanceId, string eventName, object? payload, CancellationToken cancellationToken)
    {
        if (instanceId == Busy) throw new OrchestrationBusyException(instanceId);
        if (!_started.ContainsKey(instanceId)) return Task.FromResult(false);
        _raised.Enqueue((instanceId, (RunSignal)payload!));
        return Task.FromResult(true);
    }

    public Task<bool> TerminateAsync(string instanceId, string reason, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<OrchestrationState?> GetAsync(string instanceId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> PurgeAsync(string instanceId, CancellationToken cancellationToken) => throw new NotSupportedException();
}
