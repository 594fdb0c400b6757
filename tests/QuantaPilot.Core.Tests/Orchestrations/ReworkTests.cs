using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Orchestrations;

public sealed class ReworkTests
{
    private const string Milestone = "milestone:M-001";

    private static readonly GateDefinition _reworked = GateDefinition.Default with { OnReject = GateRejectAction.Rework };
    private static readonly GateDefinition _open = GateDefinition.Default with { Required = false };

    private readonly List<Rework?> _asked = [];

    [Fact]
    public void Gate_RejectedDocumentation_IsWrittenAnewWithTheReasonAndAskedAgain()
    {
        var run = Documenting(PipelineDefinition.Default with { Anchor = _reworked });

        run.Vote(Gate.Anchor, "bob", false, "the overview is wrong");

        Assert.Equal([null, new Rework(2, "the overview is wrong")], _asked);
        Assert.Equal((2, Sha(2)), (run.Run.PendingGate!.Request, run.Run.PendingGate.Review.HeadSha));
        Assert.Equal((2, RunStatus.Waiting), (run.Run.DocumentationRound, run.Run.Status));
        Assert.Equal(Sha(2), Assert.Single(run.Run.PullRequests).HeadSha);
        run.Vote(Gate.Anchor, "bob", true);
        Assert.Equal(
            ["run_started", "documentation_generated", "gate_requested", "gate_decision", "gate_requested", "gate_decision", "run_completed"],
            run.Log);
    }

    [Fact]
    public void Gate_RejectedOnceMoreThanWorkIsDoneAnew_FailsTheRunSayingTheRounds()
    {
        var run = Documenting(PipelineDefinition.Default with { Anchor = _reworked, Limits = new LimitsDefinition(Retries: 1) });

        run.Vote(Gate.Anchor, "bob", false, "no");
        run.Vote(Gate.Anchor, "bob", false, "still not");

        Assert.Equal(
            (
                ErrorCodes.GateRejected,
                "Gate anchor was rejected: still not\nThat was round 2 of 2."), (run.Run.Error!.ErrorCode, run.Run.Error.Message));
        Assert.Equal(2, run.Log.Count(name => name == "gate_decision"));
    }

    [Fact]
    public void Gate_RejectedByDefault_HasTheWorkDoneAnewTwice()
    {
        var run = Documenting(PipelineDefinition.Default with { Anchor = _reworked });

        for (var round = 1; round <= 3; round++) run.Vote(Gate.Anchor, "bob", false, "no");

        Assert.Equal([1, 2, 3], _asked.Select(rework => rework?.Round ?? 1));
        Assert.Equal(RunStatus.Failed, run.Run.Status);
    }

    [Fact]
    public void Rework_ThatChangesNothing_EndsTheRunWithTheRejection()
    {
        var run = new ScriptedContext(PipelineDefinition.Default with { Anchor = _reworked }).Start();

        run.Vote(Gate.Anchor, "bob", false, "the overview is wrong");

        Assert.Equal(
            (ErrorCodes.GateRejected, "Gate anchor was rejected: the overview is wrong\nThe rework (round 2) changed nothing."),
            (run.Run.Error!.ErrorCode, run.Run.Error.Message));
        Assert.Single(run.Log, "gate_requested");
        Assert.Equal(2, run.Calls.Count(call => call == ActivityNames.WriteDocumentation));
    }

    [Fact]
    public void Gate_RejectedMilestone_HasAllTasksDoneAnewAndItsGatesAskedAgain()
    {
        var run = Working(Pipeline(checks: 0) with { FirstMerge = GateDefinition.Default });
        run.Vote(Gate.FirstMerge, "bob", true);

        run.Vote(Milestone, "bob", false, "no tests");

        Assert.Equal([null, null, new Rework(2, "no tests"), new Rework(2, "no tests")], _asked);
        Assert.Equal(2, Assert.Single(run.Run.Milestones).Round);
        Assert.Equal(Gate.FirstMerge, run.Run.PendingGate!.Name);
        run.Vote(Gate.FirstMerge, "bob", true);
        run.Vote(Milestone, "bob", true);
        Assert.Equal(RunStatus.Completed, run.Run.Status);
        Assert.Null(run.Run.DocumentationRound);
    }

