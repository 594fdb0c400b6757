using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Orchestrations;

public sealed class LimitTests
{
    private static readonly RunSignal _resume = new(RunSignalKind.Resume);

    [Fact]
    public void Usage_OfEveryTry_IsSummedUp()
    {
        var run = new ScriptedContext();
        var tries = 0;
        run.Answer<WriteDocumentationInput>(ActivityNames.WriteDocumentation, _ => ++tries == 1
            ? ScriptedContext.Failed<ReviewableWork>(ErrorCodes.AgentFailed, transient: true) with { Usage = new AgentUsage(700, 0.5m, 3) }
            : Written(new AgentUsage(300, 0.25m, 4)));
        run.Start();
        run.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(new RunUsage(1000, 0.75m, 2), run.Run.Usage);
        Assert.Equal(RunLimits.None, run.Run.Limits);
    }

    [Fact]
    public void Tokens_OverTheLimit_PauseTheRunNamingLimitAndAmount()
    {
        var run = Using(61_200, new LimitsDefinition(Tokens: 60_000)).Start();

        Assert.Equal(["run_started", "documentation_generated", "run_paused"], run.Log);
        Assert.Equal((RunStatus.Paused, "limit tokens: 61,200 of 60,000 used"), (run.Run.Status, run.Run.StatusReason));
    }

    [Fact]
    public void Tokens_AllOfTheLimit_IsNotOverIt()
    {
        var run = Using(60_000, new LimitsDefinition(Tokens: 60_000)).Start();

        Assert.Equal(RunStatus.Waiting, run.Run.Status);
        Assert.Equal(LimitName.Tokens, Assert.Single(run.Run.Warnings!).Limit);
    }

    [Fact]
    public void Usd_OverTheLimit_PausesTheRun()
    {
        var run = new ScriptedContext(PipelineDefinition.Default with { Limits = new LimitsDefinition(Usd: 10) });
        run.Answer<WriteDocumentationInput>(ActivityNames.WriteDocumentation, _ => Written(new AgentUsage(1, 10.0125m, 0)));
        run.Start();

        Assert.Equal("limit usd: 10.0125 of 10.00 used", run.Run.StatusReason);
    }

    [Fact]
    public void Resume_ThatRaisesNothing_LeavesTheRunPaused()
    {
        var run = Using(61_200, new LimitsDefinition(Tokens: 60_000)).Start();

        run.Raise(_resume);

        Assert.Equal(RunStatus.Paused, run.Run.Status);
        Assert.DoesNotContain("run_resumed", run.Log);
    }

    [Fact]
    public void Resume_WithAHigherLimit_GoesOn()
    {
        var run = Using(61_200, new LimitsDefinition(Tokens: 60_000, Usd: 5)).Start();

        run.Raise(_resume with { Limits = new LimitsRaise(Tokens: 120_000) });

        Assert.Equal(RunStatus.Waiting, run.Run.Status);
        Assert.Equal(new RunLimits(120_000, 5), run.Run.Limits);
        Assert.Empty(run.Run.Warnings!);
        Assert.Equal(["run_paused", "run_resumed", "gate_requested"], run.Log[^3..]);
    }

    [Fact]
    public void Resume_WithALimitThatIsNearAsWell_KeepsTheWarning()
    {
        var run = Using(61_200, new LimitsDefinition(Tokens: 60_000)).Start();

        run.Raise(_resume with { Limits = new LimitsRaise(Tokens: 62_000) });

        Assert.Equal(LimitName.Tokens, Assert.Single(run.Run.Warnings!).Limit);
    }

    [Theory]
    [InlineData(47_999, 0)]
    [InlineData(48_000, 1)]
    public void Warning_AtFourFifths_IsRecordedOnce(long tokens, int warnings)
    {
        var run = Using(tokens, new LimitsDefinition(Tokens: 60_000)).Start();
        run.Vote(Gate.Anchor, "bob", true);

        Assert.Equal(RunStatus.Completed, run.Run.Status);
        Assert.Equal(warnings, run.Run.Warnings?.Count ?? 0);
    }

