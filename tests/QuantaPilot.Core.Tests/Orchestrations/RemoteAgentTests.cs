using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Agents;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Orchestrations;

/// <summary>Tasks of agents elsewhere: asked, waited for, given up.</summary>
public sealed class RemoteAgentTests
{
    private static readonly AgentDefinition _agent =
        new("remote", AgentDefinition.HttpType, null, TimeSpan.FromDays(2)) { Endpoint = "build-farm" };

    private static readonly PipelineDefinition _pipeline = PipelineDefinition.Default with
    {
        Anchor = PipelineDefinition.Default.Anchor with { Required = false },
        Milestones = [new MilestoneDefinition("M-001", "First", ["works"], [new TaskDefinition(_agent, "write")], [])],
    };

    private readonly List<StartAgentInput> _asked = [];
    private readonly List<StopAgentInput> _stopped = [];
    private readonly List<CarryOutTaskInput> _done = [];

    [Fact]
    public void Task_Answered_IsCarriedOutWithTheAnswer()
    {
        var run = Start();
        Assert.Equal(RunStatus.Running, run.Run.Status);
        Assert.Empty(_done);

        run.Advance(TimeSpan.FromDays(1));
        run.Raise(Answer("M-001/1", 1));

        Assert.Equal(new AgentAnswer("M-001/1", 1, "digest"), Assert.Single(_done).Answer);
        Assert.Equal("gate_requested", run.Log[^1]);
        var asked = Assert.Single(_asked);
        Assert.Equal(("M-001/1", "M-001", "write"), (asked.Step, asked.MilestoneId, asked.Prompt));
        Assert.Equal(["works"], asked.Criteria);
        Assert.Equal(run.UtcNow.AddDays(1), asked.Deadline);
        Assert.Empty(_stopped);
    }

    [Fact]
    public void Task_AnsweredWhileTheAgentIsStillBeingTold_GoesOnAtOnce()
    {
        var run = Script();
        run.Hold(ActivityNames.StartAgent);
        run.Start();
        run.Raise(Answer("M-001/1", 1));
        Assert.Empty(_done);

        run.Release(ActivityNames.StartAgent);

        Assert.NotNull(Assert.Single(_done).Answer);
        // Only that of the gate.
        Assert.Equal(1, run.TimersWaiting);
    }

    [Theory]
    [InlineData("M-001/1", 2)]
    [InlineData("M-001/2", 1)]
    [InlineData("documentation", 1)]
    public void Task_AnswerToAnother_IsLeftAside(string step, int round)
    {
        var run = Start();

        run.Raise(Answer(step, round));

        Assert.Empty(_done);
        Assert.Equal(RunStatus.Running, run.Run.Status);
    }

    [Fact]
    public void Task_StandsOnItsBranchAlready_IsNotWaitedFor()
    {
        var run = Script();
        run.Answer<StartAgentInput>(ActivityNames.StartAgent, _ => ScriptedContext.Ok(new AgentStarted(null, IsDone: true)));
        run.Start();

        Assert.Null(Assert.Single(_done).Answer);
        Assert.Equal(RunStatus.Waiting, run.Run.Status);
    }

    [Fact]
    public void Pause_WhileTheAgentWorks_PausesAtOnceAndAnAnswerMeanwhileTakesEffectOnResume()
    {
        var run = Start();
        run.Raise(new RunSignal(RunSignalKind.Pause, "lunch"));
        Assert.Equal(RunStatus.Paused, run.Run.Status);
        run.Raise(Answer("M-001/1", 1));
        Assert.Empty(_done);

        run.Raise(new RunSignal(RunSignalKind.Resume));

        Assert.Single(_done);
        Assert.Equal(RunStatus.Waiting, run.Run.Status);
    }

    [Fact]
    public void Cancel_WhileTheAgentWorks_TellsItAndEndsTheRun()
    {
        var run = Start();

        run.Raise(new RunSignal(RunSignalKind.Cancel, "wrong repository"));

        Assert.Equal((RunStatus.Cancelled, "wrong repository"), (run.Run.Status, run.Run.Error!.Message));
        Assert.Contains(RunStatus.Cancelling, run.Statuses);
        var stopped = Assert.Single(_stopped);
        Assert.Equal(("M-001/1", 1, "https://farm/1"), (stopped.Step, stopped.Round, stopped.TaskUrl));
        Assert.Equal(0, run.TimersWaiting);
    }

