using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Orchestrations;

/// <summary>
/// A run from its start to its end: repository and configuration, documentation, anchor gate, merge, then each milestone
/// with its work, checks, gate and merge. Reads like the seed's table of events.
/// </summary>
public static class RunOrchestration
{
    /// <summary>The registered name. It is in recorded histories: never change it.</summary>
    public const string Name = "run";

    public static async Task<RunOutcome> RunAsync(IOrchestrationContext context)
    {
        var input = context.GetInput<RunInput>();
        var run = new RunSession(context, input.RunId, input.CorrelationId);
        var error = await TryRunPipelineAsync(run, input);
        run.Record(error is null ? new RunCompleted() : new RunFailed(error.ErrorCode, error.Message));
        await run.FlushAsync();
        return new RunOutcome(
            error is null ? RunStatus.Completed : error.ErrorCode == ErrorCodes.Cancelled ? RunStatus.Cancelled : RunStatus.Failed, error);
    }

    private static async Task<RunError?> TryRunPipelineAsync(RunSession run, RunInput input)
    {
        try
        {
            await RunPipelineAsync(run, input);
            return null;
        }
        catch (RunEndedException e)
        {
            return new RunError(e.Code, e.Message);
        }
#pragma warning disable CA1031 // A bug of ours must end the run visibly, not leave it as running for ever.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new RunError(ErrorCodes.InternalError, $"The pipeline ended unexpectedly ({e.GetType().Name}); this is a fault of QuantaPilot.");
        }
    }

    private static async Task RunPipelineAsync(RunSession run, RunInput input)
    {
        var target = new RunTarget(input.RepoUrl, input.Branch);
        run.Record(new RunStarted());
        run.Meter.StartClock();
        var prepared = await run.StepAsync<PrepareRunInput, PreparedRun>(
            "prepare",
            ActivityNames.PrepareRun,
            events => new PrepareRunInput(run.Id, events, target, input.QuantapilotYamlPath));
        var pipeline = prepared.Pipeline;
        if (prepared.IsMetered) run.Meter.TurnOn(pipeline.Limits);
        var reworks = new ReworkLoop(run, prepared.IsMetered ? pipeline.Limits?.Retries ?? LimitsDefinition.DefaultRetries : 0);
        ShowPlan(run, pipeline.Milestones);

        var documented = await reworks.RunAsync(null, round => DocumentAsync(run, target, prepared, round));
        if (pipeline is { Milestones.Count: 0, PlanSource: { } source })
        {
            pipeline = pipeline with { Milestones = await TakeUpPlanAsync(run, target, source, documented) };
            ShowPlan(run, pipeline.Milestones);
        }

        foreach (var milestone in pipeline.Milestones)
        {
            run.Record(new MilestoneStarted(milestone.Id));
            var work = new MilestoneWork(run, target, milestone);
            await reworks.RunAsync(milestone.Id, round => CompleteMilestoneAsync(run, target, pipeline, milestone, work, round));
            run.Record(new MilestoneCompleted(milestone.Id));
        }
    }

    private static void ShowPlan(RunSession run, IReadOnlyList<MilestoneDefinition> milestones)
    {
        if (milestones.Count > 0) run.Record(new MilestonesPlanned([.. milestones.Select(m => new PlannedMilestone(m.Id, m.Title))]));
    }

    private static async Task<MergedDocumentation> DocumentAsync(RunSession run, RunTarget target, PreparedRun prepared, WorkRound round)
    {
        var pipeline = prepared.Pipeline;
        var work = await run.Agents.WriteDocumentationAsync(target, prepared.HeadSha, pipeline, round.Rework);
        round.RequireChange(work.Review.HeadSha);
        run.Record(round.Rework is null
            ? new DocumentationGenerated(work.Review.PullRequest, work.Review.HeadSha)
            : new PullRequestOpened(work.Review.PullRequest, work.Review.HeadSha));
        var merged = await MergeWhenApprovedAsync(run, target, pipeline.Merge, work.Review, [new GateQuestion(
            Gate.Anchor, pipeline.Anchor, "Review the documentation before it is merged and work begins.")]);
        return new MergedDocumentation(work, merged);
    }

    /// <summary>The milestones in the documentation that was approved.</summary>
    private static async Task<IReadOnlyList<MilestoneDefinition>> TakeUpPlanAsync(
        RunSession run, RunTarget target, PlanSource source, MergedDocumentation documented)
    {
        // Where nobody has pushed since it was written, the plan was read with it.
        if (documented.Merged.HeadSha == documented.Work.Review.HeadSha) return documented.Work.Plan ?? [];
        var plan = await run.StepAsync<ReadPlanInput, PlanRead>(
            "plan",
            ActivityNames.ReadPlan,
            events => new ReadPlanInput(run.Id, events, target, documented.Merged.MergeSha!, source));
        return plan.Milestones;
    }

    private static async Task<MergeResult> CompleteMilestoneAsync(
        RunSession run, RunTarget target, PipelineDefinition pipeline, MilestoneDefinition milestone, MilestoneWork work, WorkRound round)
    {
        var done = await work.DoAsync(round);
        var gates = new List<GateQuestion>();
        if (milestone == pipeline.Milestones[0])
        {
            gates.Add(new GateQuestion(Gate.FirstMerge, pipeline.FirstMerge, $"Allow the first merge of work: {milestone.Title}."));
        }
        gates.Add(new GateQuestion(
            Gate.ForMilestone(milestone.Id), pipeline.Milestone, $"Review milestone {milestone.Id}: {milestone.Title}."));
        return await MergeWhenApprovedAsync(run, target, pipeline.Merge, done.Review, gates);
    }

    /// <summary>Asks at the gates, then merges what was reviewed. If the head has moved in between, asks anew.</summary>
    /// <returns>The head that was merged, and the commit on the target.</returns>
    /// <exception cref="WorkRefusedException">The work was turned down and is to be done anew.</exception>
    private static async Task<MergeResult> MergeWhenApprovedAsync(
        RunSession run, RunTarget target, Ports.MergeMethod method, GateReview review, IReadOnlyList<GateQuestion> gates)
    {
        while (true)
        {
            foreach (var gate in gates.Where(gate => gate.Definition.Required)) await run.Gates.PassAsync(gate, review);
            var merge = await run.StepAsync<MergePullRequestInput, MergeResult>(
                $"merge:{review.PullRequest.Number}",
                ActivityNames.MergePullRequest,
                events => new MergePullRequestInput(run.Id, events, target, review.PullRequest.Number, review.HeadSha, method));
            if (merge.MergeSha is { } merged)
            {
                run.Record(new PullRequestMerged(review.PullRequest.Number, merged));
                return merge;
            }
            review = review with
            {
                HeadSha = merge.HeadSha,
                // The digest was of the documents at the old head.
                Digest = null,
                Summary = $"The branch moved from {review.HeadSha} to {merge.HeadSha} after it was reviewed.\n\n{review.Summary}",
            };
        }
    }

    private sealed record MergedDocumentation(ReviewableWork Work, MergeResult Merged);
}
