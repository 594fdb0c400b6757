using System.Diagnostics;
using System.Diagnostics.Metrics;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Telemetry;

namespace QuantaPilot.Core.Tests.Orchestrations;

public sealed class RunOrchestrationTests
{
    private static readonly TaskDefinition Work =
        new(new AgentDefinition("coder", AgentDefinition.CommandType, ["bash", "agent.sh"], TimeSpan.FromMinutes(1)), "write it");

    private static readonly PipelineDefinition TwoMilestones = PipelineDefinition.Default with
    {
        Milestones = [new("M-001", "First", [], [Work, Work], []), new("M-002", "Second", [], [Work], [])],
    };

    [Fact]
    public void Run_WithoutMilestones_GoesThroughTheAnchorGateToItsEnd()
    {
        var run = new ScriptedContext().Start();
        Assert.Equal(["run_started", "documentation_generated", "gate_requested"], run.Log);
        Assert.Equal(RunStatus.Waiting, run.Run.Status);

        Assert.Equal(VoteResult.Applied, run.Vote(Gate.Anchor, "bob", true));

        Assert.Equal(["run_started", "documentation_generated", "gate_requested", "gate_decision", "run_completed"], run.Log);
        Assert.Equal(RunStatus.Completed, run.Run.Status);
        Assert.Equal(RunStatus.Completed, run.Outcome!.Status);
        Assert.Equal(ScriptedContext.Merged, Assert.Single(run.Run.PullRequests).MergeSha);
        Assert.Equal(0, run.TimersWaiting);
    }

    [Fact]
    public void Run_WithoutMilestones_TakesFiveActivities()
    {
        var run = new ScriptedContext().Start();
        run.Vote(Gate.Anchor, "bob", true);
        Assert.Equal(
            [ActivityNames.PrepareRun, ActivityNames.WriteDocumentation, ActivityNames.RecordEvents, ActivityNames.MergePullRequest, ActivityNames.RecordEvents],
            run.Calls);
    }

