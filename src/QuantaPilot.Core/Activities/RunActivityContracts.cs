using QuantaPilot.Core.Agents;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Telemetry;

namespace QuantaPilot.Core.Activities;

/// <summary>The registered names of the activities. They are in recorded histories: never change one.</summary>
public static class ActivityNames
{
    public const string PrepareRun = "prepare_run";
    public const string ReadPlan = "read_plan";
    public const string WriteDocumentation = "write_documentation";
    public const string CarryOutTask = "carry_out_task";
    public const string OpenMilestone = "open_milestone";
    public const string MergePullRequest = "merge_pull_request";
    public const string TimeOutGate = "time_out_gate";
    public const string RecordEvents = "record_events";
    public const string LookAtPullRequest = "look_at_pull_request";
    public const string TakeSlot = "take_slot";
    public const string GiveBackSlot = "give_back_slot";
    public const string AttemptDelivery = "attempt_delivery";
    public const string StartAgent = "start_agent";
    public const string StopAgent = "stop_agent";
}

/// <summary>
/// What every activity gets. A state change rides with the work that it precedes: the activity first records
/// <paramref name="Events"/> (idempotent by revision), then works.
/// </summary>
/// <param name="RunId">The run.</param>
/// <param name="Events">Events that may not have been recorded yet, in order.</param>
public abstract record ActivityInput(RunId RunId, IReadOnlyList<RunEvent> Events) : IAboutRun
{
    /// <inheritdoc/>
    public string? CorrelationId { get; init; }

    /// <summary>The run whose work branches are carried on, for a retry; null: the run itself.</summary>
    public RunId? Origin { get; init; }

    /// <summary>What the forge has; null for nothing, and in runs begun before this was known.</summary>
    public ForgeTraits? Forge { get; init; }

    /// <summary>Results of gates that are to be commented on their pull requests; null for none.</summary>
    public IReadOnlyList<GateDecided>? Decided { get; init; }

    /// <summary>Which attempt at the step this is, from 2, where it was begun anew on a branch of its own; null for the first.</summary>
    public int? Attempt { get; init; }
}

/// <summary>Work is done anew.</summary>
/// <param name="Round">2 for the first rework, 3 for the next.</param>
/// <param name="Feedback">What the reviewer or the checks said of the round before.</param>
public sealed record Rework(int Round, string Feedback);

/// <summary>What the work of a run is about.</summary>
public sealed record RunTarget(string RepoUrl, string Branch);

/// <summary>What became of a step, whatever its value is.</summary>
public interface IStepResult
{
    StepFailure? Failure { get; }

    /// <summary>What agents used up in the step, also if it failed.</summary>
    AgentUsage? Usage { get; }
}

/// <summary>Value or failure, or why the step has to wait: one of the three is set.</summary>
public sealed record StepResult<T>(T? Value, StepFailure? Failure) : IStepResult
    where T : class
{
    /// <inheritdoc/>
    public AgentUsage? Usage { get; init; }

    /// <summary>Why what was to be commented could not be; the step itself has nothing to do with it.</summary>
    public StepFailure? CommentFailure { get; init; }

    /// <summary>Nothing was done: the run is to pause first.</summary>
    public StepHold? Hold { get; init; }

    /// <summary>
    /// True if storage was away before the input's events were recorded and handed over: they are to come again. Else null.
    /// </summary>
    public bool? Unrecorded { get; init; }
}

/// <summary>The host lets no agent work for the run now.</summary>
/// <param name="Reason">For those who see the run paused.</param>
/// <param name="Until">When the run goes on by itself, unless somebody resumes it before.</param>
public sealed record StepHold(string Reason, DateTimeOffset Until);

public sealed record PrepareRunInput(RunId RunId, IReadOnlyList<RunEvent> Events, RunTarget Target, string? QuantapilotYamlPath)
    : ActivityInput(RunId, Events);

/// <param name="HeadSha">The commit that the run documents.</param>
/// <param name="Pipeline">What quantapilot.yml of that commit says.</param>
public sealed record PreparedRun(string HeadSha, PipelineDefinition Pipeline)
{
    /// <summary>What the forge has; null for nothing, and in runs begun before this was known.</summary>
    public ForgeTraits? Forge { get; init; }

    /// <summary>
    /// True if the run keeps account of what it uses up, and does refused work anew. False in runs that earlier versions began,
    /// whose histories have neither.
    /// </summary>
    public bool IsMetered { get; init; }
}

/// <summary>Reads the plan from the document of a commit of the target branch.</summary>
public sealed record ReadPlanInput(RunId RunId, IReadOnlyList<RunEvent> Events, RunTarget Target, string Commit, PlanSource Source)
    : ActivityInput(RunId, Events);

/// <param name="Milestones">The milestones that are not done, in order.</param>
public sealed record PlanRead(IReadOnlyList<MilestoneDefinition> Milestones);

