using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Orchestrations;

public sealed class RetriedRunTests
{
    private static readonly RunId Failed = RunId.Parse(new string('f', 32));
    private static readonly RunId First = RunId.Parse(new string('1', 32));
    private static readonly RetryPoint Point = new(Failed, First);

    private static readonly TaskDefinition Work =
        new(new AgentDefinition("coder", AgentDefinition.CommandType, ["bash", "agent.sh"], TimeSpan.FromMinutes(1)), "write it");

    private static readonly PipelineDefinition TwoMilestones = PipelineDefinition.Default with
    {
        Milestones = [new("M-001", "First", [], [Work], []), new("M-002", "Second", [], [Work], [])],
    };

    [Fact]
    public void Retry_NothingFinished_DoesEverythingOnTheBranchesOfTheFirstRun()
    {
        var run = new ScriptedContext(TwoMilestones) { Retry = Point }.Start();
        run.Vote(Gate.Anchor, "bob", true);
        run.Vote("milestone:M-001", "bob", true);
        run.Vote("milestone:M-002", "bob", true);

        Assert.Equal(RunStatus.Completed, run.Run.Status);
        Assert.All(run.Inputs, input => Assert.Equal((First, null), (input.Origin, input.Attempt)));
        Assert.Null(run.Inputs.OfType<WriteDocumentationInput>().Single().TakeUp);
    }

    [Fact]
    public void Retry_DocumentationMerged_IsNotWrittenOrToldAgain()
    {
        var run = new ScriptedContext(TwoMilestones) { Retry = Point with { DocumentationMerged = true } }.Start();

        Assert.Equal(["run_started", "gate_requested"], run.Log);
        Assert.Equal("milestone:M-001", run.Run.PendingGate!.Name);
        Assert.DoesNotContain(ActivityNames.WriteDocumentation, run.Calls);
    }

    [Fact]
    public void Retry_DocumentationOpen_TakesUpItsPullRequestAndAsksAtTheGateAgain()
    {
        var review = new GateReview(new PullRequestRef(7, null, "quantapilot/x/documentation"), ScriptedContext.Head, "digest", "look");
        var run = new ScriptedContext { Retry = Point with { Documentation = review } };
        const string present = "3333333333333333333333333333333333333333";
        run.Answer<WriteDocumentationInput>(
            ActivityNames.WriteDocumentation, input => ScriptedContext.Ok(new ReviewableWork(input.TakeUp! with { HeadSha = present })));
        run.Start();

        Assert.Equal(["run_started", "documentation_generated", "gate_requested"], run.Log);
        Assert.Equal((7, present), (run.Run.PendingGate!.Review.PullRequest.Number, run.Run.PendingGate.Review.HeadSha));
        run.Vote(Gate.Anchor, "bob", true);
        Assert.Equal(RunStatus.Completed, run.Run.Status);
    }

    [Fact]
    public void Retry_MilestoneCompleted_BeginsWithTheNext()
    {
        var run = new ScriptedContext(TwoMilestones)
        {
            Retry = Point with { DocumentationMerged = true, CompletedMilestones = ["M-001", "M-009"] },
        }.Start();
        Assert.Equal([MilestoneStatus.Completed, MilestoneStatus.Running], run.Run.Milestones.Select(m => m.Status));

        run.Vote("milestone:M-002", "bob", true);

        Assert.Equal(["run_started", "gate_requested", "gate_decision", "milestone_completed", "run_completed"], run.Log);
        Assert.Equal("M-002", run.Inputs.OfType<CarryOutTaskInput>().Single().MilestoneId);
    }

    [Fact]
    public void Retry_MilestoneMergedButNotCalledCompleted_OnlySaysSo()
    {
        var run = new ScriptedContext(TwoMilestones)
        {
            Retry = Point with { DocumentationMerged = true, CompletedMilestones = ["M-001"], MergedMilestones = ["M-002"] },
        }.Start();

        Assert.Equal(["run_started", "milestone_completed", "run_completed"], run.Log);
        Assert.Equal([ActivityNames.PrepareRun, ActivityNames.RecordEvents], run.Calls);
    }

    [Fact]
    public void Retry_StepsBegunAnewBefore_GoOnWithTheirBranches()
    {
        var run = new ScriptedContext(TwoMilestones)
        {
            Retry = Point with { DocumentationMerged = true, Attempts = [new StepAttempt("M-002", 2)] },
        }.Start();
        run.Vote("milestone:M-001", "bob", true);

        Assert.Equal(
            [("M-001", (int?)null), ("M-002", 2)],
            run.Inputs.OfType<CarryOutTaskInput>().Select(input => (input.MilestoneId, input.Attempt)));
        Assert.Equal([null, 2], run.Inputs.OfType<OpenMilestoneInput>().Select(input => input.Attempt));
    }
}
