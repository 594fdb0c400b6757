using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Contracts;

/// <summary>The body of <c>POST /run</c>, as in the seed.</summary>
public sealed record RunRequest(string? RepoUrl, string? Branch, string? QuantapilotYamlPath = null, string? CorrelationId = null);

/// <summary>The answer to <c>POST /run</c>.</summary>
public sealed record RunAccepted(RunId RunId, string CorrelationId, string StatusUrl, string EventsUrl);

/// <summary>The body of pause and cancel. A reason is free text of at most 1,000 characters.</summary>
public sealed record ControlRequest(string? Reason = null);

/// <summary>The body of a retry: an empty object, or none.</summary>
public sealed record RetryRequest;

/// <summary>The body of resume.</summary>
/// <param name="Limits">Limits of the run that get new values. The others stay.</param>
public sealed record ResumeRequest(LimitsResource? Limits = null);

/// <summary>Limits of a run, in requests and answers. Null: not limited, or not changed.</summary>
/// <param name="Tokens">Tokens of models, in and out.</param>
/// <param name="Usd">US dollars.</param>
/// <param name="Duration">As quantapilot.yml writes it (<see cref="DurationText"/>).</param>
public sealed record LimitsResource(long? Tokens = null, decimal? Usd = null, string? Duration = null)
{
    public static LimitsResource From(RunLimits limits) =>
        new(limits.Tokens, limits.Usd, limits.Duration is { } duration ? DurationText.Format(duration) : null);
}

/// <summary>The body of a decision. A rejection needs a reason.</summary>
/// <param name="Approved">Yes or no.</param>
/// <param name="Reason">At most 1,000 characters.</param>
/// <param name="HeadSha">The head that was reviewed: the decision is refused as stale if the gate asks for another.</param>
public sealed record DecisionRequest(bool? Approved, string? Reason = null, string? HeadSha = null);

/// <summary>The answer to a decision.</summary>
/// <param name="Result"><c>applied</c>, <c>recorded</c> (more approvals needed) or <c>already_decided</c>.</param>
/// <param name="Gate">The gate as it stands now.</param>
public sealed record DecisionAnswer(VoteResult Result, GateResource Gate);

/// <summary>The body of <c>POST /gates:decide</c>.</summary>
public sealed record BatchDecisionRequest(IReadOnlyList<BatchDecision>? Decisions);

public sealed record BatchDecision(string? RunId, string? Gate, bool? Approved, string? Reason = null, string? HeadSha = null);

/// <summary>The answer to one decision of a batch: an answer or a problem.</summary>
public sealed record BatchDecisionAnswer(string? RunId, string? Gate, int Status, DecisionAnswer? Answer, Problem? Problem);

public sealed record BatchDecisionAnswers(IReadOnlyList<BatchDecisionAnswer> Items);

/// <summary>A list and where it goes on.</summary>
public sealed record ResourcePage<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>A run as <c>GET /runs/{run_id}</c> shows it.</summary>
public sealed record RunResource(
    RunId RunId,
    RunStatus Status,
    string? Step,
    string? StatusReason,
    string RepoUrl,
    string Branch,
    string? QuantapilotYamlPath,
    string Project,
    string CorrelationId,
    string RequestedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt,
    RunError? Error,
    IReadOnlyList<GateResource> Gates,
    IReadOnlyList<PullRequestState> PullRequests,
    IReadOnlyList<MilestoneState> Milestones,
    long LastSequence)
{
    /// <summary>
    /// How far the step in hand has come; null where the process that answers does not carry it out, or there is nothing to say.
    /// </summary>
    public StepProgress? Progress { get; init; }

    /// <summary>Its place in the queue, from 1, while the host's limits keep it <c>queued</c>.</summary>
    public int? QueuePosition { get; init; }

    /// <summary>The limit that it waits for: <c>host</c>, <c>project</c> or <c>branch</c>.</summary>
    public string? QueuedFor { get; init; }

    /// <summary>The run that this one retries.</summary>
    public RunId? RetryOf { get; init; }

    /// <summary>The run that retries this one.</summary>
    public RunId? RetriedBy { get; init; }

    /// <summary>2 once the documentation is done anew for the first time, and so on; null before that.</summary>
    public int? DocumentationRound { get; init; }

    /// <summary>What the run used up; null until its first step has ended.</summary>
    public RunUsage? Usage { get; init; }

    /// <summary>What it may use up; null where nothing is limited.</summary>
    public LimitsResource? Limits { get; init; }

    /// <summary>The limits of which four fifths are used up, and since when; null for none.</summary>
    public IReadOnlyList<LimitWarning>? Warnings { get; init; }

    public static RunResource From(RunSnapshot run) => new(
        run.RunId,
        run.Status,
        run.Step,
        run.StatusReason,
        run.RepoUrl,
        run.Branch,
        run.QuantapilotYamlPath,
        run.Project,
        run.CorrelationId,
        run.RequestedBy,
        run.CreatedAt,
        run.UpdatedAt,
        run.StartedAt,
        run.EndedAt,
        run.Error,
        [.. run.Gates.Select(gate => GateResource.From(run.RunId, gate))],
        run.PullRequests,
        run.Milestones,
        run.Sequence)
    {
        RetryOf = run.Retry?.Of,
        RetriedBy = run.RetriedBy,
        DocumentationRound = run.DocumentationRound,
        Usage = run.Usage,
        Limits = run.Limits is null || run.Limits == RunLimits.None ? null : LimitsResource.From(run.Limits),
        Warnings = run.Warnings is { Count: > 0 } ? run.Warnings : null,
    };
}

/// <summary>A gate as the API shows it.</summary>
public sealed record GateResource(
    RunId RunId,
    string Gate,
    GateStatus Status,
    string Description,
    DateTimeOffset RequestedAt,
    DateTimeOffset ExpiresAt,
    int ApprovalsNeeded,
    bool SelfApproval,
    IReadOnlyList<Vote> Votes,
    GateReview Review)
{
    public static GateResource From(RunId runId, Gate gate) => new(
        runId,
        gate.Name,
        gate.Status,
        gate.Description,
        gate.RequestedAt,
        gate.ExpiresAt,
        gate.ApprovalsNeeded,
        gate.SelfApproval,
        [.. gate.Votes.Select(vote => vote with { Subject = null })],
        gate.Review);
}

/// <summary>RFC 9457 problem details with the project's members.</summary>
/// <param name="Type">A URI for the kind of problem.</param>
/// <param name="Title">The kind of problem, in words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What is wrong here and what would be accepted.</param>
/// <param name="ErrorCode">One of <see cref="ErrorCodes"/>.</param>
/// <param name="RequestId">To find the request in the host's logs.</param>
/// <param name="RunId">The run, where there is one.</param>
/// <param name="Errors">Each field at fault with what is wrong about it.</param>
public sealed record Problem(
    string Type,
    string Title,
    int Status,
    string Detail,
    string ErrorCode,
    string RequestId,
    string? RunId = null,
    IReadOnlyDictionary<string, string>? Errors = null);

/// <summary>The answer of <c>/healthz</c> and <c>/readyz</c>.</summary>
/// <param name="Status"><c>ok</c>.</param>
public sealed record HealthResource(string Status);