    [Fact]
    public void Checks_ThatFail_AreToldToTheLastTaskAndRunAgain()
    {
        var run = Working(Pipeline(checks: 1), failures: 1);

        Assert.Equal([null, null, new Rework(2, "checks_failed happened")], _asked);
        Assert.Equal(Milestone, run.Run.PendingGate!.Name);
        Assert.Equal(2, Assert.Single(run.Run.Milestones).Round);
        run.Vote(Milestone, "bob", true);
        Assert.Equal(RunStatus.Completed, run.Run.Status);
    }

    [Fact]
    public void Checks_ThatFailAlways_EndTheRunWithTheirOutput()
    {
        var run = Working(Pipeline(checks: 1), failures: 9);

        Assert.Equal(
            (ErrorCodes.ChecksFailed, "checks_failed happened\nThat was round 3 of 3."), (run.Run.Error!.ErrorCode, run.Run.Error.Message));
        Assert.Equal([1, 1, 2, 3], _asked.Select(rework => rework?.Round ?? 1));
        Assert.Equal(3, Assert.Single(run.Run.Milestones).Round);
    }

    [Fact]
    public void Checks_ThatFailWhereNothingIsDoneAnew_EndTheRunAtOnce()
    {
        var run = Working(Pipeline(checks: 1) with { Limits = new LimitsDefinition(Retries: 0) }, failures: 1);

        Assert.Equal((ErrorCodes.ChecksFailed, "checks_failed happened"), (run.Run.Error!.ErrorCode, run.Run.Error.Message));
        Assert.Equal(2, _asked.Count);
    }

    [Fact]
    public void Checks_ThatFailInARunOfAnEarlierVersion_EndItAtOnce()
    {
        var run = Scripted(Pipeline(checks: 1), failures: 1);
        run.Answer<PrepareRunInput>(
            ActivityNames.PrepareRun, _ => ScriptedContext.Ok(new PreparedRun(ScriptedContext.Head, Pipeline(checks: 1))));
        run.Start();

        Assert.Equal(ErrorCodes.ChecksFailed, run.Run.Error!.ErrorCode);
        Assert.Equal(2, _asked.Count);
        Assert.Null(run.Run.Usage);
    }

    [Fact]
    public void Rework_OneCountForRejectionsAndChecks()
    {
        var run = Working(Pipeline(checks: 1) with { Limits = new LimitsDefinition(Retries: 1) }, failures: 1);

        run.Vote(Milestone, "bob", false, "no");

        Assert.Equal(ErrorCodes.GateRejected, run.Run.Error!.ErrorCode);
    }

    private static PipelineDefinition Pipeline(int checks)
    {
        var task = new TaskDefinition(new AgentDefinition("coder", AgentDefinition.CommandType, ["make"], null), "write it");
        var check = new CheckDefinition(["make", "test"], TimeSpan.FromMinutes(1));
        return PipelineDefinition.Default with
        {
            Anchor = _open,
            Milestone = _reworked,
            Milestones = [new("M-001", "First", [], [task, task], [.. Enumerable.Repeat(check, checks)])],
        };
    }

    private static string Sha(int round) => new($"{round}"[0], 40);

    /// <summary>Each round of the documentation is another commit.</summary>
    private ScriptedContext Documenting(PipelineDefinition pipeline)
    {
        var run = new ScriptedContext(pipeline);
        run.Answer<WriteDocumentationInput>(ActivityNames.WriteDocumentation, input =>
        {
            _asked.Add(input.Rework);
            return ScriptedContext.Ok(ScriptedContext.Reviewable("documentation", 1, Sha(input.Rework?.Round ?? 1)));
        });
        return run.Start();
    }

    private ScriptedContext Working(PipelineDefinition pipeline, int failures = 0) => Scripted(pipeline, failures).Start();

    /// <summary>Each round of a task is another commit; the checks fail so many times.</summary>
    private ScriptedContext Scripted(PipelineDefinition pipeline, int failures)
    {
        var run = new ScriptedContext(pipeline);
        var head = "";
        run.Answer<CarryOutTaskInput>(ActivityNames.CarryOutTask, input =>
        {
            _asked.Add(input.Rework);
            head = Sha(input.Rework?.Round ?? 1);
            return ScriptedContext.Ok(new TaskDone(head, "did it"));
        });
        run.Answer<OpenMilestoneInput>(ActivityNames.OpenMilestone, input => failures-- > 0
            ? ScriptedContext.Failed<ReviewableWork>(ErrorCodes.ChecksFailed)
            : ScriptedContext.Ok(ScriptedContext.Reviewable(input.Milestone.Id, 2, head)));
        return run;
    }
}
