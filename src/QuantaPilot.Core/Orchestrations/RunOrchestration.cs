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
        var run = new RunSession(context, input.RunId, input.CorrelationId) { Retry = input.Retry, Admission = input.Admission };
        var error = await TryRunPipelineAsync(run, input);
        run.Record(error is null ? new RunCompleted() : new RunFailed(error.ErrorCode, error.Message));
        await run.EndAsync();
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
            return new RunError(
                ErrorCodes.InternalError, $"The pipeline ended unexpectedly ({e.GetType().Name}); this is a fault of QuantaPilot.");
        }
    }

    private static async Task RunPipelineAsync(RunSession run, RunInput input)
    {
        var target = new RunTarget(input.RepoUrl, input.Branch);
        await run.Slot.TakeAsync();
        run.Record(new RunStarted());
        run.Meter.StartClock();
        var prepared = await run.StepAsync<PrepareRunInput, PreparedRun>(
            "prepare",
            ActivityNames.PrepareRun,
            events => new PrepareRunInput(run.Id, events, target, input.QuantapilotYamlPath));
        var pipeline = prepared.Pipeline;
        run.Forge = prepared.Forge;
        run.Checks.Begin(target, pipeline);
        if (prepared.IsMetered) run.Meter.TurnOn(pipeline.Limits);
        var reworks = new ReworkLoop(run, prepared.IsMetered ? pipeline.Limits?.Retries ?? LimitsDefinition.DefaultRetries : 0);
        ShowPlan(run, pipeline.Milestones);

        var documented = run.Retry is { DocumentationMerged: true } ? null : await run.FreshStarts.DoAsync(
            WorkBranches.Documentation,
            fresh => reworks.RunAsync(null, round => DocumentAsync(run, target, prepared, fresh, round)));
        if (pipeline is { Milestones.Count: 0, PlanSource: { } source })
        {
            pipeline = pipeline with { Milestones = await TakeUpPlanAsync(run, target, source, prepared, documented) };
            ShowPlan(run, pipeline.Milestones);
        }

        foreach (var milestone in Finished.Leave(pipeline.Milestones, run.Retry))
        {
            run.Record(new MilestoneStarted(milestone.Id));
            if (!Finished.IsMerged(milestone, run.Retry))
            {
                await run.FreshStarts.DoAsync(milestone.Id, fresh =>
                {
                    var work = new MilestoneWork(run, target, milestone);
                    return reworks.RunAsync(
                        milestone.Id, round => CompleteMilestoneAsync(run, target, pipeline, milestone, work, fresh, round));
                });
            }
            run.Record(new MilestoneCompleted(milestone.Id));
        }
    }

    private static void ShowPlan(RunSession run, IReadOnlyList<MilestoneDefinition> milestones)
    {
        if (milestones.Count > 0) run.Record(new MilestonesPlanned([.. milestones.Select(m => Finished.Plan(m, run.Retry))]));
    }

    private static async Task<MergedDocumentation> DocumentAsync(
        RunSession run, RunTarget target, PreparedRun prepared, FreshStart? fresh, WorkRound round)
    {
        var pipeline = prepared.Pipeline;
        var work = fresh is null && round.Rework is null && run.Retry?.Documentation is { } open
            ? await Finished.TakeUpDocumentationAsync(run, target, prepared, open)
            : await run.Agents.WriteDocumentationAsync(target, fresh?.TargetSha ?? prepared.HeadSha, pipeline, round.Rework);
        round.RequireChange(work.Review.HeadSha);
        run.Record(round.Rework is null
            ? new DocumentationGenerated(work.Review.PullRequest, work.Review.HeadSha)
            : new PullRequestOpened(work.Review.PullRequest, work.Review.HeadSha));
        run.FreshStarts.Note(work);
        var merged = await MergeWhenApprovedAsync(run, target, pipeline.Merge, FreshStarts.Explain(work.Review, fresh), [new GateQuestion(
            Gate.Anchor, pipeline.Anchor, "Review the documentation before it is merged and work begins.")]);
        return new MergedDocumentation(work, merged);
    }

    /// <summary>The milestones in the documentation that was approved, now or in the run that this one retries.</summary>
    private static async Task<IReadOnlyList<MilestoneDefinition>> TakeUpPlanAsync(
        RunSession run, RunTarget target, PlanSource source, PreparedRun prepared, MergedDocumentation? documented)
    {
        // Where the run wrote it and nobody has pushed since, the plan was read with it.
        if (documented is not null && run.Retry is null && documented.Merged.HeadSha == documented.Work.Review.HeadSha)
            return documented.Work.Plan ?? [];
        var commit = documented?.Merged.MergeSha ?? prepared.HeadSha;
        var plan = await run.StepAsync<ReadPlanInput, PlanRead>(
            "plan", ActivityNames.ReadPlan, events => new ReadPlanInput(run.Id, events, target, commit, source));
        return plan.Milestones;
    }

    private static async Task<MergeResult> CompleteMilestoneAsync(
        RunSession run,
        RunTarget target,
        PipelineDefinition pipeline,
        MilestoneDefinition milestone,
        MilestoneWork work,
        FreshStart? fresh,
        WorkRound round)
    {
        var done = await work.DoAsync(round);
        var gates = new List<GateQuestion>();
        if (milestone == pipeline.Milestones[0])
        {
            gates.Add(new GateQuestion(Gate.FirstMerge, pipeline.FirstMerge, $"Allow the first merge of work: {milestone.Title}."));
        }
        gates.Add(new GateQuestion(
            Gate.ForMilestone(milestone.Id), pipeline.Milestone, $"Review milestone {milestone.Id}: {milestone.Title}."));
        return await MergeWhenApprovedAsync(run, target, pipeline.Merge, FreshStarts.Explain(done.Review, fresh), gates);
    }

    /// <summary>Asks at the gates, then merges what was reviewed. If the head has moved in between, asks anew.</summary>
    /// <returns>The head that was merged, and the commit on the target.</returns>
    /// <exception cref="WorkRefusedException">The work was turned down and is to be done anew.</exception>
    /// <exception cref="MergeConflictedException">It conflicts with the target.</exception>
    private static async Task<MergeResult> MergeWhenApprovedAsync(
        RunSession run, RunTarget target, Ports.MergeMethod method, GateReview review, IReadOnlyList<GateQuestion> gates)
    {
        while (true)
        {
            review = await PassChecksAsync(run, review);
            if (await FindMovedHeadAsync(run, review, gates) is { } head)
            {
                review = run.Checks.Move(review, head, "while it was under review");
                continue;
            }
            var merge = await run.StepAsync<MergePullRequestInput, MergeResult>(
                $"merge:{review.PullRequest.Number}",
                ActivityNames.MergePullRequest,
                events => new MergePullRequestInput(run.Id, events, target, review.PullRequest.Number, review.HeadSha, method)
                {
                    WorkBranch = run.Forge is { HasPages: true } ? review.PullRequest.Branch : null,
                });
            if (merge.MergeSha is { } merged)
            {
                run.Record(new PullRequestMerged(review.PullRequest.Number, merged));
                return merge;
            }
            if (merge.Conflict is { } conflict) throw new MergeConflictedException(review.PullRequest.Number, conflict);
            review = review.At(merge.HeadSha, "after it was reviewed");
        }
    }

    /// <returns>What is to be reviewed, once its checks have succeeded.</returns>
    private static async Task<GateReview> PassChecksAsync(RunSession run, GateReview review)
    {
        var (checkedReview, failure) = await run.Checks.AwaitAsync(review);
        return failure is null
            ? checkedReview
            : throw new WorkRefusedException(ErrorCodes.ChecksFailed, failure, failure, checkedReview.HeadSha);
    }

    /// <summary>Asks at the gates.</summary>
    /// <returns>Null once they are all approved; the head that is to be reviewed instead if somebody pushed meanwhile.</returns>
    private static async Task<string?> FindMovedHeadAsync(RunSession run, GateReview review, IReadOnlyList<GateQuestion> gates)
    {
        foreach (var gate in gates.Where(gate => gate.Definition.Required))
        {
            if (await run.Gates.PassAsync(gate, review) is { } head) return head;
        }
        return null;
    }

    private sealed record MergedDocumentation(ReviewableWork Work, MergeResult Merged);
}
