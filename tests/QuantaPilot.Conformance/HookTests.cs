using System.Net;

namespace QuantaPilot.Conformance;

/// <summary>Webhooks as GitHub sends them: to signed ones runs listen, to others nobody.</summary>
public sealed class HookTests : Scenario
{
    [HookFact]
    public async Task Hook_NotSignedOrWronglySigned_IsRefused()
    {
        var payload = new { zen = "Keep it logically awesome." };

        foreach (var secret in new[] { null, "a secret that is another" })
        {
            var answer = await GitHubSender.SendAsync(Admin, "ping", payload, secret);
            answer.ExpectProblem(HttpStatusCode.Unauthorized, "unauthenticated");
            Assert.Equal("HubSignature", Assert.Single(answer.Headers.WwwAuthenticate).Scheme);
        }

        var pong = (await GitHubSender.SendAsync(Caller(null), "ping", payload)).Expect(HttpStatusCode.OK);
        Assert.Equal("pong", pong.Text("result"));
    }

    [HookFact]
    public async Task Hook_OfAnUnknownKindOrRepository_IsTakenAndIgnored()
    {
        var run = await StartWaitingAsync();
        var elsewhere = await ServeAsync();

        await AssertTakenAsync("ignored", 0, "star", new { action = "created", repository = new { clone_url = run.Remote.Url } });
        await AssertTakenAsync("ignored", 0, "push", GitHubSender.Push(elsewhere, run.DocumentationBranch, new string('a', 40)));
        await AssertTakenAsync("ignored", 0, "push", GitHubSender.Push(run.Remote, "a-branch-of-nobody", new string('a', 40)));
        await AssertTakenAsync("ignored", 0, "issue_comment", GitHubSender.Comment(run.Remote, 1, "stranger", "/reject I say so"));
        (await GitHubSender.SendAsync(Admin, "push", "{ not json")).ExpectProblem(HttpStatusCode.BadRequest, "invalid_request");

        Assert.Equal("pending", (await run.GateAsync()).Text("status"));
    }

    [HookFact]
    public async Task Hook_OfAPushToWhatIsUnderReview_WithdrawsTheGateAndAsksForTheNewHead()
    {
        var run = await StartWaitingAsync();
        var pushed = run.Remote.Repository.PushOnTop(run.DocumentationBranch);

        await AssertTakenAsync("accepted", 1, "push", GitHubSender.Push(run.Remote, run.DocumentationBranch, pushed));

        var again = await run.UntilAskedAsync(after: 3);
        Assert.Equal(pushed, again.GetProperty("review").Text("head_sha"));
    }

    [HookFact]
    public async Task Hook_OfACommentByAnApprover_IsAVote()
    {
        var run = await StartWaitingAsync();
        var head = (await run.GateAsync()).GetProperty("review").Text("head_sha");
        var comment = GitHubSender.Comment(run.Remote, 1, GitHubSender.Approver, $"/approve {head[..12]} reads well");

        var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => GitHubSender.SendAsync(Admin, "issue_comment", comment)));

        Assert.All(answers, answer => answer.Expect(HttpStatusCode.Accepted));
        await run.UntilEndAsync("completed");
        var vote = Assert.Single((await run.GateAsync()).Items("votes"));
        Assert.Equal("reads well", vote.Text("reason"));
        Assert.Contains(GitHubSender.Approver, vote.Text("by"), StringComparison.Ordinal);
        Assert.True((await run.OnlyAsync("gate_decision")).GetProperty("approved").GetBoolean());
    }

    private async Task AssertTakenAsync(string result, int runs, string kind, object payload)
    {
        var answer = (await GitHubSender.SendAsync(Caller(null), kind, payload)).Expect(HttpStatusCode.Accepted);
        Assert.Equal((result, runs), (answer.Text("result"), answer.GetProperty("runs").GetInt32()));
    }
}
