using Microsoft.Extensions.Time.Testing;
using Moq;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Limits;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Tests.Deliveries;
using QuantaPilot.Testing;

namespace QuantaPilot.Core.Tests.Activities;

public sealed partial class RunActivitiesTests : IDisposable
{
    private const string Head = "1111111111111111111111111111111111111111";
    private static readonly RunId Id = RunId.Parse(new string('a', 32));
    private static readonly RunTarget Target = new("https://example.com/org/project.git", "main");
    private static readonly IReadOnlyList<RunEvent> Events = [new RunStarted { Revision = 1, Sequence = 1 }];

    private readonly CancellationTokenSource _cancelled = new();
    private readonly List<string> _calls = [];
    private readonly Mock<IRunStore> _store = new();
    private readonly Mock<IForge> _forge = new();
    private readonly Mock<ICheckout> _checkout = new();
    private readonly Mock<IAgent> _agent = new();
    private readonly Mock<ICheckRunner> _checks = new();
    private readonly ScriptedSink _sink = new("sink");
    private readonly InMemoryUsageStore _usage = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 22, 0, 0, TimeSpan.Zero));
    private readonly DeliveryWorld _deliveries;
    private IReadOnlyList<DailyLimit> _daily = [];

    public RunActivitiesTests()
    {
        _deliveries = new DeliveryWorld(_sink);
        _store.Setup(s => s.AppendAsync(Id, It.IsAny<IReadOnlyList<RunEvent>>(), It.IsAny<CancellationToken>()))
            .Callback(() => _calls.Add("append")).ReturnsAsync(() => _deliveries.Run);
        _store.Setup(s => s.WatchCancellation(Id, It.IsAny<CancellationToken>()))
            .Returns((RunId _, CancellationToken stopping) => new Watch(CancellationTokenSource.CreateLinkedTokenSource(_cancelled.Token, stopping)));
        _forge.Setup(f => f.CheckoutAsync(Target.RepoUrl, "main", It.IsAny<string?>(), It.IsAny<string?>(), It.IsAny<CancellationToken>()))
            .Callback(() => _calls.Add("checkout")).ReturnsAsync(_checkout.Object);
        _forge.Setup(f => f.OpenPullRequestAsync(It.IsAny<PullRequestRequest>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(() => new PullRequest(7, null, Head));
        _checkout.Setup(c => c.HeadSha).Returns(Head);
        _checkout.Setup(c => c.CommitAndPushAsync(It.IsAny<string>(), It.IsAny<string>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(new PushedWork(Head, ["docs/ANCHOR.md"]));
        _agent.Setup(a => a.Type).Returns("outline");
        _agent.Setup(a => a.RunAsync(It.IsAny<AgentTask>(), It.IsAny<ICheckout>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(new AgentResult("a summary", "digest"));
    }

    private RunActivities Activities => With(_agent.Object);

    public void Dispose() => _cancelled.Dispose();

    [Fact]
    public async Task Activity_RecordsItsEventsBeforeItWorks()
    {
        await PrepareAsync();
        Assert.Equal(["append", "checkout"], _calls);
    }

    [Fact]
    public async Task Activity_HandsItsEventsOverBesideItsWorkAndAnswersAfterBoth()
    {
        var arrives = new TaskCompletionSource();
        _sink.Before = _ => arrives.Task;

        var activity = PrepareAsync();

        Assert.Equal(["1"], _sink.Attempts);
        Assert.Equal(["append", "checkout"], _calls);
        Assert.False(activity.IsCompleted);
        arrives.SetResult();
        Assert.Equal(Head, (await activity).Value!.HeadSha);
    }

    [Fact]
    public async Task Activity_RunsAgainAfterACrash_HandsOverAgain()
    {
        await PrepareAsync();
        _deliveries.Restart();
        await PrepareAsync();

        Assert.Equal(["1", "1"], _sink.Attempts);
    }

    [Fact]
    public async Task Activity_HandOverIsNotDurable_AnswersThatItsEventsAreToComeAgain()
    {
        _deliveries.Store.Fault = new IOException("away");
        var result = await PrepareAsync();
        Assert.Null(result.Value);
        Assert.Equal((true, true), (result.Unrecorded, result.Failure!.Outage));
    }

    [Fact]
    public async Task Activity_RunIsCancelled_HandsOverAllTheSame()
    {
        await _cancelled.CancelAsync();
        _forge.Setup(f => f.CheckoutAsync(Target.RepoUrl, "main", null, null, It.IsAny<CancellationToken>()))
            .ThrowsAsync(new OperationCanceledException());

        Assert.Equal(ErrorCodes.Cancelled, (await PrepareAsync()).Failure!.Code);
        Assert.Equal(DeliveryStatus.Delivered, _deliveries.Store[1].Status);
    }

    [Fact]
    public async Task RecordEvents_AnswersAfterTheHandOver()
    {
        var arrives = new TaskCompletionSource();
        _sink.Before = _ => arrives.Task;

        var activity = Activities.RecordEventsAsync(new RecordEventsInput(Id, Events), default);

        Assert.False(activity.IsCompleted);
        arrives.SetResult();
        Assert.NotNull((await activity).Value);
    }

    [Fact]
    public async Task PrepareRun_NoFile_TakesTheDefaults()
    {
        var result = await PrepareAsync();
        Assert.Same(PipelineDefinition.Default, result.Value!.Pipeline);
        Assert.Equal(Head, result.Value.HeadSha);
        Assert.True(result.Value.IsMetered);
    }

    [Fact]
    public async Task PrepareRun_NamedFileIsMissing_FailsNamingIt()
    {
        var result = await PrepareAsync("ci/qp.yml");
        Assert.Equal(ErrorCodes.ConfigurationNotFound, result.Failure!.Code);
        Assert.Contains("ci/qp.yml", result.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PrepareRun_InvalidFile_FailsWithItsFaults()
    {
        _checkout.Setup(c => c.ReadText("quantapilot.yml")).Returns("version: 3");
        var result = await PrepareAsync();
        Assert.Equal(ErrorCodes.ConfigurationInvalid, result.Failure!.Code);
    }

    [Theory]
    [InlineData("the agent", null)]
    [InlineData(null, "the check")]
    public async Task PrepareRun_HostWouldRefuseALaterStep_IsRefusedAtOnce(string? refusedAgent, string? refusedCheck)
    {
        _checkout.Setup(c => c.ReadText("quantapilot.yml")).Returns(
            """
            version: 1
            agents: { coder: { type: command, run: [make] } }
            milestones: [ { id: M-1, title: T, tasks: [ { agent: coder, prompt: p } ], checks: [ { run: [make] } ] } ]
            """);
        var command = new Mock<IAgent>();
        command.Setup(a => a.Type).Returns("command");
        command.Setup(a => a.FindRefusal(It.IsAny<AgentDefinition>(), Target.RepoUrl)).Returns(refusedAgent);
        _checks.Setup(c => c.FindRefusal(Target.RepoUrl)).Returns(refusedCheck);

        var result = await With(_agent.Object, command.Object).PrepareRunAsync(new PrepareRunInput(Id, Events, Target, null), default);

        Assert.Equal(new StepFailure(ErrorCodes.AgentNotAllowed, (refusedAgent ?? refusedCheck)!, false), result.Failure);
    }

    [Fact]
    public async Task Activity_ForeseenFault_IsAnsweredAsData()
    {
        _forge.Setup(f => f.CheckoutAsync(Target.RepoUrl, "main", null, null, It.IsAny<CancellationToken>()))
            .ThrowsAsync(new StepException(ErrorCodes.RepositoryUnreachable, "away", transient: true));
        var result = await PrepareAsync();
        Assert.Equal(new StepFailure(ErrorCodes.RepositoryUnreachable, "away", true), result.Failure);
    }

    [Fact]
    public async Task Activity_ForeseenFaultThatRepeatsASecret_IsAnsweredWithoutIt()
    {
        _forge.Setup(f => f.CheckoutAsync(Target.RepoUrl, "main", null, null, It.IsAny<CancellationToken>()))
            .ThrowsAsync(new StepException(ErrorCodes.PushRefused, "ann@example.com says ghp_0123456789abcdef0123456789abcdef0123"));
        var result = await PrepareAsync();
        Assert.Equal(new StepFailure(ErrorCodes.PushRefused, "[redacted] says [redacted]", false), result.Failure);
    }

    [Fact]
    public async Task Activities_SecretsInWhatAgentsSay_AreInNoAnswerAndNoPullRequest()
    {
        _agent.Setup(a => a.RunAsync(It.IsAny<AgentTask>(), It.IsAny<ICheckout>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(new AgentResult("mailed ann@example.com", "digest"));
        var opened = new List<PullRequestRequest>();
        _forge.Setup(f => f.OpenPullRequestAsync(Capture.In(opened), It.IsAny<CancellationToken>()))
            .ReturnsAsync(new PullRequest(7, null, Head));

        Assert.Equal("mailed [redacted]", (await DocumentAsync()).Value!.Review.Summary);
        Assert.Equal("mailed [redacted]", Assert.Single(opened).Body);
        Assert.Equal("mailed [redacted]", (await CarryOutAsync(AgentDefinition.Outline)).Value!.Summary);
    }

    [Fact]
    public async Task Activity_RunIsCancelled_AnswersCancelled()
    {
        _forge.Setup(f => f.CheckoutAsync(Target.RepoUrl, "main", null, null, It.IsAny<CancellationToken>()))
            .Returns(async (string _, string _, string? _, string? _, CancellationToken token) =>
            {
                await _cancelled.CancelAsync();
                token.ThrowIfCancellationRequested();
                return _checkout.Object;
            });
        Assert.Equal(ErrorCodes.Cancelled, (await PrepareAsync()).Failure!.Code);
    }

    [Fact]
    public async Task Activity_HostIsStopping_LeavesItToTheEngine()
    {
        using var stopping = new CancellationTokenSource();
        _forge.Setup(f => f.CheckoutAsync(Target.RepoUrl, "main", null, null, It.IsAny<CancellationToken>()))
            .Returns(async (string _, string _, string? _, string? _, CancellationToken token) =>
            {
                await stopping.CancelAsync();
                token.ThrowIfCancellationRequested();
                return _checkout.Object;
            });
        await Assert.ThrowsAsync<OperationCanceledException>(
            () => Activities.PrepareRunAsync(new PrepareRunInput(Id, Events, Target, null), stopping.Token));
    }

    [Fact]
    public async Task WriteDocumentation_OpensAPullRequestFromItsOwnBranch()
    {
        var result = await DocumentAsync();
        var review = result.Value!.Review;
        Assert.Equal(new PullRequestRef(7, null, $"quantapilot/{Id}/documentation"), review.PullRequest);
        Assert.Equal((Head, "digest", "a summary"), (review.HeadSha, review.Digest, review.Summary));
    }

    [Fact]
    public async Task WriteDocumentation_SomebodyPushedMeanwhile_HasNoDigestForThatHead()
    {
        var other = new string('2', 40);
        _forge.Setup(f => f.OpenPullRequestAsync(It.IsAny<PullRequestRequest>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(new PullRequest(7, null, other));
        var review = (await DocumentAsync()).Value!.Review;
        Assert.Equal(other, review.HeadSha);
        Assert.Null(review.Digest);
    }

    [Fact]
    public async Task CarryOutTask_ItsCommitIsThere_DoesNotWorkAgain()
    {
        _checkout.Setup(c => c.HasCommitFor("M-001/2")).Returns(true);
        var result = await CarryOutAsync(AgentDefinition.Outline);
        Assert.Equal(Head, result.Value!.HeadSha);
        _agent.Verify(a => a.RunAsync(It.IsAny<AgentTask>(), It.IsAny<ICheckout>(), It.IsAny<CancellationToken>()), Times.Never);
    }

    [Fact]
    public async Task CarryOutTask_TypeThatTheHostLacks_Fails()
    {
        var result = await CarryOutAsync(new AgentDefinition("coder", "command", ["x"], TimeSpan.FromMinutes(1)));
        Assert.Equal(ErrorCodes.AgentNotAllowed, result.Failure!.Code);
    }

    [Fact]
    public async Task OpenMilestone_CheckFails_OpensNothing()
    {
        _checks.Setup(c => c.RunAsync(
                Target.RepoUrl,
                It.IsAny<IReadOnlyList<string>>(),
                It.IsAny<TimeSpan>(),
                _checkout.Object,
                It.IsAny<IRunLog>(),
                It.IsAny<CancellationToken>()))
            .ReturnsAsync("exit code 3");
        var milestone = new MilestoneDefinition("M-001", "First", ["works"], [], [new CheckDefinition(["x"], TimeSpan.FromMinutes(1))]);
        var result = await Activities.OpenMilestoneAsync(new OpenMilestoneInput(Id, Events, Target, milestone, ["did it"]), default);
        Assert.Equal(ErrorCodes.ChecksFailed, result.Failure!.Code);
        Assert.Contains("exit code 3", result.Failure.Message, StringComparison.Ordinal);
        _forge.Verify(f => f.OpenPullRequestAsync(It.IsAny<PullRequestRequest>(), It.IsAny<CancellationToken>()), Times.Never);
    }

    [Fact]
    public async Task CarryOutTaskAndChecks_WriteToTheLogsOfTheirSteps()
    {
        var logs = new Mock<IRunLogs>();
        var opened = new List<(string Step, int Round, string Source)>();
        logs.Setup(l => l.Open(Id, It.IsAny<string>(), It.IsAny<int>(), It.IsAny<string>()))
            .Callback((RunId _, string step, int round, string source) => opened.Add((step, round, source)))
            .Returns(() => Mock.Of<IRunLog>());
        _agent.Setup(a => a.Type).Returns("command");
        var activities = new RunActivities(
            _store.Object, _forge.Object, [_agent.Object], _checks.Object, _deliveries.Handover, new DailyBudget(_daily, _usage, _time),
            CheckedLogger.For<RunActivities>(), logs.Object);
        var task = new TaskDefinition(new AgentDefinition("coder", "command", ["x"], TimeSpan.FromMinutes(1)), "write");
        var check = new CheckDefinition(["dotnet", "test"], TimeSpan.FromMinutes(1));
        var milestone = new MilestoneDefinition("M-001", "First", [], [task], [check]);

        await activities.CarryOutTaskAsync(
            new CarryOutTaskInput(Id, Events, Target, "M-001", 2, task) { Rework = new Rework(3, "no") }, default);
        await activities.OpenMilestoneAsync(new OpenMilestoneInput(Id, Events, Target, milestone, []), default);

        Assert.Equal([("M-001/2", 3, "coder"), ("M-001", 1, "dotnet test")], opened);
        _agent.Verify(a => a.RunAsync(
            It.Is<AgentTask>(given => given.Log != NoRunLogs.Instance), _checkout.Object, It.IsAny<CancellationToken>()));
    }

    [Fact]
    public async Task MergePullRequest_HeadMoved_AnswersTheNewHead()
    {
        var other = new string('2', 40);
        _forge.Setup(f => f.MergeAsync(Target.RepoUrl, 7, Head, MergeMethod.Squash, It.IsAny<CancellationToken>()))
            .ReturnsAsync(new MergeOutcome(false, other, null));
        var result = await Activities.MergePullRequestAsync(
            new MergePullRequestInput(Id, Events, Target, 7, Head, MergeMethod.Squash), default);
        Assert.Equal(new MergeResult(null, other), result.Value);
    }

    private RunActivities With(params IAgent[] agents) =>
        new(
            _store.Object, _forge.Object, agents, _checks.Object, _deliveries.Handover, new DailyBudget(_daily, _usage, _time),
            CheckedLogger.For<RunActivities>());

    private Task<StepResult<PreparedRun>> PrepareAsync(string? path = null) =>
        Activities.PrepareRunAsync(new PrepareRunInput(Id, Events, Target, path), default);

    private Task<StepResult<ReviewableWork>> DocumentAsync(PlanSource? source = null) => Activities.WriteDocumentationAsync(
        new WriteDocumentationInput(Id, Events, Target, Head, PipelineDefinition.Default.Documentation) { PlanSource = source }, default);

    private Task<StepResult<TaskDone>> CarryOutAsync(AgentDefinition agent) => Activities.CarryOutTaskAsync(
        new CarryOutTaskInput(Id, Events, Target, "M-001", 2, new TaskDefinition(agent, "write it")), default);

    private sealed class Watch(CancellationTokenSource source) : ICancellationWatch
    {
        public CancellationToken Token => source.Token;

        public void Dispose() => source.Dispose();
    }
}
