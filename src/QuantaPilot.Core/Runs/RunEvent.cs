using System.Text.Json.Serialization;

namespace QuantaPilot.Core.Runs;

/// <summary>
/// Something that happened to a run, recorded by its orchestration. Nine of them are the seed's public events; the others
/// only change the snapshot.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(RunStarted), "run_started")]
[JsonDerivedType(typeof(StepStarted), "step_started")]
[JsonDerivedType(typeof(DocumentationGenerated), "documentation_generated")]
[JsonDerivedType(typeof(MilestonesPlanned), "milestones_planned")]
[JsonDerivedType(typeof(GateRequested), "gate_requested")]
[JsonDerivedType(typeof(GateReminded), "gate_reminded")]
[JsonDerivedType(typeof(GateWithdrawn), "gate_withdrawn")]
[JsonDerivedType(typeof(GateDecided), "gate_decision")]
[JsonDerivedType(typeof(PullRequestOpened), "pull_request_opened")]
[JsonDerivedType(typeof(PullRequestMerged), "pull_request_merged")]
[JsonDerivedType(typeof(PullRequestSuperseded), "pull_request_superseded")]
[JsonDerivedType(typeof(MilestoneStarted), "milestone_started")]
[JsonDerivedType(typeof(MilestoneCompleted), "milestone_completed")]
[JsonDerivedType(typeof(RunQueued), "run_queued")]
[JsonDerivedType(typeof(StepBegunAnew), "step_begun_anew")]
[JsonDerivedType(typeof(PauseRequested), "pause_requested")]
[JsonDerivedType(typeof(PauseWithdrawn), "pause_withdrawn")]
[JsonDerivedType(typeof(RunPaused), "run_paused")]
[JsonDerivedType(typeof(RunResumed), "run_resumed")]
[JsonDerivedType(typeof(CancelRequested), "cancel_requested")]
[JsonDerivedType(typeof(LimitsSet), "limits_set")]
[JsonDerivedType(typeof(UsageAdded), "usage_added")]
[JsonDerivedType(typeof(LimitNeared), "limit_neared")]
[JsonDerivedType(typeof(ReworkStarted), "rework_started")]
[JsonDerivedType(typeof(RunFailed), "run_failed")]
[JsonDerivedType(typeof(RunCompleted), "run_completed")]
public abstract record RunEvent
{
    /// <summary>Position among all recorded events of the run, from 1, without gaps. Makes recording idempotent.</summary>
    public long Revision { get; init; }

    /// <summary>Position in the public event log of the run, from 1, without gaps; null for an event that is not public.</summary>
    public long? Sequence { get; init; }

    /// <summary>The orchestration's clock when it recorded the event.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>True for the seed's nine events.</summary>
    [JsonIgnore]
    public virtual bool IsPublic => false;
}

public abstract record PublicRunEvent : RunEvent
{
    public override bool IsPublic => true;
}

/// <summary>The run left the queue; the repository is being read.</summary>
public sealed record RunStarted : PublicRunEvent;

/// <summary>The host's limits keep the run waiting, before its start or before it goes on.</summary>
public sealed record RunQueued : RunEvent;

/// <summary>A step of the pipeline began.</summary>
public sealed record StepStarted(string Step) : RunEvent;

/// <summary>The documentation stands in a pull request.</summary>
public sealed record DocumentationGenerated(PullRequestRef PullRequest, string HeadSha) : PublicRunEvent;

/// <summary>The plan was read from quantapilot.yml.</summary>
public sealed record MilestonesPlanned(IReadOnlyList<PlannedMilestone> Milestones) : RunEvent;

public sealed record PlannedMilestone(string Id, string Title)
{
    /// <summary>True if the run that is retried has completed it.</summary>
    public bool? Completed { get; init; }
}

public sealed record GateRequested(
    string Gate,
    int Request,
    string Description,
    DateTimeOffset ExpiresAt,
    int ApprovalsNeeded,
    bool SelfApproval,
    GateReview Review) : PublicRunEvent;

/// <summary>A gate still waits. Published as <c>gate_requested</c> once more; the gate stays as it is, with votes and time-out.</summary>
public sealed record GateReminded(string Gate, int Request, string Description) : PublicRunEvent;

/// <summary>Somebody pushed to what the gate asks about: no vote on it counts any more. It is requested anew for the new head.</summary>
public sealed record GateWithdrawn(string Gate, int Request) : RunEvent;

public sealed record GateDecided(string Gate, int Request, bool Approved, string Reason) : PublicRunEvent;

public sealed record PullRequestOpened(PullRequestRef PullRequest, string HeadSha) : RunEvent;

public sealed record PullRequestMerged(int Number, string MergeSha) : RunEvent;

/// <summary>The step was done anew, and the pull request with the work before was closed.</summary>
/// <param name="Number">The one that was closed.</param>
/// <param name="By">The one that follows.</param>
public sealed record PullRequestSuperseded(int Number, int By) : RunEvent;

public sealed record MilestoneStarted(string MilestoneId) : RunEvent;

public sealed record MilestoneCompleted(string MilestoneId) : PublicRunEvent;

/// <summary>What the step had done conflicts with the target, which had moved; it is done anew on the target's head.</summary>
/// <param name="Step"><see cref="WorkBranches.Documentation"/> or the id of a milestone.</param>
/// <param name="Attempt">The attempt that begins, from 2.</param>
public sealed record StepBegunAnew(string Step, int Attempt) : RunEvent;

/// <summary>Someone asked for a pause while a step was in hand.</summary>
public sealed record PauseRequested(string Reason) : RunEvent;

/// <summary>Someone resumed before the pause took effect.</summary>
public sealed record PauseWithdrawn : RunEvent;

public sealed record RunPaused(string Reason) : PublicRunEvent;

public sealed record RunResumed : PublicRunEvent;

/// <summary>Someone asked to cancel; work in progress is being stopped.</summary>
public sealed record CancelRequested(string Reason) : RunEvent;

/// <summary>What the run may use up from now on: at its start, and where a resume raises it.</summary>
public sealed record LimitsSet(RunLimits Limits) : RunEvent;

/// <summary>A try of a step has ended.</summary>
/// <param name="Step">The step; null if nothing but time has passed.</param>
/// <param name="Usage">What agents used up in it.</param>
/// <param name="Worked">For how many seconds the run has worked in all (<see cref="RunUsage.Seconds"/>).</param>
public sealed record UsageAdded(string? Step, AgentUsage Usage, double Worked) : RunEvent;

/// <summary>Four fifths of a limit are used up. Recorded once per limit and value of it.</summary>
public sealed record LimitNeared(LimitName Limit) : RunEvent;

/// <summary>Work was turned down and is done anew.</summary>
/// <param name="MilestoneId">Whose work; null for the documentation.</param>
/// <param name="Round">2 for the first rework, 3 for the next.</param>
public sealed record ReworkStarted(string? MilestoneId, int Round) : RunEvent;

/// <summary>The end of a run that did not complete; <c>cancelled</c> is one of the codes.</summary>
public sealed record RunFailed(string ErrorCode, string Message) : PublicRunEvent;

public sealed record RunCompleted : PublicRunEvent;
