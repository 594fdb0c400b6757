using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Runs;

public sealed class RetryPointTests
{
    private static readonly string Head = new('1', 40);
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly RunSnapshot Run = new()
    {
        RunId = RunId.Parse(new string('a', 32)),
        RepoUrl = "https://example.com/org/project.git",
        Project = "https://example.com/org/project",
        Branch = "main",
        CorrelationId = "0b5d6c1e-6d55-4a2b-8a44-0d1f0e3c9a10",
        RequestedBy = "olga",
        RequestDigest = "",
        CreatedAt = Start,
        Status = RunStatus.Failed,
    };

    [Fact]
    public void After_ARunThatDidNothing_BeginsAtTheBeginning()
    {
        var point = RetryPoint.After(Run);

        Assert.Equal((Run.RunId, Run.RunId), (point.Of, point.Origin));
        Assert.Null(point.Documentation);
        Assert.False(point.DocumentationMerged);
        Assert.Empty(point.CompletedMilestones);
    }

    [Fact]
    public void After_ARetry_KeepsTheFirstRunAndWhatItHadFinished()
    {
        var first = RunId.Parse(new string('1', 32));
        var point = RetryPoint.After(Run with
        {
            Retry = new RetryPoint(first, first) { DocumentationMerged = true, CompletedMilestones = ["M-001"] },
            PullRequests = [Pr(1, "documentation", merged: true)],
            Milestones = [new("M-001", "First", MilestoneStatus.Planned), new("M-002", "Second", MilestoneStatus.Completed)],
        });

        Assert.Equal((Run.RunId, first), (point.Of, point.Origin));
        Assert.True(point.DocumentationMerged);
        Assert.Equal(["M-001", "M-002"], point.CompletedMilestones.Order());
    }

    [Fact]
    public void After_ARunWithADecidedGate_KnowsWhatWasAsked()
    {
        var open = Pr(3, "documentation");
        var review = new GateReview(new PullRequestRef(3, null, open.Branch), open.HeadSha, "digest", "Eleven documents.");
        var gate = new Gate(
            Gate.Anchor, 1, GateStatus.Rejected, "Review.", Start, Start, 1, true, [], review, true);

        Assert.Equal(review, RetryPoint.After(Run with { PullRequests = [open], Gates = [gate] }).Documentation);
    }

    [Fact]
    public void After_AMergeThatWasNotToldAsCompleted_KnowsIt()
    {
        var point = RetryPoint.After(Run with
        {
            PullRequests = [Pr(1, "documentation", merged: true), Pr(2, "M-001", merged: true)],
            Milestones = [new("M-001", "First", MilestoneStatus.Running)],
        });

        Assert.Equal(["M-001"], point.MergedMilestones);
        Assert.Empty(point.CompletedMilestones);
    }

    [Fact]
    public void After_AMergeConflict_HasTheStepDoneAnew()
    {
        var run = Run with
        {
            PullRequests = [Pr(1, "documentation")],
            Step = "merge:1",
            Error = new RunError(ErrorCodes.MergeConflict, "x"),
        };

        var once = RetryPoint.After(run);
        var again = RetryPoint.After(run with { Attempts = [new StepAttempt("M-001", 3), new StepAttempt("documentation", 4)] });

        Assert.Equal([new StepAttempt("documentation", 2)], once.Attempts);
        Assert.Null(once.Documentation);
        Assert.Equal([new StepAttempt("M-001", 3), new StepAttempt("documentation", 5)], again.Attempts);
    }

    [Fact]
    public void After_AnAttemptThatWasGivenUp_DoesNotTakeItsPullRequestUp()
    {
        var attempts = new[] { new StepAttempt("documentation", 2) };

        Assert.Null(RetryPoint.After(Run with { PullRequests = [Pr(1, "documentation")], Attempts = attempts }).Documentation);
        var both = Run with { PullRequests = [Pr(1, "documentation"), Pr(2, "documentation.2")], Attempts = attempts };
        Assert.Equal(2, RetryPoint.After(both).Documentation!.PullRequest.Number);
    }

    [Theory]
    [InlineData("documentation", null)]
    [InlineData("M-001", 12)]
    public void WorkBranch_NamesItsStepAndAttempt(string step, int? attempt)
    {
        var branch = WorkBranches.Name(Run.RunId, step, attempt);

        Assert.Equal((step, attempt), (WorkBranches.StepOf(branch), WorkBranches.AttemptOf(branch)));
        Assert.Null(BranchName.FindFault(branch));
    }

    private static PullRequestState Pr(int number, string step, bool merged = false) =>
        new(number, null, $"quantapilot/{Run.RunId}/{step}", Head, merged ? Head : null);
}
