using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Tests.GitHub;

#pragma warning disable CA1001 // xunit disposes through IAsyncLifetime.
public sealed class GitHubMergeTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private GitHubFixture _hub = null!;

    public async Task InitializeAsync() => _hub = await GitHubFixture.StartAsync();

    public async Task DisposeAsync() => await _hub.DisposeAsync();

    [Theory]
    [InlineData(MergeMethod.Squash, "M-001: Greeting (#1)|Change by a person|Change by a person")]
    [InlineData(MergeMethod.Merge, "Merge pull request #1 from " + GitHubFixture.Branch)]
    [InlineData(MergeMethod.Rebase, "Write b.md|Write a.md|Change by a person|Change by a person")]
    public async Task MergeAsync_EachMethod_LandsOnTheTarget(MergeMethod method, string log)
    {
        await _hub.PushAsync("a.md", "a");
        var head = await _hub.PushAsync("b.md", "b");
        _hub.Repository.Git.Commit("main", ("other.md", "other"));
        await _hub.OpenAsync();

        var merged = await MergeAsync(head, method);

        Assert.Equal(new MergeOutcome(true, head, _hub.Repository.Head("main")), merged);
        var subjects = string.Join('|', _hub.Repository.Git.Lines("log", "--first-parent", "--format=%s", "main"));
        Assert.StartsWith(log, subjects, StringComparison.Ordinal);
        Assert.Equal(["README.md", "a.md", "b.md", "other.md"], _hub.Repository.Git.Lines("ls-tree", "-r", "--name-only", "main"));
    }

    [Fact]
    public async Task MergeAsync_AnswerLost_AnswersAsTheFirstTryWouldHave()
    {
        var head = await _hub.PushAsync("a.md", "a");
        await _hub.OpenAsync();
        _hub.GitHub.LoseAnswer = context => context.Request.Method == "PUT";
        var lost = await Assert.ThrowsAsync<StepException>(() => MergeAsync(head));
        Assert.True(lost.IsTransient);

        var merged = await MergeAsync(head);
        Assert.Equal(new MergeOutcome(true, head, _hub.Repository.Head("main")), merged);
        Assert.Equal(2, _hub.Repository.Git.Lines("log", "--format=%s", "main").Count);
        Assert.Single(_hub.GitHub.Requests, request => request.StartsWith("PUT ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task MergeAsync_HeadMoved_SaysWhereToAndMergesNothing()
    {
        var reviewed = await _hub.PushAsync("a.md", "a");
        await _hub.OpenAsync();
        var present = _hub.Repository.Git.PushOnTop(GitHubFixture.Branch);
        Assert.Equal(new MergeOutcome(false, present, null), await MergeAsync(reviewed));
        Assert.DoesNotContain(_hub.GitHub.Requests, request => request.StartsWith("PUT ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task MergeAsync_HeadMovesInBetween_GitHubItselfRefuses()
    {
        var reviewed = await _hub.PushAsync("a.md", "a");
        await _hub.OpenAsync();
        var present = "";
        _hub.GitHub.Intercept = context =>
        {
            if (context.Request.Method == "PUT") present = _hub.Repository.Git.PushOnTop(GitHubFixture.Branch);
            return Task.FromResult(false);
        };
        var outcome = await MergeAsync(reviewed);
        Assert.Equal(new MergeOutcome(false, present, null), outcome);
        Assert.Equal(["Change by a person"], _hub.Repository.Git.Lines("log", "--format=%s", "main"));
    }

    [Fact]
    public async Task MergeAsync_GitHubBehindItsOwnBranch_IsTriedAgainLater()
    {
        await _hub.PushAsync("a.md", "a");
        await _hub.OpenAsync();
        var old = _hub.Repository.PullRequest(1).HeadSha;
        var head = await _hub.PushAsync("b.md", "b");
        _hub.GitHub.Intercept = async context =>
        {
            if (!context.Request.Path.Value!.EndsWith("/pulls/1", StringComparison.Ordinal)) return false;
            context.Response.ContentType = "application/json";
            await using var writer = new StreamWriter(context.Response.Body);
            await writer.WriteAsync(
                $$$"""{"number":1,"state":"open","head":{"ref":"{{{GitHubFixture.Branch}}}","sha":"{{{old}}}"},"base":{"ref":"main"}}""");
            return true;
        };
        var fault = await Assert.ThrowsAsync<StepException>(() => MergeAsync(head));
        Assert.Equal((ErrorCodes.RepositoryUnreachable, true), (fault.Code, fault.IsTransient));
        Assert.Equal(TimeSpan.FromSeconds(5), fault.RetryAfter);
    }

    [Fact]
    public async Task MergeAsync_MergedByHand_AnswersItsCommit()
    {
        var head = await _hub.PushAsync("a.md", "a");
        await _hub.OpenAsync();
        var merge = _hub.Repository.MergeByHand(1);
        Assert.Equal(new MergeOutcome(true, head, merge), await MergeAsync(head));
    }

    [Fact]
    public async Task MergeAsync_AnotherHeadMergedByHand_AsksForItsReview()
    {
        var reviewed = await _hub.PushAsync("a.md", "a");
        await _hub.OpenAsync();
        var other = _hub.Repository.Git.PushOnTop(GitHubFixture.Branch);
        var merge = _hub.Repository.MergeByHand(1);
        Assert.Equal(new MergeOutcome(false, other, null), await MergeAsync(reviewed));
        Assert.Equal(new MergeOutcome(true, other, merge), await MergeAsync(other));
    }

    [Theory]
    [InlineData(MergeMethod.Squash)]
    [InlineData(MergeMethod.Rebase)]
    public async Task MergeAsync_Conflict_NamesTheFiles(MergeMethod method)
    {
        var head = await _hub.PushAsync("README.md", "one\n2\nthree\n");
        _hub.Repository.Git.Commit("main", ("README.md", "one\nzwei\nthree\n"));
        await _hub.OpenAsync();
        var fault = await Assert.ThrowsAsync<StepException>(() => MergeAsync(head, method));
        Assert.Equal((ErrorCodes.MergeConflict, false), (fault.Code, fault.IsTransient));
        Assert.Contains("conflicts with 'main' in README.md", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MergeAsync_MergeabilityUnknown_IsTriedAgainLater()
    {
        var head = await _hub.PushAsync("a.md", "a");
        await _hub.OpenAsync();
        _hub.Repository.UnknownMergeability = 3;
        var fault = await Assert.ThrowsAsync<StepException>(() => MergeAsync(head));
        Assert.Equal((ErrorCodes.RepositoryUnreachable, true), (fault.Code, fault.IsTransient));
        Assert.True((await MergeAsync(head)).Merged);
    }

    [Fact]
    public async Task MergeAsync_TargetMovesInBetween_IsTriedAgainLater()
    {
        var head = await _hub.PushAsync("a.md", "a");
        await _hub.OpenAsync();
        _hub.GitHub.Intercept = context => context.Request.Method == "PUT"
            ? PullRequestTests.Refuse(context, 405, "Base branch was modified. Review and try the merge again.")
            : Task.FromResult(false);
        var fault = await Assert.ThrowsAsync<StepException>(() => MergeAsync(head));
        Assert.Equal((ErrorCodes.RepositoryUnreachable, true), (fault.Code, fault.IsTransient));
    }

    [Fact]
    public async Task MergeAsync_RulesOfTheRepository_AreNamed()
    {
        var head = await _hub.PushAsync("a.md", "a");
        await _hub.OpenAsync();
        _hub.Repository.MergeMethods.Remove("squash");
        await RefusedAsync("by squash: Squash merges are not allowed on this repository.");
        _hub.Repository.MergeMethods.Add("squash");
        _hub.Repository.NeedsReview = true;
        await RefusedAsync("At least 1 approving review is required");
        _hub.Repository.NeedsReview = false;
        _hub.Repository.RequiredChecks.Add("build");
        await RefusedAsync("Required status check \"build\" is expected.");
        _hub.Repository.RequiredChecks.Clear();
        _hub.Repository.PullRequest(1).Draft = true;
        await RefusedAsync("Pull Request is still a draft");
        _hub.Repository.PullRequest(1).IsOpen = false;
        await RefusedAsync("closed pull request 1");

        async Task RefusedAsync(string words)
        {
            var fault = await Assert.ThrowsAsync<StepException>(() => MergeAsync(head));
            Assert.Equal((ErrorCodes.PullRequestRefused, false), (fault.Code, fault.IsTransient));
            Assert.Contains(words, fault.Message, StringComparison.Ordinal);
        }
    }

    private Task<MergeOutcome> MergeAsync(string head, MergeMethod method = MergeMethod.Squash) =>
        _hub.Forge.MergeAsync(_hub.Url, 1, head, method, default);
}