    [Fact]
    public void Duration_EndsDuringAStep_PausesAfterTheStep()
    {
        var run = new ScriptedContext(PipelineDefinition.Default with { Limits = new LimitsDefinition(Duration: TimeSpan.FromHours(8)) });
        run.Hold(ActivityNames.WriteDocumentation);
        run.Start();
        run.Advance(TimeSpan.FromHours(8) - TimeSpan.FromTicks(1));
        Assert.Equal(RunStatus.Running, run.Run.Status);

        run.Advance(TimeSpan.FromTicks(1));
        Assert.Equal((RunStatus.Pausing, "limit duration: 8h of 8h used"), (run.Run.Status, run.Run.StatusReason));
        run.Advance(TimeSpan.FromMinutes(12));
        run.Release(ActivityNames.WriteDocumentation);

        Assert.Equal(["run_started", "documentation_generated", "run_paused"], run.Log);
        Assert.Equal(29_520, run.Run.Usage!.Seconds);
        Assert.Equal(0, run.TimersWaiting);
        run.Raise(_resume with { Limits = new LimitsRaise(Duration: TimeSpan.FromHours(9)) });
        Assert.Equal(RunStatus.Waiting, run.Run.Status);
    }

    [Fact]
    public void Duration_TimerFiresEarly_IsWaitedForAgain()
    {
        var run = new ScriptedContext(PipelineDefinition.Default with { Limits = new LimitsDefinition(Duration: TimeSpan.FromHours(8)) })
        {
            TimersFireEarlyBy = TimeSpan.FromSeconds(1),
        };
        run.Hold(ActivityNames.WriteDocumentation);
        run.Start();

        run.Advance(TimeSpan.FromHours(8) - TimeSpan.FromSeconds(1));
        Assert.Equal(RunStatus.Running, run.Run.Status);
        run.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(RunStatus.Pausing, run.Run.Status);
    }

    [Fact]
    public void Duration_AtGatesAndInPauses_StandsStill()
    {
        var run = new ScriptedContext(PipelineDefinition.Default with { Limits = new LimitsDefinition(Duration: TimeSpan.FromHours(8)) });
        run.Hold(ActivityNames.WriteDocumentation);
        run.Hold(ActivityNames.MergePullRequest);
        run.Start();
        run.Advance(TimeSpan.FromHours(3));
        run.Release(ActivityNames.WriteDocumentation);
        run.Advance(TimeSpan.FromDays(2));
        run.Raise(new RunSignal(RunSignalKind.Pause, "lunch"));
        run.Advance(TimeSpan.FromDays(2));
        run.Raise(_resume);
        run.Advance(TimeSpan.FromDays(1));
        run.Vote(Gate.Anchor, "bob", true);
        run.Advance(TimeSpan.FromHours(4));
        run.Release(ActivityNames.MergePullRequest);

        Assert.Equal(RunStatus.Completed, run.Run.Status);
        Assert.Equal(7 * 3600, run.Run.Usage!.Seconds);
        Assert.Equal(LimitName.Duration, Assert.Single(run.Run.Warnings!).Limit);
    }

    [Fact]
    public void Hold_OfTheHost_PausesWithTheReasonAndGoesOnByItself()
    {
        var run = Held(times: 1, out var midnight).Start();
        Assert.Equal((RunStatus.Paused, "daily limit"), (run.Run.Status, run.Run.StatusReason));

        run.Advance(midnight - run.UtcNow);

        Assert.Equal(["run_started", "run_paused", "run_resumed", "documentation_generated", "gate_requested"], run.Log);
    }

    [Fact]
    public void Hold_ResumedByHandWhileItLasts_PausesAgain()
    {
        var run = Held(times: 2, out var midnight).Start();

        run.Raise(_resume);
        Assert.Equal(["run_started", "run_paused", "run_resumed", "run_paused"], run.Log);
        run.Raise(_resume);

        Assert.Equal(RunStatus.Waiting, run.Run.Status);
        Assert.True(run.UtcNow < midnight);
        // That of the gate.
        Assert.Equal(1, run.TimersWaiting);
    }

