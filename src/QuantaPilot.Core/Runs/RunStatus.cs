using System.Text.Json.Serialization;
using QuantaPilot.Core.Contracts;

namespace QuantaPilot.Core.Runs;

/// <summary>Where a run stands, as the API names it (snake_case).</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<RunStatus>))]
public enum RunStatus
{
    /// <summary>Accepted; its orchestration has not recorded anything yet, or the host's limits keep it waiting.</summary>
    Queued,
    Running,

    /// <summary>At a gate, for a person.</summary>
    Waiting,

    /// <summary>Asked to pause; the step in hand has not ended yet.</summary>
    Pausing,
    Paused,

    /// <summary>Asked to cancel; the step in hand is being stopped.</summary>
    Cancelling,
    Cancelled,
    Failed,
    Completed,

    /// <summary>The code at hand does not fit the run's history; a fixed build continues it.</summary>
    Stuck,
}

public static class RunStatuses
{
    /// <summary>True for a status that never changes again.</summary>
    public static bool HasEnded(this RunStatus status) =>
        status is RunStatus.Cancelled or RunStatus.Failed or RunStatus.Completed;
}
