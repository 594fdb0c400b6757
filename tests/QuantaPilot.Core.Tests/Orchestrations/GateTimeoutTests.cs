using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Orchestrations;

public sealed class GateTimeoutTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public void Timeout_DecisionReachedTheStoreFirst_DecisionHolds()
    {
        var run = Start(GateTimeoutAction.Reject);
        run.Hold(ActivityNames.TimeOutGate);
        run.Advance(Day);
        Assert.Equal(VoteResult.Applied, run.Vote(Gate.Anchor, "bob", true));
        run.Release(ActivityNames.TimeOutGate);
        Assert.Equal(RunStatus.Completed, run.Run.Status);
        Assert.Single(run.Log, "gate_decision");
    }

    [Fact]
    public void Timeout_TimeoutReachedTheStoreFirst_VoterIsToldSo()
    {
        var run = Start(GateTimeoutAction.Reject);
        run.Advance(Day);
        Assert.Equal(VoteResult.GateNotPending, run.Vote(Gate.Anchor, "bob", true));
        Assert.Equal(GateStatus.TimedOut, Assert.Single(run.Run.Gates).Status);
    }

    [Fact]
    public void Timeout_TimerFiresEarly_WaitsOn()
    {
        var run = Start(GateTimeoutAction.Reject, early: TimeSpan.FromMilliseconds(700));
        run.Advance(Day - TimeSpan.FromMilliseconds(700));
        Assert.Equal(GateStatus.Pending, Assert.Single(run.Run.Gates).Status);
        run.Advance(TimeSpan.FromMilliseconds(700));
        Assert.Equal(GateStatus.TimedOut, Assert.Single(run.Run.Gates).Status);
    }

    [Fact]
    public void Timeout_OnTimeoutReject_FailsTheRun()
    {
        var run = Start(GateTimeoutAction.Reject);
        run.Advance(Day);
        Assert.Equal(ErrorCodes.GateTimedOut, run.Run.Error!.ErrorCode);
        Assert.Contains("1d", run.Run.Error.Message, StringComparison.Ordinal);
        Assert.Equal(["gate_decision", "run_failed"], run.Log[^2..]);
    }

    [Fact]
    public void Timeout_OnTimeoutPause_PausesAndAsksAgainOnceResumed()
    {
        var run = Start(GateTimeoutAction.Pause, approvals: 2);
        run.Vote(Gate.Anchor, "bob", true);
        run.Advance(Day);
        Assert.Equal(RunStatus.Paused, run.Run.Status);
        Assert.Equal("run_paused", run.Log[^1]);

        run.Raise(new RunSignal(RunSignalKind.Resume));
        Assert.Equal(["run_resumed", "gate_requested"], run.Log[^2..]);
        Assert.Equal(RunStatus.Waiting, run.Run.Status);
        // The head is the same, so the vote that was cast still counts.
        Assert.Equal(VoteResult.Applied, run.Vote(Gate.Anchor, "carol", true));
        Assert.Equal(RunStatus.Completed, run.Run.Status);
    }

    [Fact]
    public void Timeout_OnTimeoutRemind_AsksAgainAndAgain()
    {
        var run = Start(GateTimeoutAction.Remind);
        run.Advance(Day);
        run.Advance(Day);
        Assert.Equal(3, run.Log.Count(name => name == "gate_requested"));
        Assert.Equal(run.UtcNow + Day, run.Run.PendingGate!.ExpiresAt);
        run.Vote(Gate.Anchor, "bob", true);
        Assert.Equal(RunStatus.Completed, run.Run.Status);
    }

    private static ScriptedContext Start(GateTimeoutAction action, int approvals = 1, TimeSpan early = default) =>
        new ScriptedContext(PipelineDefinition.Default with
        {
            Anchor = new GateDefinition(true, approvals, Day, action, true),
        })
        { TimersFireEarlyBy = early }.Start();
}
