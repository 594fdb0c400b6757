using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Tests.Git;

public sealed class MergeTests : IDisposable
{
    private readonly GitFixture _git = new();

    public MergeTests() => _git.Push("main", ("README.md", "one\ntwo\nthree\n"));

    public void Dispose() => _git.Dispose();

    [Theory]
    [InlineData(MergeMethod.Squash, "Title (#1)\nChange other.md\nChange README.md")]
    [InlineData(MergeMethod.Merge, "Merge pull request #1 from feature/a")]
    [InlineData(MergeMethod.Rebase, "Change b.md\nChange a.md\nChange other.md\nChange README.md")]
    public async Task MergeAsync_TargetMovedOn_MergesOntoItsHead(MergeMethod method, string log)
    {
        _git.Push("feature/a", ("a.md", "a\n"));
        var head = _git.Push("feature/a", ("b.md", "b\n"));
        _git.Push("main", ("other.md", "other\n"));
        var pull = await OpenAsync("feature/a");

        var merged = await _git.Forge.MergeAsync(_git.Url, pull.Number, head, method, default);
        Assert.Equal(new MergeOutcome(true, head, _git.RemoteHead("main")), merged);
        Assert.StartsWith(log, _git.RemoteLog("main"), StringComparison.Ordinal);
        Assert.Equal("README.md\na.md\nb.md\nother.md", GitCommand.Run(_git.Bare, "ls-tree", "-r", "--name-only", "main"));
        Assert.Equal(
            "2026-05-06T07:08:09Z",
            GitCommand.Run(_git.Bare, "log", "-1", "--format=%cI", "main").Replace("+00:00", "Z", StringComparison.Ordinal));
        GitCommand.Run(_git.Bare, "fsck", "--strict");
        Assert.Empty(_git.TempEntries);
    }

    [Fact]
    public async Task MergeAsync_RebaseOntoItsBase_KeepsTheReviewedCommits()
    {
        var head = _git.Push("feature", ("a.md", "a\n"));
        var pull = await OpenAsync("feature");
        var merged = await _git.Forge.MergeAsync(_git.Url, pull.Number, head, MergeMethod.Rebase, default);
        Assert.Equal(new MergeOutcome(true, head, head), merged);
        Assert.Equal(head, _git.RemoteHead("main"));
    }

    [Fact]
    public async Task MergeAsync_Conflict_NamesTheFiles()
    {
        var head = _git.Push("feature", ("README.md", "one\n2\nthree\n"), ("b.md", "x\n"));
        var before = _git.Push("main", ("README.md", "one\nzwei\nthree\n"), ("b.md", "y\n"));
        var pull = await OpenAsync("feature");
        foreach (var method in Enum.GetValues<MergeMethod>())
        {
            var fault = await Assert.ThrowsAsync<StepException>(() => _git.Forge.MergeAsync(_git.Url, pull.Number, head, method, default));
            Assert.Equal(ErrorCodes.MergeConflict, fault.Code);
            Assert.Contains("README.md, b.md", fault.Message, StringComparison.Ordinal);
        }
        Assert.Equal(before, _git.RemoteHead("main"));
        Assert.Empty(_git.TempEntries);
    }

    [Fact]
    public async Task MergeAsync_HeadMoved_AnswersTheNewHead()
    {
        var reviewed = _git.Push("feature", ("a.md", "a\n"));
        var pull = await OpenAsync("feature");
        var before = _git.RemoteHead("main");
        var moved = _git.Push("feature", ("a.md", "b\n"));
        Assert.Equal(
            new MergeOutcome(false, moved, null),
            await _git.Forge.MergeAsync(_git.Url, pull.Number, reviewed, MergeMethod.Squash, default));
        Assert.Equal(before, _git.RemoteHead("main"));
    }

    [Fact]
    public async Task MergeAsync_WithoutChanges_IsMergedAsItIs()
    {
        await using (var checkout = await _git.Forge.CheckoutAsync(_git.Url, "main", null, GitFixture.WorkBranch, default))
        {
            var pushed = await checkout.CommitAndPushAsync("one", "Nothing", default);
            Assert.Equal((_git.RemoteHead("main"), 0), (pushed.HeadSha, pushed.ChangedPaths.Count));
        }
        var pull = await OpenAsync(GitFixture.WorkBranch);
        var target = _git.Push("main", ("other.md", "x\n"));
        Assert.Equal(
            new MergeOutcome(true, pull.HeadSha, target),
            await _git.Forge.MergeAsync(_git.Url, pull.Number, pull.HeadSha, MergeMethod.Squash, default));
        Assert.Equal(target, _git.RemoteHead("main"));
    }