public sealed record WriteDocumentationInput(
    RunId RunId,
    IReadOnlyList<RunEvent> Events,
    RunTarget Target,
    string HeadSha,
    DocumentationDefinition Documentation) : ActivityInput(RunId, Events)
{
    /// <summary>Null for the first try.</summary>
    public Rework? Rework { get; init; }

    /// <summary>The open pull request of the run that is retried: it is taken up as it stands. Null: the agent writes.</summary>
    public GateReview? TakeUp { get; init; }

    /// <summary>What an agent elsewhere has answered; null for agents here.</summary>
    public AgentAnswer? Answer { get; init; }

    /// <summary>Where the plan may stand; null if quantapilot.yml has milestones.</summary>
    public PlanSource? PlanSource { get; init; }
}

/// <summary>Work that stands in a pull request, ready for review.</summary>
public sealed record ReviewableWork(GateReview Review)
{
    /// <summary>The plan in the documentation at the reviewed head; null if there is none.</summary>
    public IReadOnlyList<MilestoneDefinition>? Plan { get; init; }

    /// <summary>Pull requests of earlier attempts at the step that were closed; null for none.</summary>
    public IReadOnlyList<int>? Superseded { get; init; }
}

public sealed record CarryOutTaskInput(
    RunId RunId,
    IReadOnlyList<RunEvent> Events,
    RunTarget Target,
    string MilestoneId,
    int TaskNumber,
    TaskDefinition Task) : ActivityInput(RunId, Events)
{
    /// <summary>Null for the first try.</summary>
    public Rework? Rework { get; init; }

    /// <summary>What an agent elsewhere has answered; null for agents here.</summary>
    public AgentAnswer? Answer { get; init; }
}

/// <param name="HeadSha">The head of the milestone's branch.</param>
/// <param name="Summary">What the agent says of its work.</param>
public sealed record TaskDone(string HeadSha, string Summary);

/// <summary>Runs the checks of a milestone on its branch and, if they succeed, opens its pull request.</summary>
public sealed record OpenMilestoneInput(
    RunId RunId,
    IReadOnlyList<RunEvent> Events,
    RunTarget Target,
    MilestoneDefinition Milestone,
    IReadOnlyList<string> TaskSummaries) : ActivityInput(RunId, Events)
{
    /// <summary>Null for the first try.</summary>
    public Rework? Rework { get; init; }
}

public sealed record MergePullRequestInput(
    RunId RunId,
    IReadOnlyList<RunEvent> Events,
    RunTarget Target,
    int Number,
    string ReviewedHeadSha,
    MergeMethod Method) : ActivityInput(RunId, Events)
{
    /// <summary>The branch to delete once it is merged; null for none.</summary>
    public string? WorkBranch { get; init; }
}

/// <param name="MergeSha">The commit on the target, or null if the head had moved since the review.</param>
/// <param name="HeadSha">The present head of the pull request.</param>
public sealed record MergeResult(string? MergeSha, string HeadSha)
{
    /// <summary>Set if it conflicts with the target, which has moved since the work was based on it.</summary>
    public MergeConflict? Conflict { get; init; }
}

/// <param name="TargetSha">The head of the target.</param>
/// <param name="Message">Names the files.</param>
public sealed record MergeConflict(string TargetSha, string Message);

/// <param name="RunId">The run.</param>
/// <param name="Events">Events that may not have been recorded yet, in order.</param>
/// <param name="Target">The repository and branch.</param>
/// <param name="PullRequest">What to look at.</param>
/// <param name="HeadSha">The head that is known. Checks of another are not looked at.</param>
/// <param name="HeadOnly">True to find out no more than where the branch stands.</param>
/// <param name="AcceptsNone">True if it counts as ready where there are no checks.</param>
public sealed record LookAtPullRequestInput(
    RunId RunId,
    IReadOnlyList<RunEvent> Events,
    RunTarget Target,
    PullRequestRef PullRequest,
    string HeadSha,
    bool HeadOnly,
    bool AcceptsNone) : ActivityInput(RunId, Events);

/// <param name="HeadSha">The present head of the branch.</param>
/// <param name="Report">Where the checks of the known head stand; null if it is not the present one, or was not asked for.</param>
public sealed record PullRequestLook(string HeadSha, CheckReport? Report);

public sealed record TimeOutGateInput(RunId RunId, IReadOnlyList<RunEvent> Events, string Gate, int Request) : ActivityInput(RunId, Events);

/// <param name="Decision">The decision that came before the time-out, or null.</param>
public sealed record GateTimeoutResult(GateDecision? Decision);

public sealed record RecordEventsInput(RunId RunId, IReadOnlyList<RunEvent> Events) : ActivityInput(RunId, Events);

/// <summary>An activity that has nothing to say.</summary>
public sealed record Done;
