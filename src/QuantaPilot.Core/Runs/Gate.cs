using System.Text.Json.Serialization;
using QuantaPilot.Core.Contracts;

namespace QuantaPilot.Core.Runs;

/// <summary>A point where the run waits for people.</summary>
/// <param name="Name"><c>anchor</c>, <c>first-merge</c> or <c>milestone:{id}</c>.</param>
/// <param name="Request">Counts up each time the gate is asked for anew: after a stale head or a time-out.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Description">What is asked.</param>
/// <param name="RequestedAt">When it was (last) requested.</param>
/// <param name="ExpiresAt">When it times out.</param>
/// <param name="ApprovalsNeeded">How many different approvers it takes.</param>
/// <param name="SelfApproval">False if the requester of the run can't approve it.</param>
/// <param name="Votes">One per approver, never changed. They count for the head in <paramref name="Review"/> only.</param>
/// <param name="Review">What is to be reviewed.</param>
/// <param name="DecisionRecorded">True once the orchestration has recorded the outcome.</param>
public sealed record Gate(
    string Name,
    int Request,
    GateStatus Status,
    string Description,
    DateTimeOffset RequestedAt,
    DateTimeOffset ExpiresAt,
    int ApprovalsNeeded,
    bool SelfApproval,
    IReadOnlyList<Vote> Votes,
    GateReview Review,
    bool DecisionRecorded)
{
    public const string Anchor = "anchor";
    public const string FirstMerge = "first-merge";

    private const string MilestonePrefix = "milestone:";

    public static string ForMilestone(string milestoneId) => MilestonePrefix + milestoneId;

    /// <summary>The id of the milestone whose gate it is; null for another gate.</summary>
    public static string? MilestoneOf(string gate) =>
        gate.StartsWith(MilestonePrefix, StringComparison.Ordinal) ? gate[MilestonePrefix.Length..] : null;

    /// <summary>The decision that the votes have brought about, or null.</summary>
    [JsonIgnore]
    public GateDecision? Decision => Status is GateStatus.Approved or GateStatus.Rejected && Votes.Count > 0
        ? new GateDecision(Name, Request, Status == GateStatus.Approved, Votes[^1].Reason ?? "", Votes[^1].By)
        : null;
}

[JsonConverter(typeof(SnakeCaseEnumConverter<GateStatus>))]
public enum GateStatus
{
    Pending,
    Approved,
    Rejected,
    TimedOut,

    /// <summary>The run ended, or the branch under review moved, while the gate was waiting.</summary>
    Cancelled,
}

/// <param name="By">The approver's name: that of their token, or that which Entra ID knows them by.</param>
/// <param name="Approved">Yes or no.</param>
/// <param name="Reason">Why; required for a rejection.</param>
/// <param name="At">When it became durable.</param>
public sealed record Vote(string By, bool Approved, string? Reason, DateTimeOffset At)
{
    /// <summary>Whom Entra ID says that the approver is; kept to tell approvers apart, and not shown. Null with an API token.</summary>
    public string? Subject { get; init; }

    [JsonIgnore]
    public Person Voter => new(By, Subject);
}

/// <param name="PullRequest">The pull request to review.</param>
/// <param name="HeadSha">The head that an approval counts for.</param>
/// <param name="Digest">SHA-256 of the documents, for documentation.</param>
/// <param name="Summary">What a reviewer needs to know, Markdown.</param>
public sealed record GateReview(PullRequestRef PullRequest, string HeadSha, string? Digest, string Summary)
{
    /// <summary>The same at another head.</summary>
    /// <param name="headSha">The new head.</param>
    /// <param name="when">When the branch moved there, for the reviewer.</param>
    public GateReview At(string headSha, string when) => this with
    {
        HeadSha = headSha,
        // The digest was of the documents at the old head.
        Digest = null,
        Summary = $"The branch moved from {HeadSha} to {headSha} {when}.\n\n{Summary}",
    };
}

/// <param name="Number">Its number in the repository.</param>
/// <param name="Url">Its page, where the forge has one.</param>
/// <param name="Branch">The branch with the work.</param>
public sealed record PullRequestRef(int Number, string? Url, string Branch);

/// <summary>The outcome of a gate, as the orchestration is told of it.</summary>
public sealed record GateDecision(string Gate, int Request, bool Approved, string Reason, string By);

/// <summary>What became of a vote.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<VoteResult>))]
public enum VoteResult
{
    /// <summary>It decided the gate.</summary>
    Applied,

    /// <summary>It counts; more approvals are needed.</summary>
    Recorded,

    /// <summary>The gate was decided before; nothing changed.</summary>
    AlreadyDecided,

    /// <summary>No such gate is waiting; nothing changed.</summary>
    GateNotPending,

    /// <summary>The caller reviewed another head than the gate asks for; nothing changed.</summary>
    Stale,

    /// <summary>The requester of the run can't approve this gate; nothing changed.</summary>
    SelfApproval,

    /// <summary>This approver has voted otherwise before; votes don't change.</summary>
    AlreadyVoted,
}
