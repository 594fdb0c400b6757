using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Orchestrations;

/// <summary>The steps in which agents work.</summary>
internal sealed class AgentSteps(RunSession run)
{
    /// <summary>Has the documentation written; its pull request is open afterwards.</summary>
    /// <param name="target">The repository and branch.</param>
    /// <param name="headSha">The commit that is documented.</param>
    /// <param name="pipeline">Names the agent and the folder.</param>
    /// <param name="rework">What was said of the previous try, or null for the first.</param>
    /// <exception cref="RunEndedException">It failed for good, or the run was cancelled.</exception>
    public Task<ReviewableWork> WriteDocumentationAsync(RunTarget target, string headSha, PipelineDefinition pipeline, Rework? rework) =>
        run.StepAsync<WriteDocumentationInput, ReviewableWork>(
            "documentation",
            ActivityNames.WriteDocumentation,
            events => new WriteDocumentationInput(run.Id, events, target, headSha, pipeline.Documentation)
            {
                Rework = rework,
                PlanSource = pipeline.PlanSource,
            });

    /// <summary>Has one task of a milestone carried out, on top of those before it.</summary>
    /// <param name="target">The repository and branch.</param>
    /// <param name="milestone">The milestone.</param>
    /// <param name="taskNumber">Which of its tasks, from 1.</param>
    /// <param name="rework">What was said of the previous try, or null for the first.</param>
    /// <exception cref="RunEndedException">It failed for good, or the run was cancelled.</exception>
    public Task<TaskDone> CarryOutTaskAsync(RunTarget target, MilestoneDefinition milestone, int taskNumber, Rework? rework)
    {
        var task = milestone.Tasks[taskNumber - 1];
        return run.StepAsync<CarryOutTaskInput, TaskDone>(
            Gate.ForMilestone(milestone.Id),
            ActivityNames.CarryOutTask,
            events => new CarryOutTaskInput(run.Id, events, target, milestone.Id, taskNumber, task) { Rework = rework });
    }
}
