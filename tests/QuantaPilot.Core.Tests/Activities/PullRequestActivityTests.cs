using Moq;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Limits;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Tests.Deliveries;
using QuantaPilot.Testing;

namespace QuantaPilot.Core.Tests.Activities;

/// <summary>What activities do on a forge that has checks and pages.</summary>
public sealed class PullRequestActivityTests
{
    private const string Head = "1111111111111111111111111111111111111111";
    private const string Moved = "3333333333333333333333333333333333333333";
    private const string Branch = "quantapilot/run/documentation";
    private static readonly ForgeTraits _traits = new(HasChecks: true, HasPages: true);
    private static readonly RunTarget _target = new("https://example.com/org/project.git", "main");

    private readonly RunSnapshot _run = Waiting();
    private readonly Mock<IRunStore> _store = new();
    private readonly Mock<IForge> _forge = new(MockBehavior.Strict);
    private readonly List<(int Number, string Key, string Body)> _comments = [];

    public PullRequestActivityTests()
    {
        _store.Setup(s => s.GetAsync(_run.RunId, It.IsAny<CancellationToken>())).ReturnsAsync(() => _run);
        _store.Setup(s => s.WatchCancellation(_run.RunId, It.IsAny<CancellationToken>())).Returns(Mock.Of<ICancellationWatch>());
        _forge.Setup(f => f.ResolveAsync(_target.RepoUrl, Branch, It.IsAny<CancellationToken>())).ReturnsAsync(Head);
        _forge.Setup(f => f.CommentAsync(
                _target.RepoUrl, It.IsAny<int>(), It.IsAny<string>(), It.IsAny<string>(), It.IsAny<CancellationToken>()))
            .Callback((string _, int number, string key, string body, CancellationToken _) => _comments.Add((number, key, body)))
            .Returns(Task.CompletedTask);
    }

    [Theory]
    [InlineData(CheckState.Succeeded, false, true)]
    [InlineData(CheckState.None, true, true)]
    [InlineData(CheckState.None, false, false)]
    [InlineData(CheckState.Pending, true, false)]
    [InlineData(CheckState.Failed, true, false)]
    public async Task Look_ByItsChecks_TakesThePullRequestOutOfDraft(CheckState state, bool acceptsNone, bool ready)
    {
        Report(new CheckReport(state, [], []));
        _forge.Setup(f => f.MarkReadyAsync(_target.RepoUrl, 7, It.IsAny<CancellationToken>())).Returns(Task.CompletedTask);

        var look = await LookAsync(Head, acceptsNone: acceptsNone);

        Assert.Equal((Head, state), (look.Value!.HeadSha, look.Value.Report!.State));
        _forge.Verify(f => f.MarkReadyAsync(_target.RepoUrl, 7, It.IsAny<CancellationToken>()), Times.Exactly(ready ? 1 : 0));
    }

    [Theory]
    [InlineData(Moved, false)]
    [InlineData(Head, true)]
    public async Task Look_AtAnotherHeadOrTheHeadOnly_AsksForNoChecks(string known, bool headOnly) =>
        Assert.Equal(new PullRequestLook(Head, null), (await LookAsync(known, headOnly)).Value);

