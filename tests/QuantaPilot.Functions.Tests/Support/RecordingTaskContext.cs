using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace QuantaPilot.Functions.Tests.Support;

/// <summary>
/// A Durable Task orchestration of which a test plays the engine: for what the test host does not do as the real engines
/// do. It loses events that an instance sends to its own next execution.
/// </summary>
internal sealed class RecordingTaskContext : TaskOrchestrationContext
{
    private TaskCompletionSource<object?>? _wait;

    /// <summary>What was done, in order.</summary>
    public List<string> Done { get; } = [];

    public override TaskName Name => "test";

    public override string InstanceId => "1";

    public override ParentOrchestrationInstance? Parent => null;

    public override DateTime CurrentUtcDateTime => DateTime.UnixEpoch;

    public override bool IsReplaying => false;

    protected override ILoggerFactory LoggerFactory => CheckedLogger.Factory;

    /// <summary>Completes the wait that is open.</summary>
    public void Arrive(object? payload)
    {
        var wait = _wait ?? throw new InvalidOperationException("No wait is open.");
        _wait = null;
        wait.SetResult(payload);
    }

    public override async Task<T> WaitForExternalEvent<T>(string eventName, CancellationToken cancellationToken = default)
    {
        Assert.Null(_wait);
        Assert.False(cancellationToken.CanBeCanceled);
        _wait = new TaskCompletionSource<object?>();
        return (T)(await _wait.Task)!;
    }

    public override void SendEvent(string instanceId, string eventName, object payload) =>
        Done.Add($"send {instanceId} {eventName} {payload}");

    public override void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true) =>
        Done.Add($"continue {newInput} {preserveUnprocessedEvents}");

    public override T GetInput<T>() => throw new NotSupportedException();

    public override Task<TResult> CallActivityAsync<TResult>(TaskName name, object? input = null, TaskOptions? options = null) =>
        throw new NotSupportedException();

    public override Task<TResult> CallSubOrchestratorAsync<TResult>(
        TaskName orchestratorName, object? input = null, TaskOptions? options = null) => throw new NotSupportedException();

    public override Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken) => throw new NotSupportedException();

    public override void SetCustomStatus(object? customStatus) => throw new NotSupportedException();

    public override Guid NewGuid() => throw new NotSupportedException();
}
