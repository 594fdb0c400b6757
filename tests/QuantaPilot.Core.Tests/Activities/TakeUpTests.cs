using Moq;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Limits;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Tests.Deliveries;
using QuantaPilot.Testing;

namespace QuantaPilot.Core.Tests.Activities;

/// <summary>What activities do for a run that takes up the work of another, and where what was done no longer fits the target.</summary>
public sealed class TakeUpTests
{
    private static readonly string Head = new('1', 40);
    private static readonly string Present = new('2', 40);
    private static readonly RunId Id = RunId.Parse(new string('a', 32));
    private static readonly RunId Origin = RunId.Parse(new string('b', 32));
    private static readonly RunTarget Target = new("https://example.com/org/project.git", "main");

    private static readonly GateReview Open =
        new(new PullRequestRef(7, null, $"quantapilot/{Origin}/documentation"), Head, "digest", "Eleven documents.");

    private readonly Mock<IRunStore> _store = new();
    private readonly Mock<IForge> _forge = new();
    private readonly Mock<ICheckout> _checkout = new();
    private readonly Mock<IAgent> _agent = new();
    private readonly List<string?> _branches = [];
    private readonly List<string> _trailers = [];

    public TakeUpTests()
    {
        _store.Setup(s => s.WatchCancellation(Id, It.IsAny<CancellationToken>())).Returns(Mock.Of<ICancellationWatch>());
        _forge
            .Setup(f => f.CheckoutAsync(Target.RepoUrl, "main", It.IsAny<string?>(), Capture.In(_branches), It.IsAny<CancellationToken>()))
            .ReturnsAsync(_checkout.Object);
        _forge.Setup(f => f.OpenPullRequestAsync(It.IsAny<PullRequestRequest>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(new PullRequest(7, null, Present));
        _checkout.Setup(c => c.CommitAndPushAsync(Capture.In(_trailers), It.IsAny<string>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(new PushedWork(Head, []));
        _agent.Setup(a => a.Type).Returns("outline");
        _agent.Setup(a => a.RunAsync(It.IsAny<AgentTask>(), It.IsAny<ICheckout>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(new AgentResult("a summary", "digest"));
    }

    private RunActivities Activities => new(
        _store.Object,
        _forge.Object,
        [_agent.Object],
        Mock.Of<ICheckRunner>(),
        new DeliveryWorld(new ScriptedSink("sink")).Handover,
        new DailyBudget([], new InMemoryUsageStore(), TimeProvider.System),
        CheckedLogger.For<RunActivities>());

    [Fact]
    public async Task WriteDocumentation_OpenPullRequest_IsTakenUpAtItsPresentHeadWithoutTheAgent()
    {
        var review = (await DocumentAsync(Open)).Value!.Review;

        Assert.Equal(Open with { HeadSha = Present, Digest = null }, review);
        _agent.Verify(a => a.RunAsync(It.IsAny<AgentTask>(), It.IsAny<ICheckout>(), It.IsAny<CancellationToken>()), Times.Never);
    }

    [Fact]
    public async Task WriteDocumentation_BranchOfThePullRequestIsGone_IsWritten()
    {
        _forge.SetupSequence(f => f.OpenPullRequestAsync(It.IsAny<PullRequestRequest>(), It.IsAny<CancellationToken>()))
            .ThrowsAsync(new StepException(ErrorCodes.BranchNotFound, "gone"))
            .ReturnsAsync(new PullRequest(8, null, Head));

        var review = (await DocumentAsync(Open)).Value!.Review;

        Assert.Equal((8, "a summary"), (review.PullRequest.Number, review.Summary));
        Assert.Equal([$"quantapilot/{Origin}/documentation"], _branches);
    }

    [Fact]
    public async Task WriteDocumentation_ForeseenFault_IsNotTakenForAMissingBranch()
    {
        _forge.Setup(f => f.OpenPullRequestAsync(It.IsAny<PullRequestRequest>(), It.IsAny<CancellationToken>()))
            .ThrowsAsync(new StepException(ErrorCodes.RepositoryUnreachable, "away", transient: true));

        Assert.Equal(ErrorCodes.RepositoryUnreachable, (await DocumentAsync(Open)).Failure!.Code);
        Assert.Empty(_branches);
    }

    [Fact]
    public async Task WriteDocumentation_BegunAnew_HasABranchOfItsOwn()
    {
        await Activities.WriteDocumentationAsync(Input(null) with { Attempt = 2 }, default);

        Assert.Equal([$"quantapilot/{Origin}/documentation.2"], _branches);
    }

    [Fact]
    public async Task WriteDocumentation_ReworkOfARetry_IsNotTakenForThatOfTheFirstRun()
    {
        await Activities.WriteDocumentationAsync(Input(null) with { Rework = new Rework(2, "too short") }, default);
        await Activities.WriteDocumentationAsync(Input(null) with { Origin = null, Rework = new Rework(2, "too short") }, default);

        Assert.Equal([$"documentation#2/{Id}", "documentation#2"], _trailers);
    }

    [Fact]
    public async Task MergePullRequest_Conflict_IsAnsweredWithTheHeadOfTheTarget()
    {
        _forge.Setup(f => f.MergeAsync(Target.RepoUrl, 7, Head, MergeMethod.Squash, It.IsAny<CancellationToken>()))
            .ThrowsAsync(new StepException(ErrorCodes.MergeConflict, "conflicts in ann@example.com.txt"));
        _forge.Setup(f => f.ResolveAsync(Target.RepoUrl, "main", It.IsAny<CancellationToken>())).ReturnsAsync(Present);

        var input = new MergePullRequestInput(Id, [], Target, 7, Head, MergeMethod.Squash);
        var result = await Activities.MergePullRequestAsync(input, default);

        Assert.Null(result.Value!.MergeSha);
        Assert.Equal(Present, result.Value.Conflict!.TargetSha);
        Assert.StartsWith("conflicts in ", result.Value.Conflict.Message, StringComparison.Ordinal);
    }

    private Task<StepResult<ReviewableWork>> DocumentAsync(GateReview takeUp) => Activities.WriteDocumentationAsync(Input(takeUp), default);

    private static WriteDocumentationInput Input(GateReview? takeUp) =>
        new(Id, [], Target, Head, PipelineDefinition.Default.Documentation) { Origin = Origin, TakeUp = takeUp };
}
