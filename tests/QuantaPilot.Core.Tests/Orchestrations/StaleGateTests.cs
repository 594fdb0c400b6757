using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Orchestrations;

/// <summary>Somebody pushes to what is under review.</summary>
public sealed class StaleGateTests
{
    [Fact]
    public void Push_WhileTheGateWaits_AsksAgainForTheNewHeadOnceItsChecksSucceeded()
    {
        var forge = Waiting();
        forge.Run.Vote(Gate.Anchor, "bob", true);
        Assert.Equal(RunStatus.Waiting, forge.Run.Run.Status);
        (forge.Head, forge.Report) = (ScriptedForge.Moved, ScriptedForge.Pending);

        forge.Tell(ScriptedForge.Moved);

        Assert.Equal(RunStatus.Running, forge.Run.Run.Status);
        Assert.Equal(GateStatus.Cancelled, Assert.Single(forge.Run.Run.Gates).Status);
        Assert.Equal(VoteResult.GateNotPending, forge.Run.Vote(Gate.Anchor, "carol", true));
        Assert.Equal(1, forge.Run.TimersWaiting);

        forge.Report = ScriptedForge.Succeeded;
        forge.Pass(TimeSpan.FromSeconds(10));

        var gate = forge.Run.Run.PendingGate!;
        Assert.Equal((2, ScriptedForge.Moved), (gate.Request, gate.Review.HeadSha));
        Assert.Contains("while it was under review", gate.Review.Summary, StringComparison.Ordinal);
        Assert.Empty(gate.Votes);
        forge.Run.Vote(Gate.Anchor, "bob", true);
        forge.Run.Vote(Gate.Anchor, "carol", true);
        Assert.Equal(RunStatus.Completed, forge.Run.Run.Status);
        Assert.Equal(["gate_requested", "gate_requested", "gate_decision", "run_completed"], forge.Run.Log[^4..]);
    }

    [Fact]
    public void Push_WithoutChecks_AsksAgainAtOnce()
    {
        var forge = new ScriptedForge(traits: ForgeTraits.None).Start();
        forge.Head = ScriptedForge.Moved;

        forge.Tell(ScriptedForge.Moved);

        Assert.Equal((2, ScriptedForge.Moved), (forge.Run.Run.PendingGate!.Request, forge.Run.Run.PendingGate.Review.HeadSha));
        Assert.True(Assert.Single(forge.Looks).HeadOnly);
        forge.Run.Vote(Gate.Anchor, "bob", true);
        Assert.Equal(RunStatus.Completed, forge.Run.Run.Status);
    }

    [Theory]
    [InlineData(ScriptedContext.Head, 1)]
    [InlineData(ScriptedForge.Moved, 2)]
    [InlineData(null, 1)]
    public void Word_OfNothingThatIsUnderReview_LooksForNothing(string? head, int number)
    {
        var forge = Waiting();
        var before = forge.Looks.Count;

        forge.Tell(head, number);

        Assert.Equal(before, forge.Looks.Count);
        Assert.Equal(1, forge.Run.Run.PendingGate!.Request);
    }

    [Fact]
    public void Word_ThatComesLate_IsLookedIntoOnceAndChangesNothing()
    {
        var forge = Waiting();
        var before = forge.Looks.Count;

        forge.Tell("4444444444444444444444444444444444444444");
        forge.Run.Vote(Gate.Anchor, "bob", true);
        forge.Run.Vote(Gate.Anchor, "carol", true);

        Assert.Equal(before + 1, forge.Looks.Count);
        Assert.Equal(RunStatus.Completed, forge.Run.Run.Status);
        Assert.Single(forge.Run.Log, "gate_requested");
    }

    [Fact]
    public void Word_BeforeTheGateIsAsked_IsLookedInto()
    {
        var forge = new ScriptedForge(traits: ForgeTraits.None);
        forge.Run.Hold(ActivityNames.WriteDocumentation);
        forge.Start();
        forge.Tell(ScriptedForge.Moved);
        forge.Head = ScriptedForge.Moved;

        forge.Run.Release(ActivityNames.WriteDocumentation);

        Assert.Equal(ScriptedForge.Moved, forge.Run.Run.PendingGate!.Review.HeadSha);
    }

