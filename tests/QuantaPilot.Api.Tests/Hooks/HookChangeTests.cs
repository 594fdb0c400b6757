using System.Net;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests.Hooks;

/// <summary>What GitHub tells of checks and pushes, and which runs hear of it.</summary>
public sealed class HookChangeTests : IAsyncLifetime
{
    private const string Branch = "quantapilot/x/documentation";
    private const string Moved = "3333333333333333333333333333333333333333";
    private ApiHost _host = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _host = await ApiHost.StartAsync(configure: services => services.AddGitHubHooks(GitHubSender.Options));
        _client = _host.Anonymous();
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    public static TheoryData<string, string, string> Changes() => new()
    {
        { "check_run", GitHubSender.CheckRun(Scenario.HeadSha), Scenario.HeadSha },
        { "check_run", GitHubSender.CheckRun(Moved, number: 1), Moved },
        { "check_suite", GitHubSender.CheckSuite(Branch, Moved), Moved },
        { "status", GitHubSender.Status(Scenario.HeadSha, "success"), Scenario.HeadSha },
        { "status", GitHubSender.Status(Moved, "failure", Branch), Moved },
        { "push", GitHubSender.Push(Branch, Moved), Moved },
        { "pull_request", GitHubSender.PullRequest(1, Moved, "synchronize"), Moved },
        { "pull_request", GitHubSender.PullRequest(1, Scenario.HeadSha, "closed"), Scenario.HeadSha },
    };

    public static TheoryData<string, string> Others() => new()
    {
        { "check_run", GitHubSender.CheckRun(Moved) },
        { "check_run", GitHubSender.CheckRun(Scenario.HeadSha, action: "created") },
        { "check_suite", GitHubSender.CheckSuite("main", Moved) },
        { "status", GitHubSender.Status(Scenario.HeadSha, "pending") },
        { "push", GitHubSender.Push("main", Moved) },
        { "push", GitHubSender.Push(Branch, Moved).Replace("refs/heads/", "refs/tags/", StringComparison.Ordinal) },
        { "push", GitHubSender.Push(Branch, Moved).Replace("org/project.git", "org/other.git", StringComparison.Ordinal) },
        { "pull_request", GitHubSender.PullRequest(2, Moved, "synchronize") },
        { "pull_request", GitHubSender.PullRequest(1, Moved, "labeled") },
        { "issue_comment", GitHubSender.Comment("looks good") },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Change_OfAPullRequestOfARun_IsToldToIt(string kind, string body, string head)
    {
        var run = await AddRunAsync();
        await AddRunAsync("https://example.com/org/another");

        using var answer = await _client.SendAsync(GitHubSender.Request(kind, body));

        Assert.Equal(new HookAnswer(HookResult.Accepted, 1), await answer.OkAsync(CoreJson.Default.HookAnswer, HttpStatusCode.Accepted));
        var (instance, signal) = Assert.Single(_host.Engine.Raised);
        Assert.Equal($"{run}", instance);
        Assert.Equal(new RunSignal(RunSignalKind.ForgeChanged) { ForgeChange = new ForgeChange(kind, 1, head) }, signal);
    }

    [Theory]
    [MemberData(nameof(Others))]
    public async Task Change_OfSomethingElse_IsIgnored(string kind, string body)
    {
        await AddRunAsync();

        using var answer = await _client.SendAsync(GitHubSender.Request(kind, body));

        Assert.Equal(new HookAnswer(HookResult.Ignored, 0), await answer.OkAsync(CoreJson.Default.HookAnswer, HttpStatusCode.Accepted));
        Assert.Empty(_host.Engine.Raised);
    }

    [Fact]
    public async Task Push_ThatDeletesTheBranch_TellsNoHead()
    {
        await AddRunAsync();

        (await _client.SendAsync(GitHubSender.Request("push", GitHubSender.Push(Branch, new string('0', 40))))).Dispose();

        Assert.Null(Assert.Single(_host.Engine.Raised).Signal.ForgeChange!.HeadSha);
    }

    [Fact]
    public async Task Change_OfARunThatIsPaused_IsToldToIt()
    {
        var run = await AddRunAsync();
        await _host.Store.AppendAsync(run, [new RunPaused("lunch") { Revision = 4, Sequence = 3, At = Scenario.Start }], default);

        (await _client.SendAsync(GitHubSender.Request("push", GitHubSender.Push(Branch, Moved)))).Dispose();

        Assert.Single(_host.Engine.Raised);
    }

    [Fact]
    public async Task Change_OfARunThatHasEndedOrAPullRequestThatIsMerged_IsIgnored()
    {
        var ended = await AddRunAsync();
        var failed = new RunFailed(ErrorCodes.Cancelled, "") { Revision = 4, Sequence = 3, At = Scenario.Start };
        await _host.Store.AppendAsync(ended, [failed], default);
        var merged = await AddRunAsync();
        await _host.Store.AppendAsync(merged, [new PullRequestMerged(1, Moved) { Revision = 4, At = Scenario.Start }], default);

        using var answer = await _client.SendAsync(GitHubSender.Request("push", GitHubSender.Push(Branch, Moved)));

        Assert.Equal(HookResult.Ignored, (await answer.OkAsync(CoreJson.Default.HookAnswer, HttpStatusCode.Accepted)).Result);
        Assert.Empty(_host.Engine.Raised);
    }

    [Fact]
    public async Task Change_OfARunThatTakesNothingYet_IsLeftOut()
    {
        _host.Engine.Busy = $"{await AddRunAsync()}";

        using var answer = await _client.SendAsync(GitHubSender.Request("push", GitHubSender.Push(Branch, Moved)));

        Assert.Equal(HookResult.Ignored, (await answer.OkAsync(CoreJson.Default.HookAnswer, HttpStatusCode.Accepted)).Result);
    }

    [Fact]
    public async Task Delivery_ThatComesTwice_TellsTwiceWhichIsAHintOnly()
    {
        await AddRunAsync();
        var body = GitHubSender.CheckRun(Scenario.HeadSha);

        for (var i = 0; i < 2; i++) (await _client.SendAsync(GitHubSender.Request("check_run", body))).Dispose();

        Assert.Single(_host.Engine.Raised.Select(raised => raised.Signal).Distinct());
    }

    private Task<RunId> AddRunAsync(string project = GitHubSender.Project) => _host.AddRunAsync(
        Scenario.Run(project),
        Scenario.Started(),
        new PullRequestOpened(new PullRequestRef(1, null, Branch), Scenario.HeadSha) { Revision = 2, At = Scenario.Start },
        Scenario.AnchorRequested(revision: 3) with { Sequence = 2 });
}
