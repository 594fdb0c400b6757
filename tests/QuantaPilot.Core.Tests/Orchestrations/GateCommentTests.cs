using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Orchestrations;

/// <summary>Results of gates on their way to pull requests.</summary>
public sealed class GateCommentTests
{
    private readonly List<(string Activity, IReadOnlyList<GateDecided>? Decided)> _taken = [];

    [Fact]
    public void Decision_RidesWithTheMergeAndWithNothingElse()
    {
        var forge = AtTheGate();
        Watch(forge, (_, _) => null);

        forge.Run.Vote(Gate.Anchor, "bob", true, "reads well");

        var (activity, decided) = Assert.Single(_taken, taken => taken.Decided is not null);
        Assert.Equal(ActivityNames.MergePullRequest, activity);
        var result = Assert.Single(decided!);
        Assert.Equal((Gate.Anchor, 1, true, "reads well"), (result.Gate, result.Request, result.Approved, result.Reason));
        Assert.Equal("quantapilot/run/documentation", Assert.Single(forge.Merges).WorkBranch);
        Assert.Equal(RunStatus.Completed, forge.Run.Run.Status);
    }

    [Fact]
    public void Rejection_RidesWithTheEndOfTheRun()
    {
        var forge = AtTheGate();
        Watch(forge, (_, _) => null);

        forge.Run.Vote(Gate.Anchor, "bob", false, "wrong");

        Assert.Equal(ActivityNames.RecordEvents, Assert.Single(_taken, taken => taken.Decided is not null).Activity);
        Assert.Equal(RunStatus.Failed, forge.Run.Outcome!.Status);
    }

    [Fact]
    public void Comment_RefusedForAWhile_IsTriedAgainAfterThatAndTheRunGoesOn()
    {
        var forge = AtTheGate();
        Watch(forge, (_, tries) => tries > 1
            ? null
            : new StepFailure(ErrorCodes.RepositoryUnreachable, "too many", true) { RetryAfter = TimeSpan.FromMinutes(10) });

        forge.Run.Vote(Gate.Anchor, "bob", true);
        Assert.Equal(RunStatus.Completed, forge.Run.Run.Status);
        Assert.Null(forge.Run.Outcome);
        forge.Run.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(RunStatus.Completed, forge.Run.Outcome!.Status);
        Assert.Equal(
            [ActivityNames.MergePullRequest, ActivityNames.RecordEvents],
            _taken.Where(taken => taken.Decided is not null).Select(taken => taken.Activity));
    }

    [Fact]
    public void Comment_RefusedAgainAndAgain_IsGivenUp()
    {
        var forge = AtTheGate();
        Watch(forge, (_, _) => new StepFailure(ErrorCodes.RepositoryUnreachable, "away", true));

        forge.Run.Vote(Gate.Anchor, "bob", true);
        forge.Run.Advance(TimeSpan.FromMinutes(1));
        forge.Run.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(RunStatus.Completed, forge.Run.Outcome!.Status);
        // With the merge, the end of the run, and twice more.
        Assert.Equal(4, _taken.Count(taken => taken.Decided is not null));
    }

    [Fact]
    public void Comment_RefusedForGood_IsGivenUpAtOnce()
    {
        var forge = AtTheGate();
        Watch(forge, (_, _) => new StepFailure(ErrorCodes.AuthenticationFailed, "refused", false));

        forge.Run.Vote(Gate.Anchor, "bob", true);

        Assert.Equal(RunStatus.Completed, forge.Run.Outcome!.Status);
        Assert.Single(_taken, taken => taken.Decided is not null);
    }

    [Fact]
    public void Decision_WhereThereAreNoPages_IsCommentedNowhere()
    {
        var forge = AtTheGate(new ForgeTraits(HasChecks: true, HasPages: false));
        Watch(forge, (_, _) => null);

        forge.Run.Vote(Gate.Anchor, "bob", true);

        Assert.Equal(RunStatus.Completed, forge.Run.Outcome!.Status);
        Assert.DoesNotContain(_taken, taken => taken.Decided is not null);
        Assert.Null(Assert.Single(forge.Merges).WorkBranch);
    }

    private static ScriptedForge AtTheGate(ForgeTraits? traits = null)
    {
        var forge = new ScriptedForge(traits: traits) { Report = ScriptedForge.Succeeded }.Start();
        Assert.Equal(RunStatus.Waiting, forge.Run.Run.Status);
        return forge;
    }

    /// <summary>Notes what activities take along, and has comments fail.</summary>
    private void Watch(ScriptedForge forge, Func<string, int, StepFailure?> fail)
    {
        forge.Run.Answer<MergePullRequestInput>(ActivityNames.MergePullRequest, input =>
        {
            forge.Merges.Add(input);
            return ScriptedContext.Ok(new MergeResult(ScriptedContext.Merged, forge.Head)) with
            {
                CommentFailure = Note(ActivityNames.MergePullRequest, input),
            };
        });
        forge.Run.Answer<RecordEventsInput>(
            ActivityNames.RecordEvents,
            input => ScriptedContext.Ok(new Done()) with { CommentFailure = Note(ActivityNames.RecordEvents, input) });

        StepFailure? Note(string activity, ActivityInput input)
        {
            _taken.Add((activity, input.Decided));
            return input.Decided is null ? null : fail(activity, _taken.Count(taken => taken.Decided is not null));
        }
    }
}
