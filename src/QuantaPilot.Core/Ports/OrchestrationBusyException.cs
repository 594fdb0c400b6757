namespace QuantaPilot.Core.Ports;

/// <summary>An instance could not take what it was to be told, and nothing was stored. Telling it again later succeeds.</summary>
/// <param name="instanceId">The instance.</param>
public sealed class OrchestrationBusyException(string instanceId)
    : Exception($"The orchestration {instanceId} was started but does not run yet.");
