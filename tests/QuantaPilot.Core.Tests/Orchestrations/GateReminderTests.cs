using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Orchestrations;

public sealed class GateReminderTests
{
    private static readonly TimeSpan _day = TimeSpan.FromDays(1);

    [Fact]
    public void Remind_WhileTheGateWaits_PublishesTheRequestAgainAtEachInterval()
    {
        var run = Start();
        var (request, deadline) = (run.Run.PendingGate!.Request, run.Run.PendingGate.ExpiresAt);
        Assert.Equal(1, Requests(run));

        for (var day = 1; day <= 6; day++)
        {
            run.Advance(_day - TimeSpan.FromSeconds(1));
            Assert.Equal(day, Requests(run));
            run.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(day + 1, Requests(run));
            // It is still the same request, for the same time.
            Assert.Equal((request, deadline), (run.Run.PendingGate!.Request, run.Run.PendingGate.ExpiresAt));
            Assert.Equal(RunStatus.Waiting, run.Run.Status);
            Assert.Equal(1, run.TimersWaiting);
        }

        Assert.Equal(VoteResult.Applied, run.Vote(Gate.Anchor, "bob", true));
        Assert.Equal(RunStatus.Completed, run.Run.Status);
        Assert.Equal(0, run.TimersWaiting);
        run.Advance(7 * _day);
        Assert.Equal(7, Requests(run));
    }

    [Theory]
    [InlineData(GateTimeoutAction.Pause, RunStatus.Paused, 7)]
    [InlineData(GateTimeoutAction.Reject, RunStatus.Failed, 7)]
    // The gate is requested anew, and reminds again.
    [InlineData(GateTimeoutAction.Remind, RunStatus.Waiting, 8)]
    public void Remind_UntilTheTimeout_LeavesItAsItIs(GateTimeoutAction action, RunStatus expected, int requests)
    {
        var run = Start(action);

        for (var day = 1; day <= 7; day++) run.Advance(_day);

        Assert.Equal(expected, run.Run.Status);
        Assert.Equal(requests, Requests(run));
        run.Advance(_day);
        Assert.Equal(action == GateTimeoutAction.Remind ? requests + 1 : requests, Requests(run));
    }

    [Fact]
    public void Remind_WithHalfAQuorum_KeepsTheVotes()
    {
        var run = Start(approvals: 2);
        run.Vote(Gate.Anchor, "bob", true);

        run.Advance(_day);

        Assert.Equal(2, Requests(run));
        Assert.Equal("bob", Assert.Single(run.Run.PendingGate!.Votes).By);
        Assert.Equal(VoteResult.Recorded, run.Vote(Gate.Anchor, "bob", true));
        Assert.Equal(VoteResult.Applied, run.Vote(Gate.Anchor, "carol", true));
        Assert.Equal(RunStatus.Completed, run.Run.Status);
    }

    [Fact]
    public void Remind_DecidedWhileTheReminderIsBeingRecorded_GoesOn()
    {
        var run = Start();
        run.Hold(ActivityNames.RecordEvents);
        run.Advance(_day);
        Assert.Equal(VoteResult.Applied, run.Vote(Gate.Anchor, "bob", true));

        run.Release(ActivityNames.RecordEvents);

        Assert.Equal(RunStatus.Completed, run.Run.Status);
        Assert.Equal(["gate_requested", "gate_requested", "gate_decision", "run_completed"], run.Log[^4..]);
        Assert.Equal(GateStatus.Approved, Assert.Single(run.Run.Gates).Status);
    }

    [Fact]
    public void Remind_DecidedBeforeItIsDue_IsLeftOut()
    {
        var run = Start();
        run.Raise(new RunSignal(RunSignalKind.Pause, "lunch"));
        run.Vote(Gate.Anchor, "bob", true);
        run.Advance(_day);

        run.Raise(new RunSignal(RunSignalKind.Resume));

        Assert.Equal(1, Requests(run));
        Assert.Equal(RunStatus.Completed, run.Run.Status);
    }

    [Fact]
    public void Remind_WhileTheRunIsPaused_ComesOnceWhenItIsResumed()
    {
        var run = Start();
        run.Raise(new RunSignal(RunSignalKind.Pause, "holidays"));
        for (var day = 1; day <= 3; day++) run.Advance(_day);
        Assert.Equal(1, Requests(run));

        run.Advance(_day / 2);
        run.Raise(new RunSignal(RunSignalKind.Resume));
        Assert.Equal(["run_paused", "run_resumed", "gate_requested"], run.Log[^3..]);
        Assert.Equal(2, Requests(run));

        // Then at the times that it would have come at anyway.
        run.Advance(_day / 2);
        Assert.Equal(3, Requests(run));
    }

    [Fact]
    public void Remind_TimerFiresEarly_WaitsOn()
    {
        var run = Start(early: TimeSpan.FromMilliseconds(700));
        run.Advance(_day - TimeSpan.FromMilliseconds(700));
        Assert.Equal(1, Requests(run));

        run.Advance(TimeSpan.FromMilliseconds(700));

        Assert.Equal(2, Requests(run));
    }

    [Fact]
    public void NoReminder_MakesTheTimersOfBefore()
    {
        var run = new ScriptedContext().Start();

        run.Advance(6 * _day);

        Assert.Equal(1, Requests(run));
        Assert.Equal(1, run.TimersWaiting);
    }

    private static int Requests(ScriptedContext run) => run.Log.Count(name => name == "gate_requested");

    private static ScriptedContext Start(
        GateTimeoutAction action = GateTimeoutAction.Pause, int approvals = 1, TimeSpan early = default) =>
        new ScriptedContext(PipelineDefinition.Default with
        {
            Anchor = new GateDefinition(true, approvals, 7 * _day, action, true) { Remind = _day },
        })
        { TimersFireEarlyBy = early }.Start();
}
