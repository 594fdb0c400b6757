namespace QuantaPilot.Core.Runs;

/// <summary>A step that was begun anew, on a fresh work branch.</summary>
/// <param name="Step"><see cref="WorkBranches.Documentation"/> or the id of a milestone.</param>
/// <param name="Attempt">The present one, from 2.</param>
public sealed record StepAttempt(string Step, int Attempt);

/// <summary>Where a retry takes up the work: what the run before it, and those before that, have finished.</summary>
/// <param name="Of">The run that is retried.</param>
/// <param name="Origin">The first run of the chain: the work branches bear its id.</param>
public sealed record RetryPoint(RunId Of, RunId Origin)
{
    /// <summary>The documentation that stands in an open pull request, as it was last known; null if none does.</summary>
    public GateReview? Documentation { get; init; }

    /// <summary>The documentation is in the target branch.</summary>
    public bool DocumentationMerged { get; init; }

    /// <summary>The milestones that were completed, by id.</summary>
    public IReadOnlyList<string> CompletedMilestones { get; init; } = [];

    /// <summary>Milestones whose work is in the target branch, but that the run before did not get round to call completed.</summary>
    public IReadOnlyList<string> MergedMilestones { get; init; } = [];

    /// <summary>The steps that are not at their first attempt.</summary>
    public IReadOnlyList<StepAttempt> Attempts { get; init; } = [];

    /// <summary>Where a retry of the run begins.</summary>
    /// <param name="run">A run that failed or was cancelled.</param>
    public static RetryPoint After(RunSnapshot run)
    {
        var merged = run.PullRequests.Where(pr => pr.MergeSha is not null).Select(pr => WorkBranches.StepOf(pr.Branch)).ToHashSet();
        var completed = run.Milestones.Where(m => m.Status == MilestoneStatus.Completed).Select(m => m.Id)
            .Union(run.Retry?.CompletedMilestones ?? []).ToList();
        var attempts = AttemptsAfter(run);
        return new RetryPoint(run.RunId, run.Retry?.Origin ?? run.RunId)
        {
            Documentation = FindOpenDocumentation(run, attempts),
            DocumentationMerged = merged.Contains(WorkBranches.Documentation),
            CompletedMilestones = completed,
            MergedMilestones = [.. merged.Except([.. completed, WorkBranches.Documentation]).Order(StringComparer.Ordinal)],
            Attempts = attempts,
        };
    }

    private static List<StepAttempt> AttemptsAfter(RunSnapshot run)
    {
        var attempts = (run.Attempts ?? []).ToList();
        // Work that conflicts with the target would only conflict again.
        if (run.Error?.ErrorCode != ErrorCodes.MergeConflict || FindStep(run) is not { } step) return attempts;
        var present = attempts.FirstOrDefault(attempt => attempt.Step == step)?.Attempt ?? 1;
        return [.. attempts.Where(attempt => attempt.Step != step), new StepAttempt(step, present + 1)];
    }

    /// <summary>The step of the pipeline that the run was at when it ended.</summary>
    private static string? FindStep(RunSnapshot run)
    {
        const string Merge = "merge:";
        if (run.Step?.StartsWith(Merge, StringComparison.Ordinal) != true) return null;
        var pullRequest = run.PullRequests.FirstOrDefault(pr => run.Step == $"{Merge}{pr.Number}");
        return pullRequest is null ? null : WorkBranches.StepOf(pullRequest.Branch);
    }

    private static GateReview? FindOpenDocumentation(RunSnapshot run, List<StepAttempt> attempts)
    {
        var attempt = attempts.FirstOrDefault(attempt => attempt.Step == WorkBranches.Documentation)?.Attempt;
        var open = run.PullRequests.LastOrDefault(pr => pr.MergeSha is null
            && WorkBranches.StepOf(pr.Branch) == WorkBranches.Documentation && WorkBranches.AttemptOf(pr.Branch) == attempt);
        if (open is null) return null;
        var asked = run.Gates.Select(gate => gate.Review).Append(run.Retry?.Documentation)
            .FirstOrDefault(review => review?.PullRequest.Number == open.Number);
        var summary = $"Taken up from run {run.RunId}.";
        return asked ?? new GateReview(new PullRequestRef(open.Number, open.Url, open.Branch), open.HeadSha, null, summary);
    }
}
