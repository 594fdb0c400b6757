using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Activities;

/// <content>The agents that a run may use, what they may use up, and the plan that they are given.</content>
public sealed partial class RunActivities
{
    private async Task<AgentResult> RunAgentAsync(
        AgentTask task, ICheckout checkout, Action<AgentUsage?> spent, CancellationToken cancelled)
    {
        // The built-in agent costs nothing, and an agent elsewhere was asked before it worked.
        if (task.Agent.Type is not (AgentDefinition.OutlineType or AgentDefinition.HttpType))
            await RequireBudgetAsync(task.RepoUrl, cancelled);
        var result = await Agent(task.Agent).RunAsync(task, checkout, cancelled);
        spent(result.Usage);
        return result;
    }

    private async Task RequireBudgetAsync(string repoUrl, CancellationToken cancelled)
    {
        if (await budget.FindHoldAsync(repoUrl, cancelled) is { } hold) throw new HeldException(hold);
    }

    /// <returns>Null if there is no plan.</returns>
    private IReadOnlyList<MilestoneDefinition>? ReadPlan(PlanSource source, ICheckout checkout, string repoUrl)
    {
        var milestones = MilestonesReader.Read(source, checkout.ReadText(source.Path));
        RequireAllowed(AgentDefinition.Outline, milestones, repoUrl);
        return milestones.Count > 0 ? milestones : null;
    }

    private void RequireAllowed(AgentDefinition documentation, IReadOnlyList<MilestoneDefinition> milestones, string repoUrl)
    {
        var needed = milestones.SelectMany(milestone => milestone.Tasks).Select(task => task.Agent).Prepend(documentation);
        var refusal = needed.Select(agent => Agent(agent).FindRefusal(agent, repoUrl)).FirstOrDefault(found => found is not null);
        if (refusal is null && milestones.Any(milestone => milestone.Checks.Count > 0)) refusal = checks.FindRefusal(repoUrl);
        if (refusal is not null) throw new StepException(ErrorCodes.AgentNotAllowed, refusal);
    }

    private IAgent Agent(AgentDefinition definition) => _agents.TryGetValue(definition.Type, out var agent)
        ? agent
        : throw new StepException(ErrorCodes.AgentNotAllowed, $"Agents of type {definition.Type} are not available on this host.");

    /// <summary>Leaves a step before its agent works.</summary>
    private sealed class HeldException(StepHold hold) : Exception(hold.Reason)
    {
        public StepHold Hold { get; } = hold;
    }
}
