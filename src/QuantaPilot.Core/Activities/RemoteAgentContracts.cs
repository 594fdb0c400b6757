using QuantaPilot.Core.Agents;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Activities;

/// <summary>Gives an agent elsewhere its task.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Events">Events that may not have been recorded yet, in order.</param>
/// <param name="Target">The repository and branch.</param>
/// <param name="Agent">Who is asked.</param>
/// <param name="Step"><c>documentation</c>, or a milestone's id with the number of the task.</param>
/// <param name="Prompt">What to do; empty for documentation.</param>
/// <param name="Deadline">Later answers are not taken.</param>
public sealed record StartAgentInput(
    RunId RunId,
    IReadOnlyList<RunEvent> Events,
    RunTarget Target,
    AgentDefinition Agent,
    string Step,
    string Prompt,
    DateTimeOffset Deadline) : ActivityInput(RunId, Events)
{
    /// <summary>The milestone, whose branch the work goes to; null for documentation.</summary>
    public string? MilestoneId { get; init; }

    /// <summary>The commit that is documented; null for tasks, which work on the head of the branch.</summary>
    public string? HeadSha { get; init; }

    /// <summary>The folder of the documentation set, for documentation.</summary>
    public string? DocumentationPath { get; init; }

    /// <summary>What the reviewer checks.</summary>
    public IReadOnlyList<string> Criteria { get; init; } = [];

    /// <summary>Null for the first try.</summary>
    public Rework? Rework { get; init; }

    /// <summary>How often the run has asked for this step, from 1: after a rework, or where the step is begun anew.</summary>
    public int Round { get; init; } = 1;
}

/// <param name="TaskUrl">Where the agent can be told to stop, if it says so.</param>
/// <param name="IsDone">True if nothing was asked: the work stands on its branch already.</param>
public sealed record AgentStarted(string? TaskUrl, bool IsDone = false);

/// <summary>Gives a task up that an agent elsewhere has.</summary>
public sealed record StopAgentInput(
    RunId RunId, IReadOnlyList<RunEvent> Events, AgentDefinition Agent, string Step, int Round, string? TaskUrl)
    : ActivityInput(RunId, Events);

/// <param name="Answer">The answer that came before, or null: none is taken any more.</param>
public sealed record AgentStopped(AgentAnswer? Answer);
