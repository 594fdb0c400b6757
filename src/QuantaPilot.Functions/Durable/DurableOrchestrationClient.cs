using DurableTask.Core.Exceptions;
using Grpc.Core;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Functions.Durable;

/// <summary>Core's port over the client of the task hub.</summary>
internal sealed class DurableOrchestrationClient(DurableClientAccessor accessor, TimeProvider time) : IOrchestrationClient
{
    /// <summary>For how long an event waits for an instance that was scheduled and has not run yet.</summary>
    private static readonly TimeSpan _startPatience = TimeSpan.FromSeconds(30);

    /// <summary>Every status: otherwise Durable Task ends or overwrites the instance that is there.</summary>
    private static readonly OrchestrationRuntimeStatus[] _present = [.. StartOrchestrationOptionsExtensions.ValidDedupeStatuses];

    public async Task<bool> StartAsync(string name, string instanceId, object? input, CancellationToken cancellationToken)
    {
        try
        {
            // Of two starts at once, Azure Storage may take both; it then drops the start message that the instance's row does not name.
            await accessor.Client.ScheduleNewOrchestrationInstanceAsync(
                name, input, new StartOrchestrationOptions(instanceId).WithDedupeStatuses(_present), cancellationToken);
            return true;
        }
        // As the client or as the host says it.
        catch (Exception e) when (e is OrchestrationAlreadyExistsException or RpcException { StatusCode: StatusCode.AlreadyExists })
        {
            return false;
        }
    }

    public async Task<bool> RaiseEventAsync(string instanceId, string eventName, object? payload, CancellationToken cancellationToken)
    {
        if (await FindUnfinishedAsync(instanceId, cancellationToken) is not { } instance) return false;
        // Azure Storage discards an event that is read before the start message of its instance.
        if (instance.RuntimeStatus == OrchestrationRuntimeStatus.Pending && !await WaitForStartAsync(instanceId, cancellationToken)) return false;
        try
        {
            await accessor.Client.RaiseEventAsync(instanceId, eventName, payload, cancellationToken);
            return true;
        }
        // It ended in between.
        catch (RpcException) when (!cancellationToken.IsCancellationRequested)
        {
            if (await FindUnfinishedAsync(instanceId, cancellationToken) is null) return false;
            throw;
        }
    }

    public async Task<bool> TerminateAsync(string instanceId, string reason, CancellationToken cancellationToken)
    {
        if (await FindUnfinishedAsync(instanceId, cancellationToken) is null) return false;
        await accessor.Client.TerminateInstanceAsync(instanceId, reason, cancellationToken);
        return true;
    }

    public async Task<OrchestrationState?> GetAsync(string instanceId, CancellationToken cancellationToken)
    {
        if (await accessor.Client.GetInstanceAsync(instanceId, getInputsAndOutputs: true, cancellationToken) is not { } instance) return null;
        return new OrchestrationState(
            instance.InstanceId,
            instance.Name,
            instance.RuntimeStatus switch
            {
                OrchestrationRuntimeStatus.Completed => OrchestrationStatus.Completed,
                OrchestrationRuntimeStatus.Failed => OrchestrationStatus.Failed,
                OrchestrationRuntimeStatus.Terminated => OrchestrationStatus.Terminated,
                _ => OrchestrationStatus.Running,
            },
            instance.CreatedAt,
            instance.LastUpdatedAt,
            instance.SerializedOutput,
            instance.FailureDetails is { } failure ? $"{failure.ErrorType}: {failure.ErrorMessage}" : null);
    }

    public async Task<bool> PurgeAsync(string instanceId, CancellationToken cancellationToken)
    {
        if (await accessor.Client.GetInstanceAsync(instanceId, cancellationToken) is not { IsCompleted: true }) return false;
        var result = await accessor.Client.PurgeInstanceAsync(instanceId, cancellationToken);
        return result.PurgedInstanceCount > 0;
    }

    private async Task<OrchestrationMetadata?> FindUnfinishedAsync(string instanceId, CancellationToken cancellationToken) =>
        await accessor.Client.GetInstanceAsync(instanceId, cancellationToken) is { IsCompleted: false } instance ? instance : null;

    private async Task<bool> WaitForStartAsync(string instanceId, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_startPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return !(await accessor.Client.WaitForInstanceStartAsync(instanceId, either.Token)).IsCompleted;
        }
        catch (Exception e) when (timeout.IsCancellationRequested && e is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
        {
            return false;
        }
    }
}
