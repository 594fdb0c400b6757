using System.Text.Json;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Runs;

public sealed class RunSnapshotTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly RunSnapshot Queued = new()
    {
        RunId = RunId.Parse(new string('a', 32)),
        RepoUrl = "https://example.com/org/project.git",
        Project = "https://example.com/org/project",
        Branch = "main",
        CorrelationId = "0b5d6c1e-6d55-4a2b-8a44-0d1f0e3c9a10",
        RequestedBy = "alice",
        RequestDigest = "digest",
        CreatedAt = Now,
    };

    [Fact]
    public void Apply_SameEventTwice_ChangesNothingTheSecondTime()
    {
        var once = Queued.Apply(new RunStarted { Revision = 1, Sequence = 1, At = Now });
        Assert.Same(once, once.Apply(new RunFailed("x", "y") { Revision = 1, Sequence = 1, At = Now }));
    }

    [Fact]
    public void Apply_EventAheadOfTheNext_IsRefused() =>
        Assert.Throws<RevisionGapException>(() => Queued.Apply(new RunStarted { Revision = 2, Sequence = 1, At = Now }));

    [Fact]
    public void Vote_ForAnotherHead_IsStale() =>
        Assert.Equal(VoteResult.Stale, AtGate().Vote(Gate.Anchor, Yes("bob"), new string('9', 40)).Result);

    [Fact]
    public void Vote_OfTheRequester_CountsOnlyWhereTheGateSaysSo()
    {
        Assert.Equal(VoteResult.SelfApproval, AtGate(selfApproval: false).Vote(Gate.Anchor, Yes("alice"), null).Result);
        Assert.Equal(VoteResult.Applied, AtGate(selfApproval: true).Vote(Gate.Anchor, Yes("alice"), null).Result);
        Assert.Equal(VoteResult.Applied, AtGate(selfApproval: false).Vote(Gate.Anchor, No("alice"), null).Result);
    }

    [Fact]
    public void Vote_ChangedMind_IsRefused()
    {
        var (run, _) = AtGate(approvals: 2).Vote(Gate.Anchor, Yes("bob"), null);
        var (after, result) = run.Vote(Gate.Anchor, No("bob"), null);
        Assert.Equal(VoteResult.AlreadyVoted, result);
        Assert.Same(run, after);
    }

    [Fact]
    public void Vote_GateThatWasNotRequested_IsNotPending() =>
        Assert.Equal(VoteResult.GateNotPending, AtGate().Vote("milestone:x", Yes("bob"), null).Result);

    [Fact]
    public void HasUntold_FromCreationToStartAndFromDecisionToRecord()
    {
        Assert.True(Queued.HasUntold);
        var waiting = AtGate();
        Assert.False(waiting.HasUntold);
        var (decided, _) = waiting.Vote(Gate.Anchor, Yes("bob"), null);
        Assert.True(decided.HasUntold);
        Assert.False(decided.Apply(new GateDecided(Gate.Anchor, 1, true, "") { Revision = 3, Sequence = 3, At = Now }).HasUntold);
    }

    [Fact]
    public void CloudEvent_HasTheSeedsDataAndTheEnvelope()
    {
        var started = new RunStarted { Revision = 1, Sequence = 1, At = Now };
        var json = JsonSerializer.Serialize(CloudEvent.From(Queued, started), CoreJson.Default.CloudEvent);
        Assert.Equal(
            """
            {"specversion":"1.0","id":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:1","type":"quantapilot.run_started","source":"/quantapilot/runs","subject":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","time":"2026-01-01T00:00:00+00:00","datacontenttype":"application/json","dataschema":"https://quantapilot.dev/schemas/api.schema.json#/$defs/run_started","correlationid":"0b5d6c1e-6d55-4a2b-8a44-0d1f0e3c9a10","sequence":1,"project":"https://example.com/org/project","data":{"run_id":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","repo_url":"https://example.com/org/project.git","branch":"main","correlation_id":"0b5d6c1e-6d55-4a2b-8a44-0d1f0e3c9a10"}}
            """,
            json);
    }

    [Theory]
    [MemberData(nameof(PublicEvents))]
    public void CloudEvent_EachPublicEvent_HasExactlyTheSeedsMembers(PublicRunEvent e, string members)
    {
        var cloudEvent = CloudEvent.From(Queued, e with { Sequence = 7 })!;
        using var json = JsonDocument.Parse(JsonSerializer.Serialize(cloudEvent, CoreJson.Default.CloudEvent));
        Assert.Equal(members.Split(' '), json.RootElement.GetProperty("data").EnumerateObject().Select(p => p.Name).Order());
    }

    public static TheoryData<PublicRunEvent, string> PublicEvents() => new()
    {
        { new RunStarted(), "branch correlation_id repo_url run_id" },
        { new DocumentationGenerated(new PullRequestRef(1, null, "b"), "sha"), "docs_branch pr_number run_id" },
        { Requested(true, 1), "description gate run_id" },
        { new GateDecided("anchor", 1, true, ""), "approved gate reason run_id" },
        { new MilestoneCompleted("M"), "milestone_id run_id" },
        { new RunPaused("r"), "reason run_id" },
        { new RunResumed(), "run_id" },
        { new RunFailed("c", "m"), "error_code message run_id" },
        { new RunCompleted(), "run_id" },
    };

    [Fact]
    public void RunEvent_EveryKind_RoundTripsThroughJson()
    {
        var kinds = typeof(RunEvent).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(RunEvent)) && !t.IsAbstract).ToList();
        var registered = typeof(RunEvent).GetCustomAttributes(typeof(System.Text.Json.Serialization.JsonDerivedTypeAttribute), false)
            .Cast<System.Text.Json.Serialization.JsonDerivedTypeAttribute>().Select(a => a.DerivedType).ToHashSet();
        Assert.NotEmpty(kinds);
        Assert.All(kinds, kind => Assert.Contains(kind, registered));
    }

    private static Vote Yes(string by) => new(by, true, null, Now);

    private static Vote No(string by) => new(by, false, "no", Now);

    private static GateRequested Requested(bool selfApproval, int approvals) => new(
        Gate.Anchor, 1, "look", Now.AddDays(7), approvals, selfApproval, new GateReview(
            new PullRequestRef(1, null, "b"), new string('1', 40), null, ""));

    private static RunSnapshot AtGate(bool selfApproval = true, int approvals = 1) => Queued
        .Apply(new RunStarted { Revision = 1, Sequence = 1, At = Now })
        .Apply(Requested(selfApproval, approvals) with { Revision = 2, Sequence = 2, At = Now });
}
