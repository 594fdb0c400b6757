using Microsoft.AspNetCore.Http;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Tests.GitHub;

#pragma warning disable CA1001 // xunit disposes through IAsyncLifetime.
public sealed class PullRequestTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private GitHubFixture _hub = null!;

    public async Task InitializeAsync() => _hub = await GitHubFixture.StartAsync();

    public async Task DisposeAsync() => await _hub.DisposeAsync();

    [Fact]
    public async Task OpenPullRequestAsync_NewBranch_OpensItWithLabelsAsADraft()
    {
        var head = await _hub.PushAsync("a.md", "a");

        var opened = await _hub.OpenAsync(request => request with { Labels = ["quantapilot", "needs review"], Draft = true });

        Assert.Equal(new PullRequest(1, $"{_hub.Url}/pull/1", head), opened);
        var pull = _hub.Repository.PullRequest(1);
        Assert.Equal(
            ("M-001: Greeting", "What was done", GitHubFixture.Branch, "main", true),
            (pull.Title, pull.Body, pull.Head, pull.Base, pull.Draft));
        Assert.Equal(["quantapilot", "needs review"], pull.Labels);
        Assert.Equal(["needs review", "quantapilot"], _hub.Repository.Labels);
    }

    [Fact]
    public async Task OpenPullRequestAsync_Repeated_UpdatesTheOpenOne()
    {
        await _hub.PushAsync("a.md", "a");
        await _hub.OpenAsync(request => request with { Labels = ["quantapilot"] });
        var head = await _hub.PushAsync("b.md", "b");

        var again = await _hub.OpenAsync(request =>
            request with { Title = "Another title", Body = "More\r\nwas done", Labels = ["quantapilot", "second"] });

        Assert.Equal((1, head), (again.Number, again.HeadSha));
        var pull = Assert.Single(_hub.Repository.PullRequests);
        Assert.Equal(("Another title", "More\nwas done"), (pull.Title, pull.Body));
        Assert.Equal(["quantapilot", "second"], pull.Labels);
    }

    [Fact]
    public async Task OpenPullRequestAsync_NothingToUpdate_ChangesNothing()
    {
        await _hub.PushAsync("a.md", "a");
        await _hub.OpenAsync(request => request with { Labels = ["quantapilot"] });
        var before = _hub.GitHub.Requests.Count;
        await _hub.OpenAsync(request => request with { Labels = ["QuantaPilot"] });
        Assert.Equal(["GET /repos/acme/sample/pulls"], _hub.GitHub.Requests.Skip(before));
    }

    [Fact]
    public async Task OpenPullRequestAsync_AnswerLost_FindsWhatTheFirstTryOpened()
    {
        await _hub.PushAsync("a.md", "a");
        _hub.GitHub.LoseAnswer = context => context.Request.Method == "POST";
        var lost = await Assert.ThrowsAsync<StepException>(() => _hub.OpenAsync());
        Assert.Equal((ErrorCodes.RepositoryUnreachable, true), (lost.Code, lost.IsTransient));

        _hub.GitHub.LoseAnswer = _ => false;
        Assert.Equal(1, (await _hub.OpenAsync()).Number);
        Assert.Single(_hub.Repository.PullRequests);
    }

    [Fact]
    public async Task OpenPullRequestAsync_OpenedBySomebodyElseMeanwhile_TakesTheirs()
    {
        await _hub.PushAsync("a.md", "a");
        await _hub.OpenAsync();
        var asked = 0;
        _hub.GitHub.Intercept = async context =>
        {
            // The first look finds nothing, as if it had come a moment earlier.
            var isList = context.Request.Method == "GET" && context.Request.Path.Value!.EndsWith("/pulls", StringComparison.Ordinal);
            if (!isList || asked++ > 0) return false;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("[]");
            return true;
        };
        Assert.Equal(1, (await _hub.OpenAsync()).Number);
        Assert.Single(_hub.Repository.PullRequests);
    }

    [Fact]
    public async Task OpenPullRequestAsync_RepositoryWithoutDrafts_OpensItReady()
    {
        _hub.Repository.AllowsDrafts = false;
        await _hub.PushAsync("a.md", "a");
        Assert.Equal(1, (await _hub.OpenAsync(request => request with { Draft = true })).Number);
        Assert.False(_hub.Repository.PullRequest(1).Draft);
    }

    [Fact]
    public async Task OpenPullRequestAsync_NothingChanged_AddsAnEmptyCommitToReview()
    {
        await using (var checkout = await _hub.Forge.CheckoutAsync(_hub.Url, "main", null, GitHubFixture.Branch, default))
            await checkout.CommitAndPushAsync("M-001/1", "Nothing", default);

        var opened = await _hub.OpenAsync();

        Assert.Equal(_hub.Repository.Head(GitHubFixture.Branch), opened.HeadSha);
        var added = _hub.Repository.Git.Lines("log", "--format=%s", $"main..{GitHubFixture.Branch}");
        Assert.Equal(["M-001: Greeting: nothing to change"], added);
        var merged = await _hub.Forge.MergeAsync(_hub.Url, opened.Number, opened.HeadSha, MergeMethod.Squash, default);
        Assert.Equal(_hub.Repository.Head("main"), merged.MergeSha);
        Assert.Empty(_hub.Repository.Git.Git("diff", "main~1", "main"));
    }

    [Fact]
    public async Task OpenPullRequestAsync_TextsTooLongForGitHub_AreCut()
    {
        await _hub.PushAsync("a.md", "a");
        await _hub.OpenAsync(request => request with { Title = new string('t', 300), Body = new string('b', 70_000) });
        var pull = _hub.Repository.PullRequest(1);
        Assert.Equal((256, 65_000), (pull.Title.Length, pull.Body.Length));
    }

    [Fact]
    public async Task OpenPullRequestAsync_TargetIsGone_NamesIt()
    {
        await _hub.PushAsync("a.md", "a");
        var fault = await Assert.ThrowsAsync<StepException>(() => _hub.OpenAsync(request => request with { BaseBranch = "gone" }));
        Assert.Equal(ErrorCodes.BranchNotFound, fault.Code);
        Assert.Contains("'gone'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MarkReadyAsync_Draft_IsReadyHoweverOftenRepeated()
    {
        await _hub.PushAsync("a.md", "a");
        await _hub.OpenAsync(request => request with { Draft = true });
        await _hub.Forge.MarkReadyAsync(_hub.Url, 1, default);
        Assert.False(_hub.Repository.PullRequest(1).Draft);

        await _hub.Forge.MarkReadyAsync(_hub.Url, 1, default);
        Assert.Single(_hub.GitHub.Requests, request => request == "POST /api/graphql");
    }

    [Theory]
    [InlineData("FORBIDDEN", ErrorCodes.AuthenticationFailed, "Pull requests: read and write")]
    [InlineData("UNPROCESSABLE", ErrorCodes.PullRequestRefused, "not today")]
    public async Task MarkReadyAsync_Refused_SaysWhy(string type, string code, string words)
    {
        await _hub.PushAsync("a.md", "a");
        await _hub.OpenAsync(request => request with { Draft = true });
        _hub.GitHub.Intercept = async context =>
        {
            if (!context.Request.Path.Value!.EndsWith("graphql", StringComparison.Ordinal)) return false;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync($$"""{"data":null,"errors":[{"type":"{{type}}","message":"not today"}]}""");
            return true;
        };
        var fault = await Assert.ThrowsAsync<StepException>(() => _hub.Forge.MarkReadyAsync(_hub.Url, 1, default));
        Assert.Equal((code, false), (fault.Code, fault.IsTransient));
        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CommentAsync_SameKey_IsThereOnceWithItsLatestText()
    {
        await _hub.PushAsync("a.md", "a");
        await _hub.OpenAsync();
        foreach (var body in (string[])["Approved by **olga**", "Approved by **olga**", "Approved by **ivan**"])
            await _hub.Forge.CommentAsync(_hub.Url, 1, "gate:milestone--M-001", body, default);
        await _hub.Forge.CommentAsync(_hub.Url, 1, "gate:anchor", "Another", default);

        Assert.Equal(
            ["<!-- quantapilot gate%3Amilestone-%2DM-001 -->\nApproved by **ivan**", "<!-- quantapilot gate%3Aanchor -->\nAnother"],
            _hub.Repository.PullRequest(1).Comments.Select(comment => comment.Body));
        Assert.Single(_hub.GitHub.Requests, request => request.StartsWith("PATCH ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task CommentAsync_BehindManyOthers_IsFound()
    {
        await _hub.PushAsync("a.md", "a");
        await _hub.OpenAsync();
        for (var i = 0; i < 230; i++)
            _hub.Repository.PullRequest(1).Comments.Add(new() { Id = 10_000 + i, Body = $"> <!-- quantapilot k -->\n{i}" });
        await _hub.Forge.CommentAsync(_hub.Url, 1, "k", "one", default);
        await _hub.Forge.CommentAsync(_hub.Url, 1, "k", "two", default);
        Assert.Equal("<!-- quantapilot k -->\ntwo", _hub.Repository.PullRequest(1).Comments[230].Body);
        Assert.Equal(231, _hub.Repository.PullRequest(1).Comments.Count);
    }

    [Fact]
    public async Task DeleteBranchAsync_OnlyWhereItIsBelievedToStand()
    {
        var head = await _hub.PushAsync("a.md", "a");
        await _hub.Forge.DeleteBranchAsync(_hub.Url, GitHubFixture.Branch, new string('a', 40), default);
        Assert.Equal(head, _hub.Repository.Head(GitHubFixture.Branch));

        await _hub.Forge.DeleteBranchAsync(_hub.Url, GitHubFixture.Branch, head, default);
        Assert.Null(_hub.Repository.Head(GitHubFixture.Branch));
        await _hub.Forge.DeleteBranchAsync(_hub.Url, GitHubFixture.Branch, head, default);
    }

    [Fact]
    public async Task DeleteBranchAsync_KeptByARule_IsNoFault()
    {
        var head = await _hub.PushAsync("a.md", "a");
        _hub.GitHub.Intercept = context => context.Request.Method == "DELETE"
            ? Refuse(context, 422, "Repository rule violations found")
            : Task.FromResult(false);
        await _hub.Forge.DeleteBranchAsync(_hub.Url, GitHubFixture.Branch, head, default);
        Assert.Equal(head, _hub.Repository.Head(GitHubFixture.Branch));
    }

    internal static async Task<bool> Refuse(HttpContext context, int status, string message, params (string, string)[] headers)
    {
        await QuantaPilot.Testing.GitHub.FakeGitHub.RefuseAsync(context, status, message, headers);
        return true;
    }
}
