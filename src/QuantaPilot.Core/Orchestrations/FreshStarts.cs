using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Orchestrations;

/// <summary>Why a step is done anew, and on what.</summary>
/// <param name="TargetSha">The head of the target that the work is based on this time.</param>
/// <param name="Reason">For the reviewer.</param>
internal sealed record FreshStart(string TargetSha, string Reason);

/// <summary>What was approved conflicts with the target.</summary>
internal sealed class MergeConflictedException(int pullRequest, MergeConflict conflict) : Exception(conflict.Message)
{
    public int PullRequest => pullRequest;

    public MergeConflict Conflict => conflict;
}

/// <summary>
/// Two runs may work on one branch. Where the merge of one conflicts with what the other has merged meanwhile, its step is done
/// anew on the target's new head, on a fresh work branch, and its gates are asked again: an approval was for the work before.
/// </summary>
internal sealed class FreshStarts(RunSession run)
{
    /// <summary>How often a step is done anew before the run ends with <c>merge_conflict</c>.</summary>
    public const int Most = 3;

    /// <summary>Does a step until its work is merged.</summary>
    /// <param name="step"><see cref="WorkBranches.Documentation"/> or the id of a milestone.</param>
    /// <param name="work">Does it; gets null the first time, then why it is done anew.</param>
    /// <exception cref="RunEndedException">It conflicts each time, it failed for another reason, or the run was cancelled.</exception>
    public async Task<T> DoAsync<T>(string step, Func<FreshStart?, Task<T>> work)
    {
        FreshStart? fresh = null;
        for (var conflicts = 1; ; conflicts++)
        {
            try
            {
                return await work(fresh);
            }
            catch (MergeConflictedException e)
            {
                if (conflicts > Most) throw new RunEndedException(ErrorCodes.MergeConflict, e.Message);
                fresh = Begin(step, e);
            }
        }
    }

    /// <summary>What the reviewer is shown: with the reason, where the work was done anew.</summary>
    public static GateReview Explain(GateReview review, FreshStart? fresh) =>
        fresh is null ? review : review with { Summary = $"{fresh.Reason}\n\n{review.Summary}" };

    /// <summary>Tells of the pull requests that the work has taken the place of.</summary>
    public void Note(ReviewableWork work)
    {
        foreach (var number in work.Superseded ?? []) run.Record(new PullRequestSuperseded(number, work.Review.PullRequest.Number));
    }

    private FreshStart Begin(string step, MergeConflictedException e)
    {
        var attempt = run.BeginAnew(step);
        run.Record(new StepBegunAnew(step, attempt));
        return new FreshStart(
            e.Conflict.TargetSha,
            $"Done anew on {e.Conflict.TargetSha}: the branch had moved, and pull request {e.PullRequest} could not be merged any more. "
            + e.Message);
    }
}
