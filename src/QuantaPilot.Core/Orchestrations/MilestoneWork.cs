using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Orchestrations;

/// <summary>The work of a milestone, round by round on one branch: its tasks, its checks, its pull request.</summary>
internal sealed class MilestoneWork(RunSession run, RunTarget target, MilestoneDefinition milestone)
{
    /// <summary>What agents said last of each task.</summary>
    private readonly string[] _summaries = new string[milestone.Tasks.Count];

    /// <summary>Carries out the tasks, then has the checks run and the pull request opened or brought up to date.</summary>
    /// <exception cref="WorkRefusedException">A check failed.</exception>
    /// <exception cref="RunEndedException">A rework changed nothing, or the run ended otherwise.</exception>
    public async Task<ReviewableWork> DoAsync(WorkRound round)
    {
        // A reviewer's reason may be about all that was done; failed checks are for whoever worked last.
        var first = round.Refusal is { Code: ErrorCodes.ChecksFailed } ? milestone.Tasks.Count : 1;
        var headSha = "";
        for (var number = first; number <= milestone.Tasks.Count; number++)
        {
            var done = await run.Agents.CarryOutTaskAsync(target, milestone, number, round.Rework);
            (_summaries[number - 1], headSha) = (done.Summary, done.HeadSha);
        }
        round.RequireChange(headSha);
        var work = await OpenAsync(round, headSha);
        run.Record(new PullRequestOpened(work.Review.PullRequest, work.Review.HeadSha));
        run.FreshStarts.Note(work);
        return work;
    }

    private async Task<ReviewableWork> OpenAsync(WorkRound round, string headSha)
    {
        try
        {
            return await run.StepAsync<OpenMilestoneInput, ReviewableWork>(
                Gate.ForMilestone(milestone.Id),
                ActivityNames.OpenMilestone,
                events => new OpenMilestoneInput(run.Id, events, target, milestone, [.. _summaries]) { Rework = round.Rework });
        }
        catch (RunEndedException e) when (e.Code == ErrorCodes.ChecksFailed)
        {
            throw new WorkRefusedException(e.Code, e.Message, e.Message, headSha);
        }
    }
}
