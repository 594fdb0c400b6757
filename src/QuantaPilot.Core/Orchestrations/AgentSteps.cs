using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Orchestrations;

/// <summary>The steps in which agents work.</summary>
internal sealed class AgentSteps(IOrchestrationContext context, RunSession run)
{
    private readonly RemoteAgentSteps _remote = new(context, run);

    /// <summary>Has the documentation written; its pull request is open afterwards.</summary>
    /// <param name="target">The repository and branch.</param>
    /// <param name="headSha">The commit that is documented.</param>
    /// <param name="pipeline">Names the agent and the folder.</param>
    /// <param name="rework">What was said of the previous try, or null for the first.</param>
    /// <exception cref="RunEndedException">It failed for good, or the run was cancelled.</exception>
    public async Task<ReviewableWork> WriteDocumentationAsync(
        RunTarget target, string headSha, PipelineDefinition pipeline, Rework? rework)
    {
        const string step = "documentation";
        var documentation = pipeline.Documentation;
        var answer = documentation.Agent.Type != AgentDefinition.HttpType
            ? null
            : await _remote.AskAsync(step, new StartAgentInput(run.Id, [], target, documentation.Agent, step, "", default)
            {
                HeadSha = headSha,
                DocumentationPath = documentation.Path,
                Rework = rework,
            });
        return await run.StepAsync<WriteDocumentationInput, ReviewableWork>(
            step,
            ActivityNames.WriteDocumentation,
            events => new WriteDocumentationInput(run.Id, events, target, headSha, documentation)
            {
                Rework = rework,
                PlanSource = pipeline.PlanSource,
                Answer = answer,
            });
    }

    /// <summary>Has one task of a milestone carried out, on top of those before it.</summary>
    /// <param name="target">The repository and branch.</param>
    /// <param name="milestone">The milestone.</param>
    /// <param name="taskNumber">Which of its tasks, from 1.</param>
    /// <param name="rework">What was said of the previous try, or null for the first.</param>
    /// <exception cref="RunEndedException">It failed for good, or the run was cancelled.</exception>
    public async Task<TaskDone> CarryOutTaskAsync(RunTarget target, MilestoneDefinition milestone, int taskNumber, Rework? rework)
    {
        var step = Gate.ForMilestone(milestone.Id);
        var task = milestone.Tasks[taskNumber - 1];
        var answer = task.Agent.Type != AgentDefinition.HttpType
            ? null
            : await _remote.AskAsync(
                step,
                new StartAgentInput(run.Id, [], target, task.Agent, $"{milestone.Id}/{taskNumber}", task.Prompt, default)
                {
                    MilestoneId = milestone.Id,
                    Criteria = milestone.Criteria,
                    Rework = rework,
                });
        return await run.StepAsync<CarryOutTaskInput, TaskDone>(
            step,
            ActivityNames.CarryOutTask,
            events => new CarryOutTaskInput(run.Id, events, target, milestone.Id, taskNumber, task) { Rework = rework, Answer = answer });
    }
}
