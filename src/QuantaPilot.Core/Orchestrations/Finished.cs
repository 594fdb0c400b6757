using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Orchestrations;

/// <summary>What a retry need not do, since the runs before it have done it. A run that retries none gets everything to do.</summary>
internal static class Finished
{
    /// <summary>The milestone as the run shows it: those that were completed are recognised by their id.</summary>
    public static PlannedMilestone Plan(MilestoneDefinition milestone, RetryPoint? retry) => new(milestone.Id, milestone.Title)
    {
        Completed = IsCompleted(milestone, retry) ? true : null,
    };

    /// <summary>The milestones that are left to do.</summary>
    public static IEnumerable<MilestoneDefinition> Leave(IReadOnlyList<MilestoneDefinition> milestones, RetryPoint? retry) =>
        milestones.Where(milestone => !IsCompleted(milestone, retry));

    /// <summary>True if its work is in the target already, and only its end is still to be told.</summary>
    public static bool IsMerged(MilestoneDefinition milestone, RetryPoint? retry) =>
        retry?.MergedMilestones.Contains(milestone.Id, StringComparer.Ordinal) == true;

    /// <summary>Finds the pull request of the documentation at its present head; nothing is written unless its branch is gone.</summary>
    /// <exception cref="RunEndedException">It failed for good, or the run was cancelled.</exception>
    public static Task<ReviewableWork> TakeUpDocumentationAsync(RunSession run, RunTarget target, PreparedRun prepared, GateReview open) =>
        run.StepAsync<WriteDocumentationInput, ReviewableWork>(
            WorkBranches.Documentation,
            ActivityNames.WriteDocumentation,
            events => new WriteDocumentationInput(run.Id, events, target, prepared.HeadSha, prepared.Pipeline.Documentation)
            {
                TakeUp = open,
            });

    private static bool IsCompleted(MilestoneDefinition milestone, RetryPoint? retry) =>
        retry?.CompletedMilestones.Contains(milestone.Id, StringComparer.Ordinal) == true;
}