    [Fact]
    public void Run_WhileSomebodyListens_MakesNoSpanAndCountsNothing()
    {
        var told = new List<string>();
        using var spans = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Instruments.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
            {
                told.Add(options.Name);
                return ActivitySamplingResult.AllDataAndRecorded;
            },
        };
        ActivitySource.AddActivityListener(spans);
        using var measurements = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == Instruments.Name) listener.EnableMeasurementEvents(instrument);
            },
        };
        measurements.SetMeasurementEventCallback<long>((instrument, _, _, _) => told.Add(instrument.Name));
        measurements.SetMeasurementEventCallback<double>((instrument, _, _, _) => told.Add(instrument.Name));
        measurements.Start();

        var run = new ScriptedContext(TwoMilestones).Start();
        run.Vote(Gate.Anchor, "bob", true);
        run.Vote("milestone:M-001", "bob", true);
        run.Vote("milestone:M-002", "bob", false);

        Assert.Equal(RunStatus.Failed, run.Run.Status);
        Assert.Empty(told);
    }

    [Fact]
    public void Run_WithMilestones_CompletesEachInOrder()
    {
        var run = new ScriptedContext(TwoMilestones).Start();
        Assert.All(run.Run.Milestones, m => Assert.Equal(MilestoneStatus.Planned, m.Status));
        run.Vote(Gate.Anchor, "bob", true);
        Assert.Equal([MilestoneStatus.Running, MilestoneStatus.Planned], run.Run.Milestones.Select(m => m.Status));
        run.Vote("milestone:M-001", "bob", true);
        run.Vote("milestone:M-002", "bob", true);

        Assert.Equal(
            [
                "run_started", "documentation_generated", "gate_requested", "gate_decision",
                "gate_requested", "gate_decision", "milestone_completed",
                "gate_requested", "gate_decision", "milestone_completed", "run_completed",
            ],
            run.Log);
        Assert.Equal(3, run.Calls.Count(call => call == ActivityNames.CarryOutTask));
        Assert.All(run.Run.Milestones, m => Assert.Equal(MilestoneStatus.Completed, m.Status));
    }

    [Fact]
    public void Run_WithFirstMergeGate_AsksItOnceBeforeTheFirstMilestoneOnly()
    {
        var run = new ScriptedContext(TwoMilestones with { FirstMerge = GateDefinition.Default }).Start();
        run.Vote(Gate.Anchor, "bob", true);
        Assert.Equal(Gate.FirstMerge, run.Run.PendingGate!.Name);
        run.Vote(Gate.FirstMerge, "bob", true);
        run.Vote("milestone:M-001", "bob", true);
        Assert.Equal("milestone:M-002", run.Run.PendingGate!.Name);
    }

    [Fact]
    public void Run_WithNoGateRequired_AsksNobody()
    {
        var open = GateDefinition.Default with { Required = false };
        var run = new ScriptedContext(TwoMilestones with { Anchor = open, Milestone = open }).Start();
        Assert.Equal(RunStatus.Completed, run.Run.Status);
        Assert.DoesNotContain("gate_requested", run.Log);
    }

    [Fact]
    public void Gate_Rejected_FailsTheRunWithTheReason()
    {
        var run = new ScriptedContext().Start();
        run.Vote(Gate.Anchor, "bob", false, "the overview is wrong");
        Assert.Equal("run_failed", run.Log[^1]);
        Assert.Equal(ErrorCodes.GateRejected, run.Run.Error!.ErrorCode);
        Assert.Contains("the overview is wrong", run.Run.Error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(ActivityNames.MergePullRequest, run.Calls);
    }

    [Fact]
    public void Gate_DecisionSignalledBeforeTheWait_IsNotLost()
    {
        var run = new ScriptedContext();
        // The store shows the gate before the orchestration waits at it: a vote may get there in between.
        run.Answer<RecordEventsInput>(ActivityNames.RecordEvents, _ =>
        {
            if (run.Run.PendingGate is not null) run.Vote(Gate.Anchor, "bob", true);
            return ScriptedContext.Ok(new Done());
        });
        run.Start();
        Assert.Equal(RunStatus.Completed, run.Run.Status);
    }

    [Fact]
    public void Gate_DecisionSignalledTwice_CountsOnce()
    {
        var run = new ScriptedContext(TwoMilestones).Start();
        run.Hold(ActivityNames.MergePullRequest);
        run.Vote(Gate.Anchor, "bob", true);
        run.Raise(new RunSignal(RunSignalKind.Decision, null, new GateDecision(Gate.Anchor, 1, false, "too late", "carol")));
        run.Release(ActivityNames.MergePullRequest);
        Assert.Single(run.Log, "gate_decision");
        Assert.Equal("milestone:M-001", run.Run.PendingGate!.Name);
    }

    [Fact]
    public void Gate_Quorum_WaitsForThatManyApprovers()
    {
        var run = new ScriptedContext(PipelineDefinition.Default with { Anchor = GateDefinition.Default with { Approvals = 2 } }).Start();
        Assert.Equal(VoteResult.Recorded, run.Vote(Gate.Anchor, "bob", true));
        Assert.Equal(VoteResult.Recorded, run.Vote(Gate.Anchor, "bob", true));
        Assert.Equal(RunStatus.Waiting, run.Run.Status);
        Assert.Equal(VoteResult.Applied, run.Vote(Gate.Anchor, "carol", true));
        Assert.Equal(RunStatus.Completed, run.Run.Status);
        Assert.Equal(VoteResult.AlreadyDecided, run.Vote(Gate.Anchor, "dave", true));
    }

    [Fact]
    public void Merge_HeadMovedSinceReview_AsksAgainForTheNewHead()
    {
        const string moved = "3333333333333333333333333333333333333333";
        var run = new ScriptedContext();
        run.Answer<MergePullRequestInput>(ActivityNames.MergePullRequest, input =>
            ScriptedContext.Ok(new MergeResult(input.ReviewedHeadSha == moved ? ScriptedContext.Merged : null, moved)));
        run.Start();
        run.Vote(Gate.Anchor, "bob", true);

        var gate = run.Run.PendingGate!;
        Assert.Equal((2, moved), (gate.Request, gate.Review.HeadSha));
        Assert.Empty(gate.Votes);
        Assert.Equal(VoteResult.Applied, run.Vote(Gate.Anchor, "bob", true));
        Assert.Equal(RunStatus.Completed, run.Run.Status);
        Assert.Equal(2, run.Log.Count(name => name == "gate_requested"));
    }

    [Fact]
    public void Step_FailsForGood_FailsTheRunWithItsCode()
    {
        var run = new ScriptedContext();
        run.Answer<PrepareRunInput>(ActivityNames.PrepareRun, _ => ScriptedContext.Failed<PreparedRun>(ErrorCodes.BranchNotFound));
        run.Start();
        Assert.Equal(["run_started", "run_failed"], run.Log);
        Assert.Equal(ErrorCodes.BranchNotFound, run.Run.Error!.ErrorCode);
    }

    [Fact]
    public void Step_FailsInPassing_IsTriedThreeTimesWithGrowingPauses()
    {
        var run = new ScriptedContext();
        run.Answer<PrepareRunInput>(
            ActivityNames.PrepareRun, _ => ScriptedContext.Failed<PreparedRun>(ErrorCodes.RepositoryUnreachable, transient: true));
        run.Start();
        Assert.Single(run.Calls);
        run.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(2, run.Calls.Count);
        run.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Equal(2, run.Calls.Count);
        run.Advance(TimeSpan.FromSeconds(2.1));
        Assert.Equal(3, run.Calls.Count(call => call == ActivityNames.PrepareRun));
        Assert.Equal(ErrorCodes.RepositoryUnreachable, run.Run.Error!.ErrorCode);
    }

    [Fact]
    public void Step_ThrowsOnce_IsTriedAgain()
    {
        var run = new ScriptedContext();
        var calls = 0;
        run.Answer<PrepareRunInput>(ActivityNames.PrepareRun, _ => ++calls == 1
            ? throw new ActivityFailedException(ActivityNames.PrepareRun, "System.IO.IOException", "secret path")
            : ScriptedContext.Ok(new PreparedRun(ScriptedContext.Head, PipelineDefinition.Default)));
        run.Start();
        run.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(RunStatus.Waiting, run.Run.Status);
    }

    [Fact]
    public void Step_ThrowsAlways_FailsAsInternalErrorWithoutTheExceptionsText()
    {
        var run = new ScriptedContext();
        run.Answer<PrepareRunInput>(
            ActivityNames.PrepareRun, _ =>
                throw new ActivityFailedException(ActivityNames.PrepareRun, "System.IO.IOException", "secret path"));
        run.Start();
        run.Advance(TimeSpan.FromMinutes(1));
        run.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(ErrorCodes.InternalError, run.Run.Error!.ErrorCode);
        Assert.DoesNotContain("secret", run.Run.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Recording_StoreAwayForLong_IsRepeatedUntilItSucceeds()
    {
        var run = new ScriptedContext();
        var away = 10;
        run.Answer<RecordEventsInput>(ActivityNames.RecordEvents, _ => away-- > 0
            ? throw new ActivityFailedException(ActivityNames.RecordEvents, "System.IO.IOException", "disk full")
            : ScriptedContext.Ok(new Done()));
        run.Start();
        for (var i = 0; i < 10; i++) run.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(VoteResult.Applied, run.Vote(Gate.Anchor, "bob", true));
        Assert.Equal(RunStatus.Completed, run.Run.Status);
    }

    [Fact]
    public void Run_FaultInThePipelineItself_EndsVisibly()
    {
        var run = new ScriptedContext();
        run.Answer<PrepareRunInput>(ActivityNames.PrepareRun, _ => new StepResult<PreparedRun>(null, null));
        run.Start();
        Assert.Equal(ErrorCodes.InternalError, run.Run.Error!.ErrorCode);
        Assert.Equal(RunStatus.Failed, run.Outcome!.Status);
    }
}
