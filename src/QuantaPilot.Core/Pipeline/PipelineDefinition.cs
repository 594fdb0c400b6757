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
    /// <summary>What holds without a quantapilot.yml.</summary>
    public static PipelineDefinition Default { get; } = new(
        new DocumentationDefinition(AgentDefinition.Outline, "docs"),
        [],
        GateDefinition.Default,
        GateDefinition.Default,
        GateDefinition.Default with { Required = false },
        MergeMethod.Squash);
}

/// <param name="Agent">Who writes it. The built-in <c>outline</c> by default.</param>
/// <param name="Path">The folder it is written to, relative to the root. <c>docs</c> by default.</param>
public sealed record DocumentationDefinition(AgentDefinition Agent, string Path);

/// <param name="Name">Its name under <c>agents</c>.</param>
/// <param name="Type"><c>outline</c> or <c>command</c>.</param>
/// <param name="Run">Program and arguments, for <c>command</c>.</param>
/// <param name="Timeout">How long it may take, for <c>command</c>. 20 minutes by default.</param>
public sealed record AgentDefinition(string Name, string Type, IReadOnlyList<string>? Run, TimeSpan? Timeout)
{
    public const string OutlineType = "outline";
    public const string CommandType = "command";

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
