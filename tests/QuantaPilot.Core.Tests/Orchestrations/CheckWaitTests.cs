using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Orchestrations;

public sealed class CheckWaitTests
{
    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);

    [Fact]
    public void Checks_PendingThenSucceeded_AreAwaitedBeforePeopleAreAsked()
    {
        var forge = new ScriptedForge().Start();
        Assert.Equal(["run_started", "documentation_generated"], forge.Run.Log);
        Assert.Equal((RunStatus.Running, "checks:1"), (forge.Run.Run.Status, forge.Run.Run.Step));
        Assert.Equal(1, forge.Run.TimersWaiting);

        forge.Report = ScriptedForge.Succeeded;
        forge.Pass(10 * _second);

        Assert.Equal(RunStatus.Waiting, forge.Run.Run.Status);
        Assert.Equal(2, forge.Looks.Count);
        Assert.Equal(VoteResult.Applied, forge.Run.Vote(Gate.Anchor, "bob", true));
        Assert.Equal(RunStatus.Completed, forge.Run.Run.Status);
        Assert.Equal(0, forge.Run.TimersWaiting);
    }

    [Fact]
    public void Checks_Pending_AreLookedAtAtGrowingIntervals()
    {
        var forge = new ScriptedForge().Start();

        forge.Pass(2 * _hour);

        Assert.Equal(TimeSpan.Zero, forge.LookedAt[0]);
        var gaps = forge.LookedAt.Zip(forge.LookedAt.Skip(1), (one, next) => next - one).ToList();
        Assert.InRange(gaps[0], 5 * _second, 10 * _second);
        Assert.Equal(gaps.Order(), gaps);
        Assert.InRange(gaps[^1], 2.5 * _minute, 5 * _minute);
        Assert.Equal(1, forge.Run.TimersWaiting);
    }

    [Fact]
    public void ForgeChanged_BringsTheNextLookForward()
    {
        var forge = new ScriptedForge().Start();
        forge.Pass(10 * _minute);
        var before = forge.Looks.Count;
        forge.Report = ScriptedForge.Succeeded;

        forge.Tell(ScriptedContext.Head);

        Assert.Equal(before + 1, forge.Looks.Count);
        Assert.Equal(RunStatus.Waiting, forge.Run.Run.Status);
    }

    [Fact]
    public void ForgeChanged_OftenInAShortTime_IsOneLookForAllOfThem()
    {
        var forge = new ScriptedForge().Start();
        forge.Pass(10 * _minute);
        var before = forge.Looks.Count;

        for (var i = 0; i < 50; i++) forge.Tell(ScriptedContext.Head);
        Assert.Equal(before + 1, forge.Looks.Count);
        forge.Pass(5 * _second);

        Assert.Equal(before + 2, forge.Looks.Count);
        forge.Pass(5 * _second);
        Assert.Equal(before + 2, forge.Looks.Count);
    }

    [Fact]
    public void Checks_Failed_EndTheRunNamingThem()
    {
        var forge = new ScriptedForge
        {
            Report = new CheckReport(
                CheckState.Failed, ["lint"], [new("build", "3 tests failed", "https://ci.example/1"), new("docs", null, null)]),
        }.Start();

        Assert.Equal(ErrorCodes.ChecksFailed, forge.Run.Run.Error!.ErrorCode);
        Assert.Equal(
            $"Checks of pull request #1 failed at {ScriptedContext.Head}:\n- build: 3 tests failed (https://ci.example/1)\n- docs",
            forge.Run.Run.Error.Message);
        Assert.DoesNotContain("gate_requested", forge.Run.Log);
    }

    [Fact]
    public void Checks_ThatNeverEnd_FailAfterADay()
    {
        var forge = new ScriptedForge().Start();

        forge.Pass(24 * _hour - _minute);
        Assert.Equal(RunStatus.Running, forge.Run.Run.Status);
        forge.Pass(6 * _minute);

        Assert.Equal(ErrorCodes.ChecksFailed, forge.Run.Run.Error!.ErrorCode);
        Assert.Contains("have not ended within 1d", forge.Run.Run.Error.Message, StringComparison.Ordinal);
        Assert.Contains("Still pending: build, lint.", forge.Run.Run.Error.Message, StringComparison.Ordinal);
        Assert.Equal(0, forge.Run.TimersWaiting);
    }

    [Fact]
    public void Checks_WithALimitOnDuration_AreAwaitedForThatLong()
    {
        var limits = new LimitsDefinition(null, null, TimeSpan.FromHours(1), 2);
        var forge = new ScriptedForge(PipelineDefinition.Default with { Limits = limits }).Start();

        forge.Pass(_hour + 6 * _minute);

        Assert.Contains("within 1h", forge.Run.Run.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NoChecks_AfterAGraceOfAMinute_GoesOn()
    {
        var forge = new ScriptedForge { Report = CheckReport.None }.Start();

        forge.Pass(_minute - _second);
        Assert.DoesNotContain("gate_requested", forge.Run.Log);
        Assert.DoesNotContain(forge.Looks, look => look.AcceptsNone);
        forge.Pass(_second);

        Assert.Equal(RunStatus.Waiting, forge.Run.Run.Status);
        Assert.True(forge.Looks[^1].AcceptsNone);
    }

    [Fact]
    public void HeadMoved_WhileChecksRun_AwaitsThoseOfTheNewHeadWhichIsThenReviewed()
    {
        var forge = new ScriptedForge().Start();
        forge.Head = ScriptedForge.Moved;
        forge.Pass(10 * _second);
        Assert.Equal([ScriptedContext.Head, ScriptedContext.Head, ScriptedForge.Moved], forge.Looks.Select(look => look.HeadSha));

        forge.Report = ScriptedForge.Succeeded;
        forge.Pass(10 * _second);

        var review = forge.Run.Run.PendingGate!.Review;
        Assert.Equal(ScriptedForge.Moved, review.HeadSha);
        Assert.Contains("while its checks ran", review.Summary, StringComparison.Ordinal);
        Assert.Equal(ScriptedForge.Moved, Assert.Single(forge.Run.Run.PullRequests).HeadSha);
        forge.Run.Vote(Gate.Anchor, "bob", true);
        Assert.Equal(ScriptedForge.Moved, Assert.Single(forge.Merges).ReviewedHeadSha);
    }

    [Fact]
    public void Pause_WhileChecksRun_StopsLookingUntilResumed()
    {
        var forge = new ScriptedForge().Start();
        forge.Run.Raise(new RunSignal(RunSignalKind.Pause, "lunch"));
        Assert.Equal(RunStatus.Paused, forge.Run.Run.Status);
        forge.Pass(25 * _hour);
        Assert.Single(forge.Looks);

        forge.Run.Raise(new RunSignal(RunSignalKind.Resume));

        Assert.Equal(2, forge.Looks.Count);
        // The pause does not count for how long checks may take.
        Assert.Equal(RunStatus.Running, forge.Run.Run.Status);
        forge.Report = ScriptedForge.Succeeded;
        forge.Pass(_minute);
        Assert.Equal(RunStatus.Waiting, forge.Run.Run.Status);
    }

    [Fact]
    public void Pause_DuringALook_TakesEffectAfterIt()
    {
        var forge = new ScriptedForge();
        forge.Run.Hold(ActivityNames.LookAtPullRequest);
        forge.Start();
        forge.Run.Raise(new RunSignal(RunSignalKind.Pause, "lunch"));
        Assert.Equal(RunStatus.Pausing, forge.Run.Run.Status);

        forge.Run.Release(ActivityNames.LookAtPullRequest);

        Assert.Equal(RunStatus.Paused, forge.Run.Run.Status);
    }

    [Fact]
    public void Cancel_WhileChecksRun_EndsTheRunAtOnceAndLeavesNoTimer()
    {
        var forge = new ScriptedForge().Start();

        forge.Run.Raise(new RunSignal(RunSignalKind.Cancel, "wrong repository"));

        Assert.Equal(RunStatus.Cancelled, forge.Run.Run.Status);
        Assert.Equal(0, forge.Run.TimersWaiting);
    }

    [Fact]
    public void Look_RefusedForAWhile_IsNotRepeatedBeforeThat()
    {
        var forge = new ScriptedForge
        {
            Failure = new StepFailure(ErrorCodes.RepositoryUnreachable, "too many requests", true) { RetryAfter = 30 * _minute },
        }.Start();
        forge.Tell(ScriptedContext.Head);
        forge.Pass(30 * _minute - _second);
        Assert.Single(forge.Looks);

        forge.Failure = null;
        forge.Report = ScriptedForge.Succeeded;
        forge.Pass(_second);

        Assert.Equal(2, forge.Looks.Count);
        Assert.Equal(RunStatus.Waiting, forge.Run.Run.Status);
    }

    [Fact]
    public void Look_FailingInPassing_IsRepeatedForAsLongAsChecksMayTake()
    {
        var forge = new ScriptedForge { Failure = new StepFailure(ErrorCodes.RepositoryUnreachable, "away", true) }.Start();
        forge.Pass(_hour);
        Assert.Equal(RunStatus.Running, forge.Run.Run.Status);

        forge.Failure = new StepFailure(ErrorCodes.AuthenticationFailed, "refused", false);
        forge.Pass(5 * _minute);

        Assert.Equal(ErrorCodes.AuthenticationFailed, forge.Run.Run.Error!.ErrorCode);
    }

    [Fact]
    public void ForgeWithoutChecks_IsNotLookedAtAndItsInputsAreAsTheyWere()
    {
        var run = new ScriptedContext();
        var inputs = new List<ActivityInput>();
        run.Answer<MergePullRequestInput>(ActivityNames.MergePullRequest, input =>
        {
            inputs.Add(input);
            Assert.Null(input.WorkBranch);
            return ScriptedContext.Ok(new MergeResult(ScriptedContext.Merged, ScriptedContext.Head));
        });
        run.Start();
        run.Vote(Gate.Anchor, "bob", true);

        Assert.DoesNotContain(ActivityNames.LookAtPullRequest, run.Calls);
        Assert.Equal((null, null), (Assert.Single(inputs).Forge, inputs[0].Decided));
    }

    [Fact]
    public void Work_OnAForgeWithChecks_IsOpenedKnowingThat()
    {
        var forge = new ScriptedForge();
        ForgeTraits? told = null;
        forge.Run.Answer<WriteDocumentationInput>(ActivityNames.WriteDocumentation, input =>
        {
            told = input.Forge;
            return ScriptedContext.Failed<ReviewableWork>(ErrorCodes.AgentFailed);
        });

        forge.Start();

        Assert.Equal(new ForgeTraits(true, true), told);
    }
}
