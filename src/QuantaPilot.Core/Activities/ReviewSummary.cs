using QuantaPilot.Core.Pipeline;

namespace QuantaPilot.Core.Activities;

/// <summary>What a pull request and its gate tell reviewers, as Markdown.</summary>
internal static class ReviewSummary
{
    /// <summary>A pull request is no place for a whole log.</summary>
    private const int MaxFeedback = 1_000;

    /// <param name="summary">What the agent says of its work.</param>
    /// <param name="plan">The milestones in the documentation; null if there are none.</param>
    /// <param name="source">Where they stand.</param>
    /// <param name="rework">The round; null for the first.</param>
    public static string OfDocumentation(string summary, IReadOnlyList<MilestoneDefinition>? plan, PlanSource? source, Rework? rework)
    {
        var parts = new List<string> { summary };
        if (plan is not null)
        {
            parts.Add($"With the approval these milestones of `{source!.Path}` are the plan:");
            parts.Add(string.Join('\n', plan.Select(m => $"- {m.Id} {m.Title} (tasks: {m.Tasks.Count}, by {m.Tasks[0].Agent.Name}; checks: {m.Checks.Count})")));
        }
        if (rework is not null) parts.Add(Round(rework));
        return string.Join("\n\n", parts.Select(part => part.TrimEnd()));
    }

    /// <param name="milestone">The milestone.</param>
    /// <param name="tasks">What agents say of each task.</param>
    /// <param name="rework">The round; null for the first.</param>
    public static string OfMilestone(MilestoneDefinition milestone, IReadOnlyList<string> tasks, Rework? rework)
    {
        var summary = string.Join("\n", [
            .. milestone.Criteria.Select(criterion => $"- [ ] {criterion}"),
            .. tasks.Select(done => $"- {done}"),
            $"- Checks that succeeded: {milestone.Checks.Count}",
        ]);
        return rework is null ? summary : $"{summary}\n\n{Round(rework)}";
    }

    private static string Round(Rework rework)
    {
        var feedback = rework.Feedback.Length <= MaxFeedback ? rework.Feedback : rework.Feedback[..MaxFeedback] + "…";
        return $"Round {rework.Round}. It answers:\n\n> {feedback.ReplaceLineEndings("\n> ")}";
    }
}