    [Theory]
    [InlineData(MergeMethod.Squash)]
    [InlineData(MergeMethod.Merge)]
    [InlineData(MergeMethod.Rebase)]
    public async Task MergeAsync_RepeatedAfterItWentThrough_AnswersAsTheFirst(MergeMethod method)
    {
        var head = _git.Push("feature", ("a.md", "a\n"));
        _git.Push("main", ("other.md", "x\n"));
        var pull = await OpenAsync("feature");
        var first = await _git.Forge.MergeAsync(_git.Url, pull.Number, head, method, default);
        var later = _git.Push("main", ("a.md", "changed since\n"));

        _git.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(first, await _git.NewForge().MergeAsync(_git.Url, pull.Number, head, method, default));
        Assert.Equal(later, _git.RemoteHead("main"));
    }

    [Fact]
    public async Task MergeAsync_CrashBeforeThePush_RepeatPushesOnce()
    {
        var head = _git.Push("feature", ("a.md", "a\n"));
        var pull = await OpenAsync("feature");
        _git.PullRequests.AfterMergeNoted = _ => throw new InvalidOperationException("crash");
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _git.Forge.MergeAsync(_git.Url, pull.Number, head, MergeMethod.Squash, default));
        Assert.Equal("Change README.md", _git.RemoteLog("main"));

        _git.PullRequests.AfterMergeNoted = null;
        _git.Time.Advance(TimeSpan.FromHours(1));
        var merged = await _git.NewForge().MergeAsync(_git.Url, pull.Number, head, MergeMethod.Squash, default);
        Assert.Equal(new MergeOutcome(true, head, _git.RemoteHead("main")), merged);
        Assert.Equal("Title (#1)\nChange README.md", _git.RemoteLog("main"));
    }

    [Fact]
    public async Task MergeAsync_TargetMovesBeforeThePush_TriesAgain()
    {
        var head = _git.Push("feature", ("a.md", "a\n"));
        var pull = await OpenAsync("feature");
        _git.PullRequests.AfterMergeNoted = _ =>
        {
            _git.PullRequests.AfterMergeNoted = null;
            _git.Push("main", ("other.md", "x\n"));
        };
        var merged = await _git.Forge.MergeAsync(_git.Url, pull.Number, head, MergeMethod.Squash, default);
        Assert.Equal(_git.RemoteHead("main"), merged.MergeSha);
        Assert.Equal("Title (#1)\nChange other.md\nChange README.md", _git.RemoteLog("main"));
    }

    [Fact]
    public async Task MergeAsync_ManyAtOnce_AllLand()
    {
        var pulls = new List<PullRequest>();
        var initial = _git.RemoteHead("main");
        for (var i = 0; i < 4; i++)
        {
            GitCommand.Run(_git.Clone, "checkout", "--quiet", "-B", $"feature-{i}", initial);
            GitCommand.Run(_git.Clone, "push", "--quiet", "origin", $"feature-{i}");
            _git.Push($"feature-{i}", ($"{i}.md", "x\n"));
            pulls.Add(await OpenAsync($"feature-{i}"));
        }
        var outcomes = await Task.WhenAll(
            pulls.Select(pull => _git.Forge.MergeAsync(_git.Url, pull.Number, pull.HeadSha, MergeMethod.Squash, default)));
        Assert.All(outcomes, outcome => Assert.True(outcome.Merged));
        Assert.Equal("0.md\n1.md\n2.md\n3.md\nREADME.md", GitCommand.Run(_git.Bare, "ls-tree", "--name-only", "main"));
        Assert.Equal("5", GitCommand.Run(_git.Bare, "rev-list", "--count", "main"));
    }

    [Fact]
    public async Task MergeAsync_UnrelatedHistories_IsAConflict()
    {
        _git.PushTree("feature", ("100644", "blob", _git.Blob("x"), "x"u8.ToArray()));
        var pull = await OpenAsync("feature");
        var fault = await Assert.ThrowsAsync<StepException>(
            () => _git.Forge.MergeAsync(_git.Url, pull.Number, pull.HeadSha, MergeMethod.Merge, default));
        Assert.Equal(ErrorCodes.MergeConflict, fault.Code);
    }

    [Fact]
    public async Task MergeAsync_UnknownNumber_IsNamed()
    {
        var fault = await Assert.ThrowsAsync<StepException>(
            () => _git.Forge.MergeAsync(_git.Url, 7, new string('a', 40), MergeMethod.Merge, default));
        Assert.Equal(ErrorCodes.NotFound, fault.Code);
    }

    private Task<PullRequest> OpenAsync(string branch) =>
        _git.Forge.OpenPullRequestAsync(new PullRequestRequest(_git.Url, branch, "main", "Title", "Body"), default);
}