    [Fact]
    public async Task Open_AfterAnAttemptThatConflicted_ClosesItsPullRequestNamingTheNext()
    {
        var closed = new List<(int Number, string Comment)>();
        _forge.Setup(f => f.ClosePullRequestAsync(_target.RepoUrl, It.IsAny<int>(), It.IsAny<string>(), It.IsAny<CancellationToken>()))
            .Callback((string _, int number, string comment, CancellationToken _) => closed.Add((number, comment)))
            .Returns(Task.CompletedTask);

        var opened = await TakeUpAnewAsync(
            Open(1, "documentation"), Open(2, "M-001"), Open(3, "documentation.2"), Open(9, "documentation.3"),
            Open(4, "documentation") with { MergeSha = Moved }, Open(5, "documentation") with { SupersededBy = 3 });

        Assert.Equal([1, 3], opened.Value!.Superseded);
        Assert.Equal([1, 3], closed.Select(c => c.Number));
        Assert.All(closed, c => Assert.StartsWith("**Superseded by #9**: ", c.Comment, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Open_EarlierPullRequestCanNotBeClosed_IsOpenAllTheSame()
    {
        _forge.Setup(f => f.ClosePullRequestAsync(_target.RepoUrl, 1, It.IsAny<string>(), It.IsAny<CancellationToken>()))
            .ThrowsAsync(new StepException(ErrorCodes.AuthenticationFailed, "not yours"));

        var opened = await TakeUpAnewAsync(Open(1, "documentation"));

        Assert.Equal((9, null), (opened.Value!.Review.PullRequest.Number, opened.Value.Superseded));
    }

    [Fact]
    public async Task Look_SecretsInWhatChecksSay_AreNotInItsAnswer()
    {
        Report(new CheckReport(CheckState.Failed, ["ask ann@example.com"], [new FailedCheck("build", "mailed ann@example.com", null)]));

        var report = (await LookAsync(Head)).Value!.Report!;

        Assert.Equal(["ask [redacted]"], report.Pending);
        Assert.Equal([new FailedCheck("build", "mailed [redacted]", null)], report.Failed);
    }

    [Fact]
    public async Task Merge_WithItsWorkBranch_DeletesThatAtTheHeadThatWasMerged()
    {
        Merges(new MergeOutcome(true, Head, Moved));
        _forge.Setup(f => f.DeleteBranchAsync(_target.RepoUrl, Branch, Head, It.IsAny<CancellationToken>())).Returns(Task.CompletedTask);

        var merge = await MergeAsync();

        Assert.Equal(new MergeResult(Moved, Head), merge.Value);
        _forge.Verify(f => f.DeleteBranchAsync(_target.RepoUrl, Branch, Head, It.IsAny<CancellationToken>()), Times.Once);
    }

    [Fact]
    public async Task Merge_BranchCanNotBeDeleted_IsMergedAllTheSame()
    {
        Merges(new MergeOutcome(true, Head, Moved));
        _forge.Setup(f => f.DeleteBranchAsync(_target.RepoUrl, Branch, Head, It.IsAny<CancellationToken>()))
            .ThrowsAsync(new StepException(ErrorCodes.PushRefused, $"protected by {Planted.Text}"));

        Assert.Equal(new MergeResult(Moved, Head), (await MergeAsync()).Value);
    }

    [Fact]
    public async Task Merge_HeadHadMoved_DeletesNothing()
    {
        Merges(new MergeOutcome(false, Moved, null));

        Assert.Equal(new MergeResult(null, Moved), (await MergeAsync()).Value);
    }

    [Fact]
    public async Task Decision_TakenAlong_IsCommentedOnItsPullRequestWithWhoSaidWhat()
    {
        Merges(new MergeOutcome(false, Moved, null));

        Assert.Null((await MergeAsync(Decided())).CommentFailure);

        var (number, key, body) = Assert.Single(_comments);
        Assert.Equal((7, $"{_run.RunId}/anchor#1"), (number, key));
        Assert.Equal(
            $"**Gate `anchor`: rejected** at {Head}\n\n- ann approved: reads well\n"
                + $"- bob rejected: /approve it, says [redacted] and @\u200bcarol\n\nQuantaPilot run `{_run.RunId}`",
            body);
    }

    [Fact]
    public async Task Decision_OfATimeout_IsCommentedWithItsReason()
    {
        Merges(new MergeOutcome(false, Moved, null));

        await MergeAsync(new GateDecided(Gate.Anchor, 2, false, "Gate anchor timed out."));

        Assert.Contains("**Gate `anchor`: rejected**", Assert.Single(_comments).Body, StringComparison.Ordinal);
        Assert.Contains("\n\nGate anchor timed out.\n\n", _comments[0].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Decision_ThatTheForgeDoesNotTake_IsToldBesideTheResult()
    {
        Merges(new MergeOutcome(true, Head, Moved));
        _forge.Setup(f => f.DeleteBranchAsync(_target.RepoUrl, Branch, Head, It.IsAny<CancellationToken>())).Returns(Task.CompletedTask);
        var wait = TimeSpan.FromMinutes(3);
        _forge.Setup(f => f.CommentAsync(
                _target.RepoUrl, 7, It.IsAny<string>(), It.IsAny<string>(), It.IsAny<CancellationToken>()))
            .ThrowsAsync(new StepException(ErrorCodes.RepositoryUnreachable, "too many", transient: true) { RetryAfter = wait });

        var merge = await MergeAsync(Decided());

        Assert.Equal(Moved, merge.Value!.MergeSha);
        Assert.Equal((true, wait), (merge.CommentFailure!.Transient, merge.CommentFailure.RetryAfter));
    }

    [Fact]
    public async Task RecordEvents_WithADecision_CommentsToo()
    {
        await Activities().RecordEventsAsync(new RecordEventsInput(_run.RunId, []) { Forge = _traits, Decided = [Decided()] }, default);

        Assert.Single(_comments);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Open_ByWhatTheForgeHas_IsADraftAndSaysWhatItIsFor(bool hasChecks, bool hasPages)
    {
        PullRequestRequest? opened = null;
        _forge.Setup(f => f.OpenPullRequestAsync(It.IsAny<PullRequestRequest>(), It.IsAny<CancellationToken>()))
            .Callback((PullRequestRequest request, CancellationToken _) => opened = request)
            .ReturnsAsync(new PullRequest(7, null, Head));
        var checkout = new Mock<ICheckout>();
        checkout.Setup(c => c.HeadSha).Returns(Head);
        _forge.Setup(f => f.CheckoutAsync(
                _target.RepoUrl, "main", null, It.IsAny<string>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(checkout.Object);
        var milestone = new MilestoneDefinition("M-001", "First", ["works"], [], []);

        var traits = new ForgeTraits(hasChecks, hasPages);
        var input = new OpenMilestoneInput(_run.RunId, [], _target, milestone, ["did it"]) { Forge = traits };
        var work = await Activities().OpenMilestoneAsync(input, default);

        Assert.Equal(hasChecks, opened!.Draft);
        Assert.Equal(hasPages ? ["quantapilot"] : null, opened.Labels);
        Assert.StartsWith("- [ ] works\n- did it\n", opened.Body, StringComparison.Ordinal);
        Assert.Equal(hasPages, opened.Body.Contains($"run `{_run.RunId}`, gate `milestone:M-001`", StringComparison.Ordinal));
        Assert.DoesNotContain("QuantaPilot", work.Value!.Review.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public async Task Prepare_TellsWhatTheForgeHasIfItHasAnything(bool hasChecks, bool hasPages)
    {
        var checkout = new Mock<ICheckout>();
        checkout.Setup(c => c.HeadSha).Returns(Head);
        _forge.Setup(f => f.CheckoutAsync(_target.RepoUrl, "main", null, null, It.IsAny<CancellationToken>()))
            .ReturnsAsync(checkout.Object);
        _forge.Setup(f => f.GetTraits(_target.RepoUrl)).Returns(new ForgeTraits(hasChecks, hasPages));

        var prepared = await Activities().PrepareRunAsync(new PrepareRunInput(_run.RunId, [], _target, null), default);

        Assert.Equal(hasChecks ? new ForgeTraits(hasChecks, hasPages) : null, prepared.Value!.Forge);
    }

    private static RunSnapshot Waiting()
    {
        var review = new GateReview(new PullRequestRef(7, null, Branch), Head, null, "look");
        IReadOnlyList<Vote> votes =
        [
            new("ann", true, "reads well", DateTimeOffset.UnixEpoch),
            new("bob", false, "/approve it,\nsays dan@example.com and @carol", DateTimeOffset.UnixEpoch),
        ];
        var gate = new Gate(
            Gate.Anchor, 1, GateStatus.Rejected, "", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 2, true, votes, review, false);
        return new RunSnapshot
        {
            RunId = RunId.Parse(new string('a', 32)),
            RepoUrl = _target.RepoUrl,
            Project = "https://example.com/org/project",
            Branch = "main",
            CorrelationId = "",
            RequestedBy = "olga",
            RequestDigest = "",
            CreatedAt = DateTimeOffset.UnixEpoch,
            Gates = [gate],
        };
    }

    private static PullRequestState Open(int number, string step) => new(number, null, $"quantapilot/run/{step}", Head, null);

    /// <summary>Opens pull request 9, of the third attempt at the documentation.</summary>
    private Task<StepResult<ReviewableWork>> TakeUpAnewAsync(params PullRequestState[] present)
    {
        _store.Setup(s => s.GetAsync(_run.RunId, It.IsAny<CancellationToken>())).ReturnsAsync(_run with { PullRequests = present });
        _forge.Setup(f => f.OpenPullRequestAsync(It.IsAny<PullRequestRequest>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(new PullRequest(9, null, Head));
        var third = new GateReview(new PullRequestRef(9, null, $"{Branch}.3"), Head, null, "look");
        return Activities().WriteDocumentationAsync(
            new WriteDocumentationInput(_run.RunId, [], _target, Head, PipelineDefinition.Default.Documentation)
            {
                Attempt = 3,
                TakeUp = third,
            },
            default);
    }

    private static GateDecided Decided() => new(Gate.Anchor, 1, false, "wrong");

    private void Report(CheckReport report) => _forge
        .Setup(f => f.GetChecksAsync(_target.RepoUrl, 7, Head, It.IsAny<CancellationToken>())).ReturnsAsync(report);

    private void Merges(MergeOutcome outcome) => _forge
        .Setup(f => f.MergeAsync(_target.RepoUrl, 7, Head, MergeMethod.Squash, It.IsAny<CancellationToken>())).ReturnsAsync(outcome);

    private Task<StepResult<PullRequestLook>> LookAsync(string head, bool headOnly = false, bool acceptsNone = false) =>
        Activities().LookAtPullRequestAsync(
            new LookAtPullRequestInput(_run.RunId, [], _target, new PullRequestRef(7, null, Branch), head, headOnly, acceptsNone), default);

    private Task<StepResult<MergeResult>> MergeAsync(GateDecided? decided = null) => Activities().MergePullRequestAsync(
        new MergePullRequestInput(_run.RunId, [], _target, 7, Head, MergeMethod.Squash)
        {
            Forge = _traits,
            WorkBranch = Branch,
            Decided = decided is null ? null : [decided],
        },
        default);

    private RunActivities Activities()
    {
        var agent = new Mock<IAgent>();
        agent.Setup(a => a.Type).Returns("outline");
        return new RunActivities(
            _store.Object,
            _forge.Object,
            [agent.Object],
            Mock.Of<ICheckRunner>(),
            new DeliveryWorld(new ScriptedSink("sink")).Handover,
            new DailyBudget([], new InMemoryUsageStore(), TimeProvider.System),
            CheckedLogger.For<RunActivities>());
    }
}