    [Fact]
    public void Cancel_AgentCannotBeTold_EndsTheRunAllTheSame()
    {
        var run = Script();
        run.Answer<StopAgentInput>(ActivityNames.StopAgent, _ => ScriptedContext.Failed<AgentStopped>(ErrorCodes.InternalError));
        run.Start();

        run.Raise(new RunSignal(RunSignalKind.Cancel));

        Assert.Equal(RunStatus.Cancelled, run.Run.Status);
    }

    [Fact]
    public void TimeOut_NoAnswer_TellsTheAgentAndFails()
    {
        var run = Script();
        run.TimersFireEarlyBy = TimeSpan.FromMilliseconds(500);
        run.Start();
        run.Advance(TimeSpan.FromDays(2) - TimeSpan.FromMilliseconds(200));
        Assert.Equal(RunStatus.Running, run.Run.Status);

        run.Advance(TimeSpan.FromMilliseconds(200));

        Assert.Equal(ErrorCodes.AgentTimedOut, run.Run.Error!.ErrorCode);
        Assert.Equal("The agent remote has not answered within 2d.", run.Run.Error.Message);
        Assert.Single(_stopped);
        Assert.Empty(_done);
    }

    [Fact]
    public void TimeOut_AnswerThatTheRunWasNotToldOf_Counts()
    {
        var run = Script();
        run.Answer<StopAgentInput>(
            ActivityNames.StopAgent, input => ScriptedContext.Ok(new AgentStopped(new AgentAnswer(input.Step, input.Round, "late"))));
        run.Start();

        run.Advance(TimeSpan.FromDays(2));

        Assert.Equal("late", Assert.Single(_done).Answer!.Digest);
        Assert.Equal(RunStatus.Waiting, run.Run.Status);
    }

    [Fact]
    public void Start_AgentIsAwayAtFirst_IsTriedAgainWithTheSameDeadline()
    {
        var run = Script();
        var calls = 0;
        run.Answer<StartAgentInput>(ActivityNames.StartAgent, input =>
        {
            _asked.Add(input);
            return calls++ == 0
                ? ScriptedContext.Failed<AgentStarted>(ErrorCodes.AgentFailed, transient: true)
                : ScriptedContext.Ok(new AgentStarted(null));
        });
        run.Start();
        run.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(2, _asked.Count);
        Assert.Equal(_asked[0].Deadline, _asked[1].Deadline);
        run.Raise(Answer("M-001/1", 1));
        Assert.Single(_done);
    }

    [Fact]
    public void Documentation_ByAnAgentElsewhere_IsAskedWithTheFolder()
    {
        WriteDocumentationInput? written = null;
        var run = Script(PipelineDefinition.Default with { Documentation = new DocumentationDefinition(_agent, "handbook") });
        run.Answer<WriteDocumentationInput>(ActivityNames.WriteDocumentation, input =>
        {
            written = input;
            return ScriptedContext.Ok(
                new ReviewableWork(new GateReview(new PullRequestRef(1, null, "b"), ScriptedContext.Head, null, "s")));
        });
        run.Start();
        Assert.Null(written);

        run.Raise(Answer("documentation", 1));

        Assert.Equal("digest", written!.Answer!.Digest);
        var asked = Assert.Single(_asked);
        Assert.Equal(("documentation", "handbook", ScriptedContext.Head), (asked.Step, asked.DocumentationPath, asked.HeadSha));
    }

    private static RunSignal Answer(string step, int round) =>
        new(RunSignalKind.AgentAnswered) { AgentAnswer = new AgentAnswer(step, round, "digest") };

    private ScriptedContext Start() => Script().Start();

    private ScriptedContext Script(PipelineDefinition? pipeline = null)
    {
        var run = new ScriptedContext(pipeline ?? _pipeline);
        run.Answer<StartAgentInput>(ActivityNames.StartAgent, input =>
        {
            _asked.Add(input);
            return ScriptedContext.Ok(new AgentStarted("https://farm/1"));
        });
        run.Answer<StopAgentInput>(ActivityNames.StopAgent, input =>
        {
            _stopped.Add(input);
            return ScriptedContext.Ok(new AgentStopped(null));
        });
        run.Answer<CarryOutTaskInput>(ActivityNames.CarryOutTask, input =>
        {
            _done.Add(input);
            return ScriptedContext.Ok(new TaskDone(ScriptedContext.Head, "did it"));
        });
        return run;
    }
}
