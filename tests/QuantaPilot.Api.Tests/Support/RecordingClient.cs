using System.Collections.Concurrent;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Tests.Support;

/// <summary>An engine that starts instances and takes events, and runs no code.</summary>
internal sealed class RecordingClient : IOrchestrationClient
{
    private readonly ConcurrentDictionary<string, RunInput> _started = new();
    private readonly ConcurrentQueue<(string InstanceId, RunSignal Signal)> _raised = new();
    private readonly ConcurrentDictionary<string, DeliveryInput> _deliveries = new();
    private readonly ConcurrentQueue<string> _asked = new();

    public IReadOnlyDictionary<string, RunInput> Started => _started;

    public IReadOnlyList<(string InstanceId, RunSignal Signal)> Raised => [.. _raised];

    /// <summary>The delivery orchestrations that were started.</summary>
    public IReadOnlyDictionary<string, DeliveryInput> Deliveries => _deliveries;

    /// <summary>The delivery orchestrations that were asked for an attempt now.</summary>
    public IReadOnlyList<string> Asked => [.. _asked];

    /// <summary>An instance that was started and takes nothing yet.</summary>
    public string? Busy { get; set; }

    /// <summary>Makes it as if the instance had never been started.</summary>
    public void Forget(string instanceId) => _started.TryRemove(instanceId, out _);

    public Task<bool> StartAsync(string name, string instanceId, object? input, CancellationToken cancellationToken) =>
        Task.FromResult(input is DeliveryInput delivery
            ? _deliveries.TryAdd(instanceId, delivery)
            : _started.TryAdd(instanceId, (RunInput)input!));

    public Task<bool> RaiseEventAsync(string instanceId, string eventName, object? payload, CancellationToken cancellationToken)
    {
        if (instanceId == Busy) throw new OrchestrationBusyException(instanceId);
        if (_deliveries.ContainsKey(instanceId))
        {
            Assert.Equal(DeliveryOrchestration.DeliverNow, eventName);
            _asked.Enqueue(instanceId);
            return Task.FromResult(true);
        }
        if (!_started.ContainsKey(instanceId)) return Task.FromResult(false);
        _raised.Enqueue((instanceId, (RunSignal)payload!));
        return Task.FromResult(true);
    }

    public Task<bool> TerminateAsync(string instanceId, string reason, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<OrchestrationState?> GetAsync(string instanceId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> PurgeAsync(string instanceId, CancellationToken cancellationToken) => throw new NotSupportedException();
}
