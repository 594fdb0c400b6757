using System.Text.Json.Serialization;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Audit;

/// <summary>Who did what when. Holds ids only, never free text: what somebody wrote is with the run.</summary>
public sealed record AuditEntry
{
    /// <summary>32 hexadecimal digits; unique.</summary>
    public required string Id { get; init; }

    /// <summary>When it was begun.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The caller's name.</summary>
    public required string Actor { get; init; }

    /// <summary>The caller's token by its id, <c>entra:</c> and the caller's subject, or <c>agent:</c> and its endpoint.</summary>
    public required string ActorId { get; init; }

    public required AuditAction Action { get; init; }

    public required AuditOutcome Outcome { get; init; }

    /// <summary>The run that it is about, where it is about one.</summary>
    public RunId? RunId { get; init; }

    /// <summary>The gate that was decided.</summary>
    public string? Gate { get; init; }

    /// <summary>The id of the token, delivery or subscription that it is about, or of the run that a retry started.</summary>
    public string? ResourceId { get; init; }

    /// <summary>
    /// The project of the run, or the globs of the token or subscription; of a refused request about no run in particular, those of the
    /// caller. Who covers all of them may read the entry.
    /// </summary>
    public required IReadOnlyList<string> Projects { get; init; }

    /// <summary>The request, as problems and the host's log name it.</summary>
    public required string RequestId { get; init; }
}

/// <summary>What was done.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<AuditAction>))]
public enum AuditAction
{
    StartRun,
    PauseRun,
    ResumeRun,
    CancelRun,

    /// <summary>The entry is about the run that is retried; its resource is the new one.</summary>
    RetryRun,

    /// <summary>A vote for a gate.</summary>
    ApproveGate,

    /// <summary>A vote against one.</summary>
    RejectGate,

    /// <summary>Either, by somebody without the role for it: such a request is not read.</summary>
    DecideGate,
    CreateToken,
    RevokeToken,
    RedeliverEvent,
    CreateSubscription,
    EnableSubscription,
    DisableSubscription,
    RotateSubscription,
    TestSubscription,
    DeleteSubscription,

    /// <summary>The answer of an agent elsewhere; the actor is its endpoint in the host's settings.</summary>
    AnswerTask,
}

/// <summary>What became of it.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<AuditOutcome>))]
public enum AuditOutcome
{
    /// <summary>
    /// Not known: it is being done, or the host failed while it was. The entry is written before the action, so that the action
    /// may have taken effect or not; what it is about tells.
    /// </summary>
    Begun,

    /// <summary>It took effect.</summary>
    Accepted,

    /// <summary>A decision that the caller may not take: the role is missing, or they started the run themselves.</summary>
    Refused,

    /// <summary>It changed nothing: the state of what it was about did not allow it, or it had been done before.</summary>
    NoEffect,
}
