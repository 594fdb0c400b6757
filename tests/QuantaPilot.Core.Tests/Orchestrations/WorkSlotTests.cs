using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Admission;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Orchestrations;

public sealed class WorkSlotTests
{
    private static readonly AdmissionKey Key = new("https://example.com/org/project", "main");

    [Fact]
    public void Run_WithoutLimits_CallsNothingMore()
    {
        var run = new ScriptedContext().Start();
        run.Vote(Gate.Anchor, "bob", true);

        Assert.DoesNotContain(ActivityNames.TakeSlot, run.Calls);
        Assert.DoesNotContain(ActivityNames.GiveBackSlot, run.Calls);
    }

    [Fact]
    public void Run_WithASlotAtOnce_HoldsItWhileItWorksOnly()
    {
        var run = new ScriptedContext { Admission = Key }.Start();
        Assert.Equal(
            [ActivityNames.TakeSlot, ActivityNames.PrepareRun, ActivityNames.WriteDocumentation, ActivityNames.GiveBackSlot], run.Calls);
        Assert.Equal(RunStatus.Waiting, run.Run.Status);

        run.Vote(Gate.Anchor, "bob", true);

        Assert.Equal([ActivityNames.TakeSlot, ActivityNames.MergePullRequest, ActivityNames.GiveBackSlot], run.Calls[4..]);
        Assert.Equal([1, 2], run.Inputs.OfType<TakeSlotInput>().Select(input => input.Ticket));
        Assert.Equal([1, null], run.Inputs.OfType<GiveBackSlotInput>().Select(input => input.Ticket));
        Assert.Equal(["run_started", "documentation_generated", "gate_requested", "gate_decision", "run_completed"], run.Log);
        Assert.DoesNotContain(RunStatus.Queued, run.Statuses);
    }

    [Fact]
    public void Run_OverTheLimit_IsQueuedUntilItIsAdmitted()
    {
        var run = Queued();
        Assert.Equal(RunStatus.Queued, run.Run.Status);
        Assert.False(run.Run.HasUntold);
        Assert.Empty(run.Log);

        run.Raise(Admitted(1));

        Assert.Equal(["run_started", "documentation_generated", "gate_requested"], run.Log);
    }

    [Fact]
    public void Run_AdmittedBeforeTheAnswerCame_DoesNotMissIt()
    {
        var run = new ScriptedContext { Admission = Key };
        run.Answer<TakeSlotInput>(ActivityNames.TakeSlot, input =>
        {
            run.Raise(Admitted(input.Ticket));
            return ScriptedContext.Ok(new SlotAnswer(false));
        });
        run.Start();

        Assert.Equal(RunStatus.Waiting, run.Run.Status);
    }

    [Fact]
    public void Run_AdmittedForAnEarlierRequest_WaitsOn()
    {
        var run = Queued();
        run.Raise(new RunSignal(RunSignalKind.Pause, "lunch"));
        run.Raise(new RunSignal(RunSignalKind.Resume));
        run.Raise(Admitted(1));
        Assert.Equal(RunStatus.Queued, run.Run.Status);

        run.Raise(Admitted(2));
        Assert.Equal(RunStatus.Waiting, run.Run.Status);
    }

    [Fact]
    public void Cancel_InTheQueue_EndsAtOnce()
    {
        var run = Queued();
        run.Raise(new RunSignal(RunSignalKind.Cancel, "not needed"));

        Assert.Equal(RunStatus.Cancelled, run.Run.Status);
        Assert.Equal(["run_failed"], run.Log);
        Assert.Equal(ActivityNames.GiveBackSlot, run.Calls[^1]);
        Assert.Null(run.Inputs.OfType<GiveBackSlotInput>().Single().Ticket);
    }

    [Fact]
    public void Pause_InTheQueue_LeavesItAndComesBackOnResume()
    {
        var run = Queued();
        run.Raise(new RunSignal(RunSignalKind.Pause, "lunch"));
        Assert.Equal((RunStatus.Paused, "lunch"), (run.Run.Status, run.Run.StatusReason));
        Assert.Equal([1], run.Inputs.OfType<GiveBackSlotInput>().Select(input => input.Ticket));

        run.Raise(new RunSignal(RunSignalKind.Resume));

        Assert.Equal((RunStatus.Queued, null), (run.Run.Status, run.Run.StatusReason));
        Assert.Equal([1, 2], run.Inputs.OfType<TakeSlotInput>().Select(input => input.Ticket));
        Assert.DoesNotContain(RunStatus.Running, run.Statuses);
        Assert.Equal(["run_paused", "run_resumed"], run.Log);
    }

    [Fact]
    public void Pause_DuringAStep_GivesTheSlotBack()
    {
        var run = new ScriptedContext { Admission = Key };
        run.Hold(ActivityNames.WriteDocumentation);
        run.Start();
        run.Raise(new RunSignal(RunSignalKind.Pause, "lunch"));
        run.Release(ActivityNames.WriteDocumentation);

        Assert.Equal(RunStatus.Paused, run.Run.Status);
        Assert.Equal([1], run.Inputs.OfType<GiveBackSlotInput>().Select(input => input.Ticket));
    }

    [Fact]
    public void Decision_WhileOthersWork_QueuesTheRunUntilItIsItsTurn()
    {
        var run = new ScriptedContext { Admission = Key };
        run.Answer<TakeSlotInput>(ActivityNames.TakeSlot, input => ScriptedContext.Ok(new SlotAnswer(input.Ticket == 1)));
        run.Start();
        run.Vote(Gate.Anchor, "bob", true);
        Assert.Equal(RunStatus.Queued, run.Run.Status);
        Assert.DoesNotContain(ActivityNames.MergePullRequest, run.Calls);
        Assert.Equal("gate_decision", run.Log[^1]);

        run.Raise(Admitted(2));
        Assert.Equal(RunStatus.Completed, run.Run.Status);
    }

    [Fact]
    public void TimeOut_OfAGate_TakesNoSlot()
    {
        var gate = GateDefinition.Default with { Timeout = TimeSpan.FromHours(1), OnTimeout = GateTimeoutAction.Reject };
        var run = new ScriptedContext(PipelineDefinition.Default with { Anchor = gate }) { Admission = Key }.Start();
        run.Advance(TimeSpan.FromHours(1));

        Assert.Equal(ErrorCodes.GateTimedOut, run.Run.Error!.ErrorCode);
        Assert.Single(run.Inputs.OfType<TakeSlotInput>());
    }

    private static ScriptedContext Queued()
    {
        var run = new ScriptedContext { Admission = Key };
        run.Answer<TakeSlotInput>(ActivityNames.TakeSlot, _ => ScriptedContext.Ok(new SlotAnswer(false)));
        return run.Start();
    }

    private static RunSignal Admitted(int ticket) => new(RunSignalKind.Admitted) { Ticket = ticket };
}