    [Fact]
    public void Hold_CancelledMeanwhile_EndsTheRunAndLeavesNoTimer()
    {
        var run = Held(times: 1, out _).Start();

        run.Raise(new RunSignal(RunSignalKind.Cancel, "enough"));

        Assert.Equal(RunStatus.Cancelled, run.Run.Status);
        Assert.Equal(0, run.TimersWaiting);
    }

    [Fact]
    public void Plan_InTheDocumentation_IsCarriedOutOnceItIsMerged()
    {
        var run = new ScriptedContext();
        run.Answer<WriteDocumentationInput>(ActivityNames.WriteDocumentation, input =>
        {
            Assert.Equal("docs/30_milestones.md", input.PlanSource!.Path);
            return ScriptedContext.Ok(ScriptedContext.Reviewable("documentation", 1) with { Plan = [Planned("M-001")] });
        });
        run.Start();
        Assert.Empty(run.Run.Milestones);

        run.Vote(Gate.Anchor, "bob", true);

        Assert.Equal(("M-001", MilestoneStatus.Running), (run.Run.Milestones[0].Id, run.Run.Milestones[0].Status));
        Assert.Equal("milestone:M-001", run.Run.PendingGate!.Name);
        Assert.DoesNotContain(ActivityNames.ReadPlan, run.Calls);
    }

    [Fact]
    public void Plan_ReviewerPushedAfterItWasWritten_IsReadFromWhatWasMerged()
    {
        const string moved = "3333333333333333333333333333333333333333";
        var run = new ScriptedContext();
        run.Answer<MergePullRequestInput>(ActivityNames.MergePullRequest, input =>
            ScriptedContext.Ok(new MergeResult(input.ReviewedHeadSha == moved || input.Number > 1 ? ScriptedContext.Merged : null, moved)));
        run.Answer<ReadPlanInput>(ActivityNames.ReadPlan, input =>
        {
            Assert.Equal((ScriptedContext.Merged, "docs/30_milestones.md"), (input.Commit, input.Source.Path));
            return ScriptedContext.Ok(new PlanRead([Planned("M-007")]));
        });
        run.Start();
        run.Vote(Gate.Anchor, "bob", true);
        run.Vote(Gate.Anchor, "bob", true);

        Assert.Equal("milestone:M-007", run.Run.PendingGate!.Name);
    }

    private static MilestoneDefinition Planned(string id)
    {
        var agent = new AgentDefinition("coder", AgentDefinition.CommandType, ["make"], null);
        return new MilestoneDefinition(id, "First", [], [new TaskDefinition(agent, "write it")], []);
    }

    private static StepResult<ReviewableWork> Written(AgentUsage usage) =>
        ScriptedContext.Ok(ScriptedContext.Reviewable("documentation", 1)) with { Usage = usage };

    private static ScriptedContext Using(long tokens, LimitsDefinition limits)
    {
        var run = new ScriptedContext(PipelineDefinition.Default with { Limits = limits });
        run.Answer<WriteDocumentationInput>(ActivityNames.WriteDocumentation, _ => Written(new AgentUsage(tokens, 0, 0)));
        return run;
    }

    /// <summary>The host lets no agent work so many times.</summary>
    private static ScriptedContext Held(int times, out DateTimeOffset midnight)
    {
        var run = new ScriptedContext();
        var until = run.UtcNow.AddDays(1);
        run.Answer<WriteDocumentationInput>(ActivityNames.WriteDocumentation, _ => times-- > 0
            ? new StepResult<ReviewableWork>(null, null) { Hold = new StepHold("daily limit", until) }
            : ScriptedContext.Ok(ScriptedContext.Reviewable("documentation", 1)));
        midnight = until;
        return run;
    }
}
