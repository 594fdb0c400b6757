using DurableTask.Core.Exceptions;
using DurableTask.Core.History;
using Grpc.Core;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Functions.Durable;

/// <summary>
/// Core's port over the client of the task hub. host.json turns off the look at the instance that the Functions host takes
/// itself before it raises an event (<c>throwStatusExceptionsOnRaiseEvent</c>): this class takes one that sees more.
/// </summary>
internal sealed class DurableOrchestrationClient(DurableClientAccessor accessor, TimeProvider time) : IOrchestrationClient
{
    /// <summary>
    /// How long an event waits for the first turn of its instance. Usually that takes a second; two more if the start was
    /// read before its row was written, and a minute if the process that had read it was killed. Callers hold on for less.
    /// </summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan _pollingInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>All of them: without it, a start ends or replaces the instance that is there.</summary>
    private static readonly OrchestrationRuntimeStatus[] _anyStatus = [.. StartOrchestrationOptionsExtensions.ValidDedupeStatuses];

    /// <remarks>
    /// The insertion of the instance's row decides between starts at the same moment; on Azure Storage those that lose are
    /// dropped when their messages are read, and their callers are told true.
    /// </remarks>
    public async Task<bool> StartAsync(string name, string instanceId, object? input, CancellationToken cancellationToken)
    {
        var options = new StartOrchestrationOptions(instanceId).WithDedupeStatuses(_anyStatus);
        try
        {
            await accessor.Client.ScheduleNewOrchestrationInstanceAsync(name, input, options, cancellationToken);
            return true;
        }
        catch (OrchestrationAlreadyExistsException)
        {
            return false;
        }
        catch (RpcException e) when (IsAway(e))
        {
            throw Away(e);
        }
    }

    /// <exception cref="OrchestrationBusyException">The instance was started but has not run yet; nothing was stored.</exception>
    public async Task<bool> RaiseEventAsync(string instanceId, string eventName, object? payload, CancellationToken cancellationToken)
    {
        try
        {
            if (!await IsRunningAsync(instanceId, cancellationToken)) return false;
            await accessor.Client.RaiseEventAsync(instanceId, eventName, payload, cancellationToken);
            return true;
        }
        catch (RpcException e) when (IsAway(e))
        {
            throw Away(e);
        }
    }

    public async Task<bool> TerminateAsync(string instanceId, string reason, CancellationToken cancellationToken)
    {
        try
        {
            if (await FindAsync(instanceId, cancellationToken) is not { IsCompleted: false }) return false;
            await accessor.Client.TerminateInstanceAsync(instanceId, reason, cancellationToken);
            return true;
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.NotFound or StatusCode.FailedPrecondition)
        {
            // It ended in between.
            return false;
        }
    }

    public async Task<OrchestrationState?> GetAsync(string instanceId, CancellationToken cancellationToken)
    {
        var instance = await accessor.Client.GetInstanceAsync(instanceId, getInputsAndOutputs: true, cancellationToken);
        if (instance is null) return null;
        var status = instance.RuntimeStatus switch
        {
            OrchestrationRuntimeStatus.Completed => OrchestrationStatus.Completed,
            OrchestrationRuntimeStatus.Failed => OrchestrationStatus.Failed,
            OrchestrationRuntimeStatus.Terminated => OrchestrationStatus.Terminated,
            _ => OrchestrationStatus.Running,
        };
        return new OrchestrationState(
            instance.InstanceId,
            instance.Name,
            status,
            instance.CreatedAt,
            instance.LastUpdatedAt,
            status == OrchestrationStatus.Completed ? instance.SerializedOutput : null,
            instance.FailureDetails is { } failure ? $"{failure.ErrorType}: {failure.ErrorMessage}"
                : status == OrchestrationStatus.Terminated ? instance.ReadOutputAs<string>()
                : null);
    }

    public async Task<bool> PurgeAsync(string instanceId, CancellationToken cancellationToken)
    {
        // Older backends purge what still runs.
        if (await FindAsync(instanceId, cancellationToken) is not { IsCompleted: true }) return false;
        var purged = await accessor.Client.PurgeInstanceAsync(instanceId, cancellationToken);
        return purged.PurgedInstanceCount > 0;
    }

    /// <summary>The Functions host answers with unknown or internal what it meets in the storage behind the task hub.</summary>
    private static bool IsAway(RpcException e) => e.StatusCode
        is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Internal or StatusCode.Unknown or StatusCode.ResourceExhausted;

    private static StorageUnavailableException Away(RpcException e) =>
        new(isRefusal: false, $"The task hub does not answer: {e.StatusCode}.", e);

    /// <summary>False if there is no such instance or it has ended; else true, once it has run.</summary>
    private async Task<bool> IsRunningAsync(string instanceId, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            if (await FindAsync(instanceId, cancellationToken) is not { IsCompleted: false } instance) return false;
            if (instance.RuntimeStatus != OrchestrationRuntimeStatus.Pending) return true;
            if (await HasBegunAsync(instanceId, cancellationToken)) return true;
            if (time.GetElapsedTime(began) >= _patience) throw new OrchestrationBusyException(instanceId);
            await Task.Delay(_pollingInterval, time, cancellationToken);
        }
    }

    /// <summary>
    /// What Azure Storage goes by: an event that it reads while the history has no start is thrown away. The status may say
    /// pending long after that, since it is not mended where a process was killed between writing the one and the other.
    /// </summary>
    private async Task<bool> HasBegunAsync(string instanceId, CancellationToken cancellationToken) =>
        (await accessor.Client.GetOrchestrationHistoryAsync(instanceId, cancellationToken)).OfType<ExecutionStartedEvent>().Any();

    private Task<OrchestrationMetadata?> FindAsync(string instanceId, CancellationToken cancellationToken) =>
        accessor.Client.GetInstanceAsync(instanceId, cancellationToken);
}
