using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Activities;

/// <param name="Gate">The gate that asks about it.</param>
/// <param name="Question">What is to be reviewed.</param>
/// <param name="Branch">The branch with the work.</param>
/// <param name="Title">One line.</param>
/// <param name="Summary">What was done, Markdown.</param>
/// <param name="HeadSha">Where the branch stood when the work was pushed.</param>
/// <param name="Digest">SHA-256 of the documents at that head, for documentation.</param>
internal sealed record WorkToReview(
    string Gate, string Question, string Branch, string Title, string Summary, string HeadSha, string? Digest = null);

/// <summary>
/// What the activities do to pull requests. Drafts, labels and pages are used where the run knows that its forge has them.
/// </summary>
internal sealed class PullRequests(IRunStore store, IForge forge, ILogger logger)
{
    private const string Label = "quantapilot";

    public async Task<ReviewableWork> OpenAsync(
        ActivityInput input, RunTarget target, WorkToReview work, CancellationToken cancellationToken)
    {
        var summary = Redactor.Redact(work.Summary);
        var hasPages = input.Forge is { HasPages: true };
        var body = hasPages ? PullRequestText.Body(input.RunId, work.Gate, work.Question, summary) : summary;
        var title = Redactor.Redact(work.Title);
        var request = new PullRequestRequest(target.RepoUrl, work.Branch, target.Branch, title, body)
        {
            Draft = input.Forge is { HasChecks: true },
            Labels = hasPages ? [Label] : null,
        };
        var pullRequest = await forge.OpenPullRequestAsync(request, cancellationToken);
        // Somebody may have pushed between our push and this answer: what is reviewed is what stands there now.
        return new ReviewableWork(new GateReview(
            new PullRequestRef(pullRequest.Number, pullRequest.Url, work.Branch),
            pullRequest.HeadSha,
            pullRequest.HeadSha == work.HeadSha ? work.Digest : null,
            summary))
        {
            Superseded = input.Attempt is null
                ? null
                : await SupersedeAsync(input, target, pullRequest.Number, work.Branch, cancellationToken),
        };
    }

    /// <summary>
    /// Closes what earlier attempts at the step have left open, also in the run that this one retries. The work itself is done: what the
    /// forge does not close now is closed with the next round of it, if there is one.
    /// </summary>
    private async Task<IReadOnlyList<int>?> SupersedeAsync(
        ActivityInput input, RunTarget target, int opened, string branch, CancellationToken cancellationToken)
    {
        var run = await store.GetAsync(input.RunId, cancellationToken);
        var closed = new List<int>();
        foreach (var old in run?.PullRequests.Where(pr => IsSupersededBy(pr, opened, branch)) ?? [])
        {
            try
            {
                var comment = PullRequestText.Superseded(input.RunId, opened);
                await forge.ClosePullRequestAsync(target.RepoUrl, old.Number, comment, cancellationToken);
                closed.Add(old.Number);
            }
            catch (StepException e)
            {
                Logs.NotClosed(logger, input.RunId, old.Number, e.Code);
            }
        }
        return closed.Count > 0 ? closed : null;
    }

    private static bool IsSupersededBy(PullRequestState old, int opened, string branch) =>
        old is { MergeSha: null, SupersededBy: null } && old.Number != opened
        && WorkBranches.StepOf(old.Branch) == WorkBranches.StepOf(branch)
        && (WorkBranches.AttemptOf(old.Branch) ?? 1) < WorkBranches.AttemptOf(branch);

    public async Task<PullRequestLook> LookAsync(LookAtPullRequestInput input, CancellationToken cancellationToken)
    {
        var (repoUrl, pullRequest) = (input.Target.RepoUrl, input.PullRequest);
        var head = await forge.ResolveAsync(repoUrl, pullRequest.Branch, cancellationToken);
        if (input.HeadOnly || head != input.HeadSha) return new PullRequestLook(head, null);
        var report = await forge.GetChecksAsync(repoUrl, pullRequest.Number, head, cancellationToken);
        if (report.State == CheckState.Succeeded || (report.State == CheckState.None && input.AcceptsNone))
            await forge.MarkReadyAsync(repoUrl, pullRequest.Number, cancellationToken);
        return new PullRequestLook(head, Redact(report));
    }

    public async Task<MergeResult> MergeAsync(MergePullRequestInput input, CancellationToken cancellationToken)
    {
        MergeOutcome outcome;
        try
        {
            outcome = await forge.MergeAsync(input.Target.RepoUrl, input.Number, input.ReviewedHeadSha, input.Method, cancellationToken);
        }
        catch (StepException e) when (e.Code == ErrorCodes.MergeConflict)
        {
            var target = await forge.ResolveAsync(input.Target.RepoUrl, input.Target.Branch, cancellationToken);
            return new MergeResult(null, input.ReviewedHeadSha) { Conflict = new MergeConflict(target, Redactor.Redact(e.Message)) };
        }
        if (!outcome.Merged) return new MergeResult(null, outcome.HeadSha);
        if (input.WorkBranch is { } branch) await DeleteBranchAsync(input, branch, cancellationToken);
        return new MergeResult(outcome.MergeSha, outcome.HeadSha);
    }

    /// <summary>The work is merged: a branch that stays is no reason for the run to end otherwise.</summary>
    private async Task DeleteBranchAsync(MergePullRequestInput input, string branch, CancellationToken cancellationToken)
    {
        try
        {
            await forge.DeleteBranchAsync(input.Target.RepoUrl, branch, input.ReviewedHeadSha, cancellationToken);
        }
        catch (StepException e)
        {
            Logs.BranchNotDeleted(logger, input.RunId, input.Number, e.Code);
        }
    }

    /// <summary>It holds what programs of the repository say.</summary>
    private static CheckReport Redact(CheckReport report) => report with
    {
        Pending = [.. report.Pending.Select(Redactor.Redact)],
        Failed =
        [
            .. report.Failed.Select(check => new FailedCheck(
                Redactor.Redact(check.Name),
                check.Summary is { } summary ? Redactor.Redact(summary) : null,
                check.Url is { } url ? Redactor.Redact(url) : null)),
        ],
    };
}