    [Fact]
    public void Look_DecisionMeanwhile_IsNotLost()
    {
        var forge = Waiting(approvals: 1);
        forge.Run.Hold(ActivityNames.LookAtPullRequest);
        forge.Tell(ScriptedForge.Moved);
        Assert.Equal(VoteResult.Applied, forge.Run.Vote(Gate.Anchor, "bob", true));

        forge.Run.Release(ActivityNames.LookAtPullRequest);

        Assert.Equal(RunStatus.Completed, forge.Run.Run.Status);
    }

    [Fact]
    public void Look_PauseMeanwhile_TakesEffect()
    {
        var forge = Waiting();
        forge.Run.Hold(ActivityNames.LookAtPullRequest);
        forge.Tell(ScriptedForge.Moved);
        forge.Run.Raise(new RunSignal(RunSignalKind.Pause, "lunch"));

        forge.Run.Release(ActivityNames.LookAtPullRequest);

        Assert.Equal(RunStatus.Paused, forge.Run.Run.Status);
        forge.Run.Raise(new RunSignal(RunSignalKind.Resume));
        Assert.Equal(RunStatus.Waiting, forge.Run.Run.Status);
    }

    [Fact]
    public void Push_RejectionReachedTheStoreFirst_Stands()
    {
        var forge = Waiting();
        forge.Run.Hold(ActivityNames.LookAtPullRequest);
        forge.Head = ScriptedForge.Moved;
        forge.Tell(ScriptedForge.Moved);
        Assert.Equal(VoteResult.Applied, forge.Run.Vote(Gate.Anchor, "bob", false, "wrong"));

        forge.Run.Release(ActivityNames.LookAtPullRequest);

        Assert.Equal(ErrorCodes.GateRejected, forge.Run.Run.Error!.ErrorCode);
        Assert.Equal(GateStatus.Rejected, Assert.Single(forge.Run.Run.Gates).Status);
    }

    [Fact]
    public void Push_ApprovalReachedTheStoreFirst_IsFoundStaleByTheMerge()
    {
        var forge = Waiting(approvals: 1);
        forge.Run.Hold(ActivityNames.LookAtPullRequest);
        forge.Head = ScriptedForge.Moved;
        forge.Tell(ScriptedForge.Moved);
        Assert.Equal(VoteResult.Applied, forge.Run.Vote(Gate.Anchor, "bob", true));

        forge.Run.Release(ActivityNames.LookAtPullRequest);

        Assert.Equal(ScriptedForge.Moved, forge.Run.Run.PendingGate!.Review.HeadSha);
        Assert.Equal(2, forge.Run.Run.PendingGate.Request);
    }

    [Fact]
    public void Push_AtTheSecondOfTwoGates_AsksAtBothAgain()
    {
        var pipeline = PipelineDefinition.Default with
        {
            Anchor = GateDefinition.Default with { Required = false },
            FirstMerge = GateDefinition.Default,
            Milestones = [new MilestoneDefinition("M-001", "First", [], [new TaskDefinition(AgentDefinition.Outline, "write it")], [])],
        };
        var forge = new ScriptedForge(pipeline, ForgeTraits.None).Start();
        forge.Run.Vote(Gate.FirstMerge, "bob", true);
        Assert.Equal("milestone:M-001", forge.Run.Run.PendingGate!.Name);
        forge.Head = ScriptedForge.Moved;

        forge.Tell(ScriptedForge.Moved, number: 2);

        Assert.Equal(Gate.FirstMerge, forge.Run.Run.PendingGate!.Name);
        forge.Run.Vote(Gate.FirstMerge, "bob", true);
        forge.Run.Vote("milestone:M-001", "bob", true);
        Assert.Equal(RunStatus.Completed, forge.Run.Run.Status);
    }

    /// <summary>At the anchor gate, after its checks.</summary>
    private static ScriptedForge Waiting(int approvals = 2)
    {
        var pipeline = PipelineDefinition.Default with { Anchor = GateDefinition.Default with { Approvals = approvals } };
        var forge = new ScriptedForge(pipeline) { Report = ScriptedForge.Succeeded }.Start();
        Assert.Equal(RunStatus.Waiting, forge.Run.Run.Status);
        return forge;
    }
}
