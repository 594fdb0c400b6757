using System.Net;
using QuantaPilot.Testing.GitHub;

namespace QuantaPilot.Conformance;

/// <summary>Webhooks as GitHub sends them: to signed ones runs listen, to others nobody.</summary>
public sealed class HookTests : Scenario
{
    [HookFact]
    public async Task Hook_NotSignedOrWronglySigned_IsRefused()
    {
        var ping = new GitHubHook("ping", new { zen = "Keep it logically awesome." });

        foreach (var secret in new[] { null, "a secret that is another" })
        {
            var answer = await SendAsync(ping, secret);
            answer.ExpectProblem(HttpStatusCode.Unauthorized, "unauthenticated");
            Assert.Equal("HubSignature", Assert.Single(answer.Headers.WwwAuthenticate).Scheme);
        }

        Assert.Equal("pong", (await SendAsync(ping, Settings.HookSecret)).Expect(HttpStatusCode.OK).Text("result"));
    }

    [HookFact]
    public async Task Hook_OfAnUnknownKindOrRepository_IsTakenAndIgnored()
    {
        var run = await StartWaitingAsync();
        var elsewhere = await ServeAsync();

        GitHubHook[] hooks =
        [
            new("star", new { action = "created", repository = new { clone_url = run.Remote.Url } }),
            GitHubHook.Push(elsewhere.Url, run.DocumentationBranch, new string('a', 40)),
            GitHubHook.Push(run.Remote.Url, "a-branch-of-nobody", new string('a', 40)),
            GitHubHook.Comment(run.Remote.Url, 1, "stranger", "/reject I say so"),
        ];

        foreach (var hook in hooks) await AssertTakenAsync("ignored", 0, hook);

        Assert.Equal("pending", (await run.GateAsync()).Text("status"));
    }

    [HookFact]
    public async Task Hook_OfAPushToWhatIsUnderReview_WithdrawsTheGateAndAsksForTheNewHead()
    {
        var run = await StartWaitingAsync();
        var pushed = run.Remote.Repository.PushOnTop(run.DocumentationBranch);

        await AssertTakenAsync("accepted", 1, GitHubHook.Push(run.Remote.Url, run.DocumentationBranch, pushed));

        var again = await run.UntilAskedAsync(after: 3);
        Assert.Equal(pushed, again.GetProperty("review").Text("head_sha"));
    }

    [HookFact]
    public async Task Hook_OfACommentByAnApprover_IsAVote()
    {
        var run = await StartWaitingAsync();
        var head = (await run.GateAsync()).GetProperty("review").Text("head_sha");
        var comment = GitHubHook.Comment(run.Remote.Url, 1, ServerUnderTest.Approver, $"/approve {head[..12]} reads well");

        var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => SendAsync(comment, Settings.HookSecret)));

        Assert.All(answers, answer => answer.Expect(HttpStatusCode.Accepted));
        await run.UntilEndAsync("completed");
        var vote = Assert.Single((await run.GateAsync()).Items("votes"));
        Assert.Equal("reads well", vote.Text("reason"));
        Assert.Contains(ServerUnderTest.Approver, vote.Text("by"), StringComparison.Ordinal);
        Assert.True((await run.OnlyAsync("gate_decision")).GetProperty("approved").GetBoolean());
    }

    private async Task AssertTakenAsync(string result, int runs, GitHubHook hook)
    {
        var answer = (await SendAsync(hook, Settings.HookSecret)).Expect(HttpStatusCode.Accepted);
        Assert.Equal((result, runs), (answer.Text("result"), answer.GetProperty("runs").GetInt32()));
    }

    /// <summary>As GitHub does, without a token.</summary>
    private Task<Answer> SendAsync(GitHubHook hook, string? secret) =>
        Caller(null).SendAsync(() => hook.ToRequest(new Uri(Server.Url, "/hooks/github"), secret));
}
