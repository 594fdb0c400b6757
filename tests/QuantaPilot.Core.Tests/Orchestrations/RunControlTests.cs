using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Orchestrations;

public sealed class RunControlTests
{
    private static readonly RunSignal Pause = new(RunSignalKind.Pause, "lunch");
    private static readonly RunSignal Resume = new(RunSignalKind.Resume);
    private static readonly RunSignal Cancel = new(RunSignalKind.Cancel, "wrong repository");

    [Fact]
    public void Pause_DuringAStep_IsPausingUntilTheStepEndsThenPaused()
    {
        var run = HeldIn(ActivityNames.WriteDocumentation);
        run.Raise(Pause);
        Assert.Equal(RunStatus.Pausing, run.Run.Status);
        Assert.DoesNotContain("run_paused", run.Log);

        run.Release(ActivityNames.WriteDocumentation);
        Assert.Equal(["run_started", "documentation_generated", "run_paused"], run.Log);
        Assert.Equal((RunStatus.Paused, "lunch"), (run.Run.Status, run.Run.StatusReason));

        run.Raise(Resume);
        Assert.Equal(["run_resumed", "gate_requested"], run.Log[^2..]);
        Assert.Equal(RunStatus.Waiting, run.Run.Status);
    }

    [Fact]
    public void Pause_WithdrawnBeforeTheStepEnds_GoesOnWithoutAPause()
    {
        var run = HeldIn(ActivityNames.WriteDocumentation);
        run.Raise(Pause);
        run.Raise(Resume);
        Assert.Equal(RunStatus.Running, run.Run.Status);
        run.Release(ActivityNames.WriteDocumentation);
        Assert.Equal(["run_started", "documentation_generated", "gate_requested"], run.Log);
    }

    [Fact]
    public void Pause_AtAGate_PausesAtOnceAndADecisionMeanwhileTakesEffectOnResume()
    {
        var run = new ScriptedContext().Start();
        run.Raise(Pause);
        Assert.Equal(RunStatus.Paused, run.Run.Status);
        Assert.Equal(VoteResult.Applied, run.Vote(Gate.Anchor, "bob", true));
        Assert.Equal(RunStatus.Paused, run.Run.Status);
        Assert.DoesNotContain(ActivityNames.MergePullRequest, run.Calls);

        run.Raise(Resume);
        Assert.Equal(["run_paused", "run_resumed", "gate_decision", "run_completed"], run.Log[^4..]);
    }

    [Fact]
    public void Pause_AtAGate_WaitsAtTheGateAgainOnceResumed()
    {
        var run = new ScriptedContext().Start();
        run.Raise(Pause);
        run.Raise(Resume);
        Assert.Equal(RunStatus.Waiting, run.Run.Status);
        Assert.Single(run.Log, "gate_requested");
    }

    [Fact]
    public void Pause_GateTimesOutMeanwhile_TimeOutTakesEffectOnResume()
    {
        var run = new ScriptedContext().Start();
        run.Raise(Pause);
        run.Advance(TimeSpan.FromDays(8));
        Assert.Equal((RunStatus.Paused, "lunch"), (run.Run.Status, run.Run.StatusReason));
        run.Raise(Resume);
        Assert.Equal(RunStatus.Paused, run.Run.Status);
        Assert.Contains("timed out", run.Run.StatusReason, StringComparison.Ordinal);
    }

    [Fact]
    public void Pause_Twice_IsOnePause()
    {
        var run = new ScriptedContext().Start();
        run.Raise(Pause);
        run.Raise(Pause);
        run.Raise(Resume);
        Assert.Single(run.Log, "run_paused");
        Assert.Equal(RunStatus.Waiting, run.Run.Status);
    }

    [Fact]
    public void Resume_OfARunThatIsNotPaused_ChangesNothing()
    {
        var run = new ScriptedContext().Start();
        run.Raise(Resume);
        Assert.DoesNotContain("run_resumed", run.Log);
        Assert.Equal(RunStatus.Waiting, run.Run.Status);
    }

    [Fact]
    public void Pause_BeforeTheFirstTurn_PausesBeforeTheFirstStep()
    {
        var run = new ScriptedContext();
        run.Raise(Pause);
        run.Start();
        Assert.Equal(["run_started", "run_paused"], run.Log);
        Assert.DoesNotContain(ActivityNames.PrepareRun, run.Calls);
    }

    [Fact]
    public void Cancel_DuringAStep_ShowsCancellingAndEndsWithIt()
    {
        var run = HeldIn(ActivityNames.WriteDocumentation);
        run.Answer<WriteDocumentationInput>(
            ActivityNames.WriteDocumentation, _ => ScriptedContext.Failed<ReviewableWork>(ErrorCodes.Cancelled));
        run.Raise(Cancel);
        Assert.Equal(RunStatus.Cancelling, run.Run.Status);

        run.Release(ActivityNames.WriteDocumentation);
        Assert.Equal(RunStatus.Cancelled, run.Run.Status);
        Assert.Equal((ErrorCodes.Cancelled, "wrong repository"), (run.Run.Error!.ErrorCode, run.Run.Error.Message));
        Assert.Equal(["run_started", "run_failed"], run.Log);
    }

    [Fact]
    public void Cancel_StepEndsAllTheSame_ItsResultIsRecorded()
    {
        var run = HeldIn(ActivityNames.WriteDocumentation);
        run.Raise(Cancel);
        run.Release(ActivityNames.WriteDocumentation);
        Assert.Equal(["run_started", "documentation_generated", "run_failed"], run.Log);
    }

    [Fact]
    public void Cancel_WhilePaused_EndsTheRun()
    {
        var run = new ScriptedContext().Start();
        run.Raise(Pause);
        run.Raise(Cancel);
        Assert.Equal(RunStatus.Cancelled, run.Run.Status);
        Assert.Equal(["run_paused", "run_failed"], run.Log[^2..]);
    }

    [Fact]
    public void Cancel_AtAGate_ClosesTheGateAndLeavesNoTimer()
    {
        var run = new ScriptedContext().Start();
        run.Raise(Cancel);
        Assert.Equal(RunStatus.Cancelled, run.Run.Status);
        Assert.Equal(GateStatus.Cancelled, Assert.Single(run.Run.Gates).Status);
        Assert.Equal(VoteResult.GateNotPending, run.Vote(Gate.Anchor, "bob", true));
        Assert.Equal(0, run.TimersWaiting);
    }

    [Fact]
    public void Cancel_DuringABackoff_EndsTheRunAtOnce()
    {
        var run = new ScriptedContext();
        run.Answer<PrepareRunInput>(
            ActivityNames.PrepareRun, _ => ScriptedContext.Failed<PreparedRun>(ErrorCodes.RepositoryUnreachable, transient: true));
        run.Start();
        run.Raise(Cancel);
        Assert.Equal(RunStatus.Cancelled, run.Run.Status);
        Assert.Equal(0, run.TimersWaiting);
    }

    [Fact]
    public void Signals_DuringASlowRecording_LoseAndRepeatNothing()
    {
        var run = HeldIn(ActivityNames.WriteDocumentation);
        run.Hold(ActivityNames.RecordEvents);
        run.Raise(Pause);
        run.Release(ActivityNames.WriteDocumentation);
        run.Raise(Resume);
        run.Release(ActivityNames.RecordEvents);
        Assert.Equal(["run_started", "documentation_generated", "gate_requested"], run.Log);
    }

    private static ScriptedContext HeldIn(string activity)
    {
        var run = new ScriptedContext();
        run.Hold(activity);
        return run.Start();
    }
}
