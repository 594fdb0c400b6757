using System.Text.Json.Serialization;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Core.Pipeline;

/// <summary>What quantapilot.yml says, with the defaults filled in.</summary>
/// <param name="Documentation">Who writes the documentation, and where.</param>
/// <param name="Milestones">The work, in order; none by default.</param>
/// <param name="Anchor">The gate on the documentation. Required by default.</param>
/// <param name="Milestone">The gate on each milestone. Required by default.</param>
/// <param name="FirstMerge">The gate before the first milestone is merged. Not required by default.</param>
/// <param name="Merge">How pull requests are merged. Squash by default.</param>
public sealed record PipelineDefinition(
    DocumentationDefinition Documentation,
    IReadOnlyList<MilestoneDefinition> Milestones,
    GateDefinition Anchor,
    GateDefinition Milestone,
    GateDefinition FirstMerge,
    MergeMethod Merge)
{
    /// <summary>What the run may use up. Null (no <c>limits</c> in the file, or a run of an earlier version): nothing is limited.</summary>
    public LimitsDefinition? Limits { get; init; }

    /// <summary>Where milestones may stand instead. Null if the file has some, and in runs of earlier versions.</summary>
    public PlanSource? PlanSource { get; init; }

    /// <summary>What holds without a quantapilot.yml.</summary>
    public static PipelineDefinition Default { get; } = new(
        new DocumentationDefinition(AgentDefinition.Outline, "docs"),
        [],
        GateDefinition.Default,
        GateDefinition.Default,
        GateDefinition.Default with { Required = false },
        MergeMethod.Squash)
    {
        PlanSource = PlanSource.Of(new DocumentationDefinition(AgentDefinition.Outline, "docs"), []),
    };
}

/// <param name="Agent">Who writes it. The built-in <c>outline</c> by default.</param>
/// <param name="Path">The folder it is written to, relative to the root. <c>docs</c> by default.</param>
public sealed record DocumentationDefinition(AgentDefinition Agent, string Path);

/// <param name="Name">Its name under <c>agents</c>.</param>
/// <param name="Type"><c>outline</c>, <c>command</c>, <c>http</c> or <c>chat</c>.</param>
/// <param name="Run">Program and arguments, for <c>command</c>.</param>
/// <param name="Timeout">How long it may take; not for <c>outline</c>. By default 20 minutes, for <c>http</c> a day.</param>
public sealed record AgentDefinition(string Name, string Type, IReadOnlyList<string>? Run, TimeSpan? Timeout)
{
    public const string OutlineType = "outline";
    public const string CommandType = "command";
    public const string HttpType = "http";
    public const string ChatType = "chat";

    /// <summary>How long an <c>http</c> agent has by default: it may have a queue of its own, or a person in it.</summary>
    public static readonly TimeSpan DefaultHttpTimeout = TimeSpan.FromDays(1);

    /// <summary>
    /// The name of an endpoint in the host's settings, for <c>http</c> and <c>chat</c>; null: the one named <c>default</c>.
    /// </summary>
    public string? Endpoint { get; init; }

    /// <summary>What a <c>chat</c> agent is for: <c>documentation</c> or <c>task</c>; null: both.</summary>
    public string? Role { get; init; }

    /// <summary>True if the agent can be given a task of a milestone.</summary>
    [JsonIgnore]
    public bool TakesTasks => Type is CommandType or HttpType || (Type == ChatType && Role is null or "task");

    /// <summary>The built-in agent.</summary>
    public static AgentDefinition Outline { get; } = new(OutlineType, OutlineType, null, null);
}

/// <param name="Id">Unique in the file; part of branch and gate names.</param>
/// <param name="Title">One line.</param>
/// <param name="Criteria">What the reviewer checks.</param>
/// <param name="Tasks">The work, in order; at least one.</param>
/// <param name="Checks">Commands that must succeed before anybody is asked.</param>
public sealed record MilestoneDefinition(
    string Id,
    string Title,
    IReadOnlyList<string> Criteria,
    IReadOnlyList<TaskDefinition> Tasks,
    IReadOnlyList<CheckDefinition> Checks);

/// <param name="Agent">Who does it.</param>
/// <param name="Prompt">What is to be done.</param>
public sealed record TaskDefinition(AgentDefinition Agent, string Prompt);

/// <param name="Run">Program and arguments.</param>
/// <param name="Timeout">How long it may take. 10 minutes by default.</param>
public sealed record CheckDefinition(IReadOnlyList<string> Run, TimeSpan Timeout);

/// <param name="Required">False: the run goes on without asking.</param>
/// <param name="Approvals">How many different approvers it takes. 1 by default.</param>
/// <param name="Timeout">How long it waits. 7 days by default.</param>
/// <param name="OnTimeout">What happens then. Pause by default.</param>
/// <param name="SelfApproval">Whether the requester of the run may approve. True by default.</param>
public sealed record GateDefinition(bool Required, int Approvals, TimeSpan Timeout, GateTimeoutAction OnTimeout, bool SelfApproval)
{
    /// <summary>More often a gate never reminds within one time-out, which bounds the log and the history of a run.</summary>
    public const int MaxReminders = 100;

    public static GateDefinition Default { get; } = new(true, 1, TimeSpan.FromDays(7), GateTimeoutAction.Pause, true);

    /// <summary>What a rejection does. Fail by default, and in runs of earlier versions.</summary>
    public GateRejectAction OnReject { get; init; }

    /// <summary>
    /// How often it reminds while it waits, by publishing <c>gate_requested</c> again; shorter than the time-out. Null, the default
    /// and what runs of earlier versions have: never.
    /// </summary>
    public TimeSpan? Remind { get; init; }
}

/// <summary>What a gate's time-out does. It never approves.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<GateTimeoutAction>))]
public enum GateTimeoutAction
{
    /// <summary>The run is paused; once resumed it asks again.</summary>
    Pause,

    /// <summary>The run fails with <c>gate_timed_out</c>.</summary>
    Reject,

    /// <summary>The gate is requested again, which publishes <c>gate_requested</c> again, with a new time-out.</summary>
    Remind,
}

/// <summary>What a gate's rejection does.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<GateRejectAction>))]
public enum GateRejectAction
{
    /// <summary>The run fails with <c>gate_rejected</c>.</summary>
    Fail,

    /// <summary>
    /// The agent gets the reviewer's reason and works once more, then the gate asks again; as often as
    /// <see cref="LimitsDefinition.Retries"/> says.
    /// </summary>
    Rework,
}

/// <summary>What a run may use up before it is paused. Null: as much as it takes.</summary>
/// <param name="Tokens">Tokens of models, in and out.</param>
/// <param name="Usd">Money, in US dollars.</param>
/// <param name="Duration">Time.</param>
/// <param name="Retries">How often work is done anew after a rejection or failed checks. 2 by default.</param>
public sealed record LimitsDefinition(
    long? Tokens = null, decimal? Usd = null, TimeSpan? Duration = null, int Retries = LimitsDefinition.DefaultRetries)
{
    /// <summary>How often work is done anew where the file does not say.</summary>
    public const int DefaultRetries = 2;
}
