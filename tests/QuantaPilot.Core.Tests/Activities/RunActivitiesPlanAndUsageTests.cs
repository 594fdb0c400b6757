using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Moq;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Limits;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Activities;

/// <summary>Plans in the documentation, and what agents use up.</summary>
public sealed partial class RunActivitiesTests
{
    [Fact]
    public async Task OpenMilestone_TasksChangedNothing_FailsSayingSo()
    {
        _checkout.Setup(c => c.BaseSha).Returns(Head);
        var milestone = new MilestoneDefinition("M-001", "First", [], [], []);

        var result = await Activities.OpenMilestoneAsync(new OpenMilestoneInput(Id, Events, Target, milestone, ["did it"]), default);

        Assert.Equal(ErrorCodes.AgentFailed, result.Failure!.Code);
        Assert.Contains("changed nothing", result.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenMilestone_Reworked_TellsReviewersWhatItAnswers()
    {
        var milestone = new MilestoneDefinition("M-001", "First", ["works"], [], []);
        var input = new OpenMilestoneInput(Id, Events, Target, milestone, ["did it"]) { Rework = new Rework(2, "no tests\nat all") };

        var result = await Activities.OpenMilestoneAsync(input, default);

        Assert.Equal(
            "- [ ] works\n- did it\n- Checks that succeeded: 0\n\nRound 2. It answers:\n\n> no tests\n> at all", result.Value!.Review.Summary);
    }

    [Fact]
    public async Task WriteDocumentation_WithAPlan_TellsReviewersOfIt()
    {
        _checkout.Setup(c => c.ReadText("docs/30_milestones.md")).Returns("## M-001: Bootstrap\n### Tasks\n- begin\n");
        var coder = new AgentDefinition("coder", "outline", null, null);

        var result = await DocumentAsync(new PlanSource("docs/30_milestones.md", [coder]));

        Assert.Equal("M-001", Assert.Single(result.Value!.Plan!).Id);
        Assert.Equal(
            "a summary\n\nWith the approval these milestones of `docs/30_milestones.md` are the plan:\n\n"
            + "- M-001 Bootstrap (tasks: 1, by coder; checks: 0)",
            result.Value.Review.Summary);
    }

    [Fact]
    public async Task WriteDocumentation_WithAPlanAtFault_FailsBeforeAnybodyIsAsked()
    {
        _checkout.Setup(c => c.ReadText("docs/30_milestones.md")).Returns("## M-001: Bootstrap\n### Tasks\n- begin\n");

        var result = await DocumentAsync(new PlanSource("docs/30_milestones.md", []));

        Assert.Equal(ErrorCodes.ConfigurationInvalid, result.Failure!.Code);
        _forge.Verify(f => f.OpenPullRequestAsync(It.IsAny<PullRequestRequest>(), It.IsAny<CancellationToken>()), Times.Never);
    }

    [Fact]
    public async Task ReadPlan_OfACommit_ReadsItsDocument()
    {
        _checkout.Setup(c => c.ReadText("docs/30_milestones.md")).Returns("## M-001: Bootstrap\n### Tasks\n- begin\n");
        var source = new PlanSource("docs/30_milestones.md", [new AgentDefinition("coder", "outline", null, null)]);

        var result = await Activities.ReadPlanAsync(new ReadPlanInput(Id, Events, Target, Head, source), default);

        Assert.Equal("M-001", Assert.Single(result.Value!.Milestones).Id);
        _forge.Verify(f => f.CheckoutAsync(Target.RepoUrl, "main", Head, null, It.IsAny<CancellationToken>()));
    }

    [Fact]
    public async Task CarryOutTask_ProjectIsOverItsDay_IsHeldUntilMidnightBeforeTheAgentWorks()
    {
        _daily = [new DailyLimit("https://example.com/*", 1_000, null)];
        await _usage.AddAsync("https://example.com/org/project", new DateOnly(2026, 1, 1), Id, 1, new AgentUsage(1_001, 0, 0), default);

        var result = await CarryOutAsync(Coder(usage: null));

        Assert.Equal(
            new StepHold(
                "daily limit tokens: 1,001 of 1,000 used by runs of this project on 2026-01-01 (UTC)",
                new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero)),
            result.Hold);
        Assert.Equal((null, null), (result.Value, result.Failure));
        _agent.Verify(a => a.RunAsync(It.IsAny<AgentTask>(), It.IsAny<ICheckout>(), It.IsAny<CancellationToken>()), Times.Never);
        _time.Advance(TimeSpan.FromHours(2));
        Assert.NotNull((await CarryOutAsync(Coder(usage: null))).Value);
    }

    [Theory]
    [InlineData("https://example.com/org/other", 1_001)]
    [InlineData("https://example.com/org/project", 1_000)]
    public async Task CarryOutTask_ProjectIsWithinItsDay_IsDone(string project, long tokens)
    {
        _daily = [new DailyLimit("https://example.com/*", 1_000, null), new DailyLimit("https://elsewhere.com/*", 1, null)];
        await _usage.AddAsync(project, new DateOnly(2026, 1, 1), Id, 1, new AgentUsage(tokens, 0, 0), default);

        Assert.NotNull((await CarryOutAsync(Coder(usage: null))).Value);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Activity_UsageAmongItsEvents_CountsOnceForItsDayAndProjectIfTheHostHasLimits(bool isLimited)
    {
        if (isLimited) _daily = [new DailyLimit("https://elsewhere.com/*", 1, null)];
        IReadOnlyList<RunEvent> events =
        [
            new UsageAdded("documentation", new AgentUsage(500, 0.25m, 3), 3) { Revision = 2, At = _time.GetUtcNow() },
            new UsageAdded("merge:1", AgentUsage.None, 4) { Revision = 3, At = _time.GetUtcNow() },
        ];

        for (var i = 0; i < 2; i++) await Activities.RecordEventsAsync(new RecordEventsInput(Id, events), default);

        var counted = isLimited ? new AgentUsage(500, 0.25m, 3) : AgentUsage.None;
        Assert.Equal(counted, await _usage.SumAsync(_deliveries.Run.Project, new DateOnly(2026, 1, 1), default));
    }

    [Fact]
    public async Task CarryOutTask_UsageOfItsAgent_IsAnsweredAndMeasured()
    {
        var measured = new ConcurrentBag<(string, double)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Name.StartsWith("quantapilot.usage.", StringComparison.Ordinal)) l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => measured.Add((instrument.Name, value)));
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => measured.Add((instrument.Name, value)));
        listener.Start();
        var usage = new AgentUsage(987_654, 12.25m, 3);

        var result = await CarryOutAsync(Coder(usage));

        Assert.Equal(usage, result.Usage);
        Assert.Contains(("quantapilot.usage.tokens", 987_654), measured);
        Assert.Contains(("quantapilot.usage.usd", 12.25), measured);
    }

    /// <summary>An agent that costs something, unlike the built-in one.</summary>
    private AgentDefinition Coder(AgentUsage? usage)
    {
        _agent.Setup(a => a.Type).Returns("command");
        _agent.Setup(a => a.RunAsync(It.IsAny<AgentTask>(), It.IsAny<ICheckout>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(new AgentResult("a summary", null) { Usage = usage });
        return new AgentDefinition("coder", "command", ["make"], null);
    }
}
