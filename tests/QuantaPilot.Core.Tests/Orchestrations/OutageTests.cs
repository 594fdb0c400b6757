using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Orchestrations;

public sealed class OutageTests
{
    private static readonly StepFailure Away = new(ErrorCodes.InternalError, "storage was away", Transient: true) { Outage = true };

    [Fact]
    public void Step_OutageOfMinutes_GoesOnWhenItHasPassed()
    {
        var run = Failing(_ => Away, times: 23);
        var began = run.UtcNow;

        AdvanceUntilItStops(run);

        Assert.Equal(RunStatus.Waiting, run.Run.Status);
        Assert.Equal(24, run.Calls.Count(call => call == ActivityNames.WriteDocumentation));
        Assert.True(run.UtcNow - began > TimeSpan.FromMinutes(9), $"{run.UtcNow - began}");
        Assert.Equal(["run_started", "documentation_generated", "gate_requested"], run.Log);
    }

    [Fact]
    public void Step_OutageThatDoesNotPass_EndsTheRunAfterTwentyFourTries()
    {
        var run = Failing(_ => Away, times: int.MaxValue);
        var began = run.UtcNow;

        AdvanceUntilItStops(run);

        Assert.Equal((ErrorCodes.InternalError, "storage was away"), (run.Run.Error!.ErrorCode, run.Run.Error.Message));
        Assert.Equal(24, run.Calls.Count(call => call == ActivityNames.WriteDocumentation));
        Assert.InRange(run.UtcNow - began, TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(20));
    }

    [Fact]
    public void Step_EventsCannotBeRecorded_BringsThemAgainForAsLongAsItTakes()
    {
        var run = new ScriptedContext();
        var left = 100;
        run.Answer<WriteDocumentationInput>(ActivityNames.WriteDocumentation, _ => left-- > 0
            ? new StepResult<ReviewableWork>(null, Away) { Unrecorded = true }
            : ScriptedContext.Ok(ScriptedContext.Reviewable("documentation", 1)));
        run.Start();

        AdvanceUntilItStops(run);

        Assert.Equal(RunStatus.Waiting, run.Run.Status);
        var tries = run.Inputs.OfType<WriteDocumentationInput>().ToList();
        Assert.Equal(101, tries.Count);
        Assert.NotEmpty(tries[0].Events);
        Assert.All(tries, input => Assert.Equal(tries[0].Events.Select(e => e.Revision), input.Events.Select(e => e.Revision)));
    }

    [Fact]
    public void Step_OutageBetweenOtherFaults_DoesNotUseUpTheirTries()
    {
        var other = new StepFailure(ErrorCodes.AgentFailed, "a hiccup", Transient: true);
        var run = Failing(time => time % 2 == 0 ? Away : other, times: int.MaxValue);

        AdvanceUntilItStops(run);

        Assert.Equal(
            (ErrorCodes.AgentFailed, 5), (run.Run.Error?.ErrorCode, run.Calls.Count(call => call == ActivityNames.WriteDocumentation)));
    }

    [Fact]
    public void Pause_DuringAnOutage_TakesEffectAtOnce()
    {
        var run = Failing(_ => Away, times: int.MaxValue);
        run.Raise(new RunSignal(RunSignalKind.Pause, "maintenance"));

        Assert.Equal(RunStatus.Paused, run.Run.Status);
    }

    private static ScriptedContext Failing(Func<int, StepFailure> failure, int times)
    {
        var run = new ScriptedContext();
        var failed = 0;
        run.Answer<WriteDocumentationInput>(ActivityNames.WriteDocumentation, _ => failed < times
            ? new StepResult<ReviewableWork>(null, failure(++failed))
            : ScriptedContext.Ok(ScriptedContext.Reviewable("documentation", 1)));
        return run.Start();
    }

    private static void AdvanceUntilItStops(ScriptedContext run)
    {
        // A gate waits for days: no timer of less is left by then.
        while (run.Outcome is null && run.Run.Status != RunStatus.Waiting) run.Advance(TimeSpan.FromSeconds(1));
    }
}
