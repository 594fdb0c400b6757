namespace QuantaPilot.Core.Ports;

/// <summary>Starts and steers orchestrations from outside. Every method has taken effect durably when it returns.</summary>
public interface IOrchestrationClient
{
    /// <summary>
    /// Starts an instance. Atomic: one instance per id however many callers race; an instance that exists, live or
    /// ended, is left as it is.
    /// </summary>
    /// <returns>True if this call started it; false if it was already there.</returns>
    Task<bool> StartAsync(string name, string instanceId, object? input, CancellationToken cancellationToken);

    /// <summary>Buffers an external event for the instance. Not idempotent: a repeat is a second event.</summary>
    /// <returns>False if there is no such instance or it has ended; nothing was stored.</returns>
    Task<bool> RaiseEventAsync(string instanceId, string eventName, object? payload, CancellationToken cancellationToken);

    /// <summary>Ends the instance without running its code again. Idempotent.</summary>
    /// <returns>False if there is no such instance or it has ended.</returns>
    Task<bool> TerminateAsync(string instanceId, string reason, CancellationToken cancellationToken);

    /// <summary>What is known of the instance, or null.</summary>
    Task<OrchestrationState?> GetAsync(string instanceId, CancellationToken cancellationToken);

    /// <summary>Removes an ended instance and its history. Idempotent.</summary>
    /// <returns>False if there is no such instance or it has not ended; nothing was removed.</returns>
    Task<bool> PurgeAsync(string instanceId, CancellationToken cancellationToken);
}

/// <summary>The state of one orchestration instance.</summary>
/// <param name="InstanceId">Its id.</param>
/// <param name="Name">The orchestration's registered name.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="CreatedAt">When it was started.</param>
/// <param name="UpdatedAt">When it last committed a turn.</param>
/// <param name="OutputJson">Its result as JSON once completed.</param>
/// <param name="Failure">Why it failed, was terminated or is stuck.</param>
public sealed record OrchestrationState(
    string InstanceId,
    string Name,
    OrchestrationStatus Status,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    string? OutputJson,
    string? Failure);

public enum OrchestrationStatus
{
    /// <summary>Started and not ended; also while it waits.</summary>
    Running,
    Completed,
    Failed,
    Terminated,

    /// <summary>Its history does not fit the code at hand; a build that fits it continues the instance.</summary>
    Stuck,
}
