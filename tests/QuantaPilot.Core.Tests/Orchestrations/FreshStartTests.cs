using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Orchestrations;

public sealed class FreshStartTests
{
    private const string Target = "4444444444444444444444444444444444444444";

    private static readonly TaskDefinition Work =
        new(new AgentDefinition("coder", AgentDefinition.CommandType, ["bash", "agent.sh"], TimeSpan.FromMinutes(1)), "write it");

    private static readonly PipelineDefinition OneMilestone = PipelineDefinition.Default with
    {
        Milestones = [new("M-001", "First", [], [Work, Work], [])],
    };

    [Fact]
    public void Documentation_ConflictsWithATargetThatMoved_IsWrittenAnewOnItAndAskedAgain()
    {
        var run = Conflicting(times: 1);
        run.Answer<WriteDocumentationInput>(ActivityNames.WriteDocumentation, input => ScriptedContext.Ok(new ReviewableWork(new GateReview(
            new PullRequestRef(input.Attempt ?? 1, null, WorkBranches.Name(input.RunId, "documentation", input.Attempt)),
            input.Attempt is null ? ScriptedContext.Head : ScriptedContext.Merged,
            null,
            "look"))
        {
            Superseded = input.Attempt is null ? null : [1],
        }));
        run.Start();
        run.Vote(Gate.Anchor, "bob", true);

        var gate = run.Run.PendingGate!;
        Assert.Equal((2, 2), (gate.Request, gate.Review.PullRequest.Number));
        Assert.Contains(Target, gate.Review.Summary, StringComparison.Ordinal);
        Assert.Contains("conflicts in docs/ANCHOR.md", gate.Review.Summary, StringComparison.Ordinal);
        Assert.Empty(gate.Votes);
        Assert.Equal(
            [(ScriptedContext.Head, (int?)null), (Target, 2)],
            run.Inputs.OfType<WriteDocumentationInput>().Select(input => (input.HeadSha, input.Attempt)));
        Assert.Equal([new StepAttempt("documentation", 2)], run.Run.Attempts);
        Assert.Equal([(1, (int?)2), (2, null)], run.Run.PullRequests.Select(pr => (pr.Number, pr.SupersededBy)));

        run.Vote(Gate.Anchor, "carol", true);
        Assert.Equal(
            [
                "run_started", "documentation_generated", "gate_requested", "gate_decision",
                "documentation_generated", "gate_requested", "gate_decision", "run_completed",
            ],
            run.Log);
    }

    [Fact]
    public void Milestone_ConflictsWithATargetThatMoved_IsCarriedOutAnew()
    {
        var run = new ScriptedContext(OneMilestone);
        var merges = 0;
        run.Answer<MergePullRequestInput>(ActivityNames.MergePullRequest, _ => ++merges == 2 ? Conflict() : Merged());
        run.Start();
        run.Vote(Gate.Anchor, "bob", true);
        run.Vote("milestone:M-001", "bob", true);
        run.Vote("milestone:M-001", "carol", true);

        Assert.Equal(RunStatus.Completed, run.Run.Status);
        Assert.Equal(
            [(1, (int?)null), (2, null), (1, 2), (2, 2)],
            run.Inputs.OfType<CarryOutTaskInput>().Select(input => (input.TaskNumber, input.Attempt)));
        Assert.Single(run.Log, "milestone_completed");
    }

    [Fact]
    public void Step_ConflictsAgainAndAgain_FailsTheRunNamingTheFiles()
    {
        var open = GateDefinition.Default with { Required = false };
        var run = Conflicting(times: int.MaxValue, PipelineDefinition.Default with { Anchor = open }).Start();

        Assert.Equal(ErrorCodes.MergeConflict, run.Run.Error!.ErrorCode);
        Assert.Contains("docs/ANCHOR.md", run.Run.Error.Message, StringComparison.Ordinal);
        Assert.Equal([null, 2, 3, 4], run.Inputs.OfType<WriteDocumentationInput>().Select(input => input.Attempt));
        Assert.Equal("merge:4", run.Run.Step);
    }

    /// <summary>As a build answered that did not yet do anything anew: its histories must replay.</summary>
    [Fact]
    public void Merge_FailedWithAConflict_FailsTheRun()
    {
        var run = new ScriptedContext();
        run.Answer<MergePullRequestInput>(
            ActivityNames.MergePullRequest, _ => ScriptedContext.Failed<MergeResult>(ErrorCodes.MergeConflict));
        run.Start();
        run.Vote(Gate.Anchor, "bob", true);

        Assert.Equal(ErrorCodes.MergeConflict, run.Run.Error!.ErrorCode);
        Assert.Single(run.Inputs.OfType<WriteDocumentationInput>());
    }

    private static ScriptedContext Conflicting(int times, PipelineDefinition? pipeline = null)
    {
        var run = new ScriptedContext(pipeline);
        var merges = 0;
        run.Answer<MergePullRequestInput>(ActivityNames.MergePullRequest, _ => ++merges <= times ? Conflict() : Merged());
        return run;
    }

    private static StepResult<MergeResult> Conflict() => ScriptedContext.Ok(new MergeResult(null, ScriptedContext.Head)
    {
        Conflict = new MergeConflict(Target, "The pull request conflicts in docs/ANCHOR.md."),
    });

    private static StepResult<MergeResult> Merged() => ScriptedContext.Ok(new MergeResult(ScriptedContext.Merged, ScriptedContext.Head));
}
