using System.Text.Json.Serialization;
using QuantaPilot.Core.Contracts;

namespace QuantaPilot.Core.Runs;

/// <summary>The state of a run: what <see cref="RunSnapshotChanges"/> made of its events and votes.</summary>
public sealed record RunSnapshot
{
    public required RunId RunId { get; init; }

    public required string RepoUrl { get; init; }

    /// <summary>The canonical name of the repository, without <c>.git</c>: what token scopes and filters match.</summary>
    public required string Project { get; init; }

    public required string Branch { get; init; }

    public string? QuantapilotYamlPath { get; init; }

    public required string CorrelationId { get; init; }

    /// <summary>The name of the caller who started the run.</summary>
    public required string RequestedBy { get; init; }

    /// <summary>Whom Entra ID says that this was; null with an API token.</summary>
    public string? RequestedBySubject { get; init; }

    /// <summary>SHA-256 of the request, to tell a repeat under the same Idempotency-Key from another request.</summary>
    public required string RequestDigest { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public RunStatus Status { get; init; } = RunStatus.Queued;

    /// <summary>The step in hand or last in hand, e.g. <c>documentation</c>, <c>milestone:M-001</c>.</summary>
    public string? Step { get; init; }

    /// <summary>Why the run is paused or was asked to pause or cancel.</summary>
    public string? StatusReason { get; init; }

    public RunError? Error { get; init; }

    public IReadOnlyList<Gate> Gates { get; init; } = [];

    public IReadOnlyList<PullRequestState> PullRequests { get; init; } = [];

    public IReadOnlyList<MilestoneState> Milestones { get; init; } = [];

    /// <summary>Where it took up the work of the run that it retries; null if it retries none.</summary>
    public RetryPoint? Retry { get; init; }

    /// <summary>The run that retries this one, if one does.</summary>
    public RunId? RetriedBy { get; init; }

    /// <summary>The steps that are not at their first attempt; null if all are.</summary>
    public IReadOnlyList<StepAttempt>? Attempts { get; init; }

    /// <summary>2 once the documentation is done anew for the first time, and so on; null before that.</summary>
    public int? DocumentationRound { get; init; }

    /// <summary>What it used up; null in runs of earlier versions, and before its first step has ended.</summary>
    public RunUsage? Usage { get; init; }

    /// <summary>What it may use up; null in runs of earlier versions, which keep no account, and before quantapilot.yml is read.</summary>
    public RunLimits? Limits { get; init; }

    /// <summary>The limits that it has come near to; null for none.</summary>
    public IReadOnlyList<LimitWarning>? Warnings { get; init; }

    /// <summary>The revision of the last event that was applied.</summary>
    public long Revision { get; init; }

    /// <summary>The sequence number of the last public event.</summary>
    public long Sequence { get; init; }

    [JsonIgnore]
    public Person Requester => new(RequestedBy, RequestedBySubject);

    /// <summary>The gate that waits for votes, if one does.</summary>
    [JsonIgnore]
    public Gate? PendingGate => Gates.FirstOrDefault(gate => gate.Status == GateStatus.Pending);

    /// <summary>
    /// True while the orchestration may not have been told of something that this snapshot holds: that the run was
    /// created, or that a gate was decided. A host that was killed in between tells it again at its next start.
    /// </summary>
    [JsonIgnore]
    public bool HasUntold =>
        !Status.HasEnded() && (Revision == 0 || Gates.Any(gate => gate.Decision is not null && !gate.DecisionRecorded));
}

public sealed record RunError(string ErrorCode, string Message);

public sealed record PullRequestState(int Number, string? Url, string Branch, string HeadSha, string? MergeSha)
{
    /// <summary>The pull request that took its place when its step was done anew; null while it stands.</summary>
    public int? SupersededBy { get; init; }
}

/// <param name="Id">Its id in the plan.</param>
/// <param name="Title">One line.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Round">1 for the first try of its work, 2 for the first rework, and so on.</param>
public sealed record MilestoneState(string Id, string Title, MilestoneStatus Status, int Round = 1);

[JsonConverter(typeof(SnakeCaseEnumConverter<MilestoneStatus>))]
public enum MilestoneStatus
{
    Planned,
    Running,
    Completed,
}
