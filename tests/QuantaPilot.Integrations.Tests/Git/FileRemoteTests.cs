using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Git.Remotes;

namespace QuantaPilot.Integrations.Tests.Git;

public sealed class FileRemoteTests : IDisposable
{
    private readonly GitFixture _git = new();

    public void Dispose() => _git.Dispose();

    [Fact]
    public async Task Forge_WholePath_LandsOnTheTarget()
    {
        var initial = _git.Push("main", ("README.md", "hello\n"));
        Assert.Equal(initial, await _git.Forge.ResolveAsync(_git.Url, "main", default));

        string head;
        await using (var checkout = await _git.Forge.CheckoutAsync(_git.Url, "main", null, GitFixture.WorkBranch, default))
        {
            Assert.Equal("hello\n", File.ReadAllText(Path.Combine(checkout.Directory, "README.md")));
            Assert.Equal((initial, initial, false), (checkout.HeadSha, checkout.BaseSha, checkout.ContinuesWorkBranch));
            Directory.CreateDirectory(Path.Combine(checkout.Directory, "docs"));
            File.WriteAllText(Path.Combine(checkout.Directory, "docs", "ANCHOR.md"), "# Anchor\n");
            var pushed = await checkout.CommitAndPushAsync("documentation", "Write the documentation", default);
            Assert.Equal(["docs/ANCHOR.md"], pushed.ChangedPaths);
            head = pushed.HeadSha;
        }
        Assert.Equal(head, _git.RemoteHead(GitFixture.WorkBranch));

        var request = new PullRequestRequest(_git.Url, GitFixture.WorkBranch, "main", "Documentation", "What it is");
        var pull = await _git.Forge.OpenPullRequestAsync(request, default);
        Assert.Equal(new PullRequest(1, null, head), pull);

        var merged = await _git.Forge.MergeAsync(_git.Url, 1, head, MergeMethod.Squash, default);
        Assert.Equal(new MergeOutcome(true, head, _git.RemoteHead("main")), merged);
        Assert.Equal("# Anchor", _git.RemoteFile("main", "docs/ANCHOR.md"));
        Assert.Equal("Documentation (#1)\nChange README.md", _git.RemoteLog("main"));
        GitCommand.Run(_git.Bare, "fsck", "--strict");
        Assert.Empty(_git.TempEntries);
    }

    [Theory]
    [InlineData("missing", ErrorCodes.BranchNotFound)]
    [InlineData("", ErrorCodes.BranchNotFound)]
    [InlineData("..", ErrorCodes.BranchNotFound)]
    [InlineData("../../HEAD", ErrorCodes.BranchNotFound)]
    [InlineData("--upload-pack=id", ErrorCodes.BranchNotFound)]
    [InlineData("a b", ErrorCodes.BranchNotFound)]
    [InlineData("a~1", ErrorCodes.BranchNotFound)]
    [InlineData("main:evil", ErrorCodes.BranchNotFound)]
    [InlineData("main\n", ErrorCodes.BranchNotFound)]
    [InlineData("*", ErrorCodes.BranchNotFound)]
    public async Task ResolveAsync_BranchThatIsNone_IsNotFound(string branch, string code)
    {
        _git.Push("main", ("a", "a"));
        var fault = await Assert.ThrowsAsync<StepException>(() => _git.Forge.ResolveAsync(_git.Url, branch, default));
        Assert.Equal((code, false), (fault.Code, fault.IsTransient));
    }

    [Fact]
    public async Task ResolveAsync_BranchWithSlashes_IsFound()
    {
        var sha = _git.Push("release/2026/x", ("a", "a"));
        Assert.Equal(sha, await _git.Forge.ResolveAsync(_git.Url, "release/2026/x", default));
    }

    [Fact]
    public async Task ResolveAsync_RepositoryFaults_AreTold()
    {
        async Task<string> CodeOf(string url) =>
            (await Assert.ThrowsAsync<StepException>(() => _git.Forge.ResolveAsync(url, "main", default))).Code;
        Assert.Equal(ErrorCodes.RepositoryEmpty, await CodeOf(_git.Url));
        Assert.Equal(ErrorCodes.RepositoryNotFound, await CodeOf("file://" + _git.Root + "/nowhere"));
        Assert.Equal(ErrorCodes.RepositoryNotFound, await CodeOf("file://" + _git.Root));
        Assert.Equal(ErrorCodes.RepositoryNotAllowed, await CodeOf("https://example.com/a"));
        Assert.Equal(ErrorCodes.RepositoryNotAllowed, await CodeOf("ssh://git@example.com/a"));

        GitCommand.Run(_git.Root, "init", "--quiet", "--object-format=sha256", "sha256");
        Assert.Equal(ErrorCodes.RepositoryUnreachable, await CodeOf("file://" + _git.Root + "/sha256"));
        _git.Push("main", ("a", "a"));
        GitCommand.Run(_git.Bare, "worktree", "add", "--quiet", Path.Combine(_git.Root, "linked"), "main");
        Assert.Equal(ErrorCodes.RepositoryNotAllowed, await CodeOf("file://" + _git.Root + "/linked"));
    }

    [Fact]
    public async Task CheckoutAsync_OwnedObjectsMissing_IsDamaged()
    {
        _git.Push("main", ("a", "some text"));
        var blob = GitCommand.Run(_git.Bare, "rev-parse", "main:a");
        File.Delete(Path.Combine(_git.Bare, "objects", blob[..2], blob[2..]));
        var fault = await Assert.ThrowsAsync<StepException>(() => _git.Forge.CheckoutAsync(_git.Url, "main", null, null, default));
        Assert.Equal((ErrorCodes.RepositoryUnreachable, false), (fault.Code, fault.IsTransient));
        Assert.Empty(_git.TempEntries);
    }

    [Fact]
    public async Task CheckoutAsync_Cancelled_LeavesNothing()
    {
        _git.Push("main", ("a", "a"));
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _git.Forge.CheckoutAsync(_git.Url, "main", null, null, cancel.Token));
        Assert.Empty(_git.TempEntries);
    }

    [Fact]
    public async Task CommitAndPushAsync_GuardHook_IsRefusedBecauseItCannotBeAsked()
    {
        _git.Push("main", ("a", "a"));
        _git.AddHook("pre-receive", "exit 1");
        await using var checkout = await _git.Forge.CheckoutAsync(_git.Url, "main", null, GitFixture.WorkBranch, default);
        var fault = await Assert.ThrowsAsync<StepException>(() => checkout.CommitAndPushAsync("one", "One", default));
        Assert.Equal(ErrorCodes.PushRefused, fault.Code);
        Assert.Contains("pre-receive", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CommitAndPushAsync_SomebodyElsePushedToTheBranch_IsRefusedAndARepeatGoesOnFromThere()
    {
        _git.Push("main", ("a", "a"));
        await using var checkout = await _git.Forge.CheckoutAsync(_git.Url, "main", null, GitFixture.WorkBranch, default);
        var other = _git.Push(GitFixture.WorkBranch, ("b", "b"));
        File.WriteAllText(Path.Combine(checkout.Directory, "c"), "c");
        var fault = await Assert.ThrowsAsync<StepException>(() => checkout.CommitAndPushAsync("one", "One", default));
        Assert.Equal((ErrorCodes.PushRefused, true), (fault.Code, fault.IsTransient));
        Assert.Equal(other, _git.RemoteHead(GitFixture.WorkBranch));

        await using var again = await _git.Forge.CheckoutAsync(_git.Url, "main", null, GitFixture.WorkBranch, default);
        File.WriteAllText(Path.Combine(again.Directory, "c"), "c");
        await again.CommitAndPushAsync("one", "One", default);
        Assert.Equal(other, GitCommand.Run(_git.Bare, "rev-parse", GitFixture.WorkBranch + "^"));
    }

    [Fact]
    public void CleanLeftovers_LockOfAProcessThatWasKilled_IsTakenAway()
    {
        var initial = _git.Push("main", ("a", "a"));
        var main = Path.Combine(_git.Bare, "refs", "heads", "main");
        Directory.CreateDirectory(_git.TempRoot);
        Assert.NotNull(ReferenceLock.TryTake(_git.TempRoot, _git.Bare, main, initial));
        Assert.True(File.Exists(main + ".lock"));

        _git.NewForge().CleanLeftovers();

        Assert.False(File.Exists(main + ".lock"));
        Assert.Empty(_git.TempEntries);
        Assert.Equal(initial, _git.RemoteHead("main"));
    }

    [Fact]
    public async Task CommitAndPushAsync_BranchLockedByAnother_IsRefusedAndTheLockStays()
    {
        _git.Push("main", ("a", "a"));
        var other = Path.Combine(_git.Bare, "refs", "heads", GitFixture.WorkBranch + ".lock");
        Directory.CreateDirectory(Path.GetDirectoryName(other)!);
        File.WriteAllText(other, "");
        await using (var checkout = await _git.Forge.CheckoutAsync(_git.Url, "main", null, GitFixture.WorkBranch, default))
        {
            var fault = await Assert.ThrowsAsync<StepException>(() => checkout.CommitAndPushAsync("one", "One", default));
            Assert.Equal(ErrorCodes.PushRefused, fault.Code);
            Assert.Contains("locked by another git process", fault.Message, StringComparison.Ordinal);
        }

        // Also what is noted is taken away only if it is what was noted.
        Directory.CreateDirectory(_git.TempRoot);
        var held = Path.Combine(_git.Bare, "refs", "heads", "main");
        Assert.NotNull(ReferenceLock.TryTake(_git.TempRoot, _git.Bare, held, _git.RemoteHead("main")));
        File.WriteAllText(held + ".lock", "somebody else's\n");
        _git.NewForge().CleanLeftovers();

        Assert.True(File.Exists(other) && File.Exists(held + ".lock"));
    }

    [Fact]
    public async Task CommitAndPushAsync_BranchInTheWayOfItsName_IsRefused()
    {
        _git.Push("main", ("a", "a"));
        _git.Push("quantapilot", ("b", "b"));
        GitCommand.Run(_git.Bare, "pack-refs", "--all");
        await using var checkout = await _git.Forge.CheckoutAsync(_git.Url, "main", null, GitFixture.WorkBranch, default);
        var fault = await Assert.ThrowsAsync<StepException>(() => checkout.CommitAndPushAsync("one", "One", default));
        Assert.Equal(ErrorCodes.PushRefused, fault.Code);
        Assert.Contains("refs/heads/quantapilot", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forge_NonBareRemote_TakesBranchesButNotTheCheckedOutOne()
    {
        _git.Push("main", ("a", "a"));
        var url = "file://" + _git.Clone;
        string head;
        await using (var checkout = await _git.Forge.CheckoutAsync(url, "main", null, GitFixture.WorkBranch, default))
        {
            File.WriteAllText(Path.Combine(checkout.Directory, "b"), "b");
            head = (await checkout.CommitAndPushAsync("one", "One", default)).HeadSha;
        }
        Assert.Equal(head, GitCommand.Run(_git.Clone, "rev-parse", GitFixture.WorkBranch));
        Assert.Empty(GitCommand.Run(_git.Clone, "status", "--porcelain"));

        var pull = await _git.Forge.OpenPullRequestAsync(new PullRequestRequest(url, GitFixture.WorkBranch, "main", "T", ""), default);
        var fault = await Assert.ThrowsAsync<StepException>(
            () => _git.Forge.MergeAsync(url, pull.Number, head, MergeMethod.Squash, default));
        Assert.Equal(ErrorCodes.PushRefused, fault.Code);
        Assert.Contains("checked out", fault.Message, StringComparison.Ordinal);

        GitCommand.Run(_git.Clone, "checkout", "--quiet", "--detach");
        var merged = await _git.Forge.MergeAsync(url, pull.Number, head, MergeMethod.Squash, default);
        Assert.Equal(merged.MergeSha, GitCommand.Run(_git.Clone, "rev-parse", "main"));
    }

    [Fact]
    public async Task CommitAndPushAsync_RepeatedAfterAKilledTry_MakesTheSameCommitOnce()
    {
        _git.Push("main", ("a", "a"));
        async Task<string> Step()
        {
            await using var checkout = await _git.Forge.CheckoutAsync(_git.Url, "main", null, GitFixture.WorkBranch, default);
            if (!checkout.HasCommitFor("one")) File.WriteAllText(Path.Combine(checkout.Directory, "b"), "b");
            var pushed = await checkout.CommitAndPushAsync("one", "One", default);
            Assert.Equal(["b"], pushed.ChangedPaths);
            return pushed.HeadSha;
        }
        var first = await Step();
        GitCommand.Run(_git.Bare, "branch", "-D", GitFixture.WorkBranch);
        Assert.Equal(first, await Step());

        _git.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(first, await Step());
    }

    [Fact]
    public async Task CheckoutAsync_TrailersOfAnEarlierRunOnTheTarget_AreNotItsOwn()
    {
        _git.Push("main", ("a", "a"));
        await using (var checkout = await _git.Forge.CheckoutAsync(_git.Url, "main", null, GitFixture.WorkBranch, default))
        {
            File.WriteAllText(Path.Combine(checkout.Directory, "b"), "b");
            var pushed = await checkout.CommitAndPushAsync("documentation", "One", default);
            GitCommand.Run(_git.Bare, "update-ref", "refs/heads/main", pushed.HeadSha);
        }
        const string Later = "quantapilot/fedcba9876543210fedcba9876543210/documentation";
        await using (var first = await _git.Forge.CheckoutAsync(_git.Url, "main", null, Later, default)) await first.CommitAndPushAsync("documentation", "Two", default);
        await using var second = await _git.Forge.CheckoutAsync(_git.Url, "main", null, Later, default);
        Assert.False(second.HasCommitFor("documentation"));
        Assert.Equal((_git.RemoteHead("main"), true), (second.BaseSha, second.ContinuesWorkBranch));
    }

    [Fact]
    public async Task CleanLeftovers_AfterAKill_RemovesReadOnlyDirectoriesAndFollowsNoLink()
    {
        _git.Push("main", ("a", "a"));
        var outside = Path.Combine(_git.Root, "outside");
        Directory.CreateDirectory(outside);
        File.WriteAllText(Path.Combine(outside, "kept"), "x");
        var abandoned = await _git.Forge.CheckoutAsync(_git.Url, "main", null, null, default);
        var locked = Directory.CreateDirectory(Path.Combine(abandoned.Directory, "cache", "locked")).FullName;
        File.WriteAllText(Path.Combine(locked, "file"), "x");
        File.CreateSymbolicLink(Path.Combine(abandoned.Directory, "link"), outside);
        Directory.CreateSymbolicLink(Path.Combine(_git.TempRoot, "link"), outside);
        File.WriteAllText(Path.Combine(_git.TempRoot, "half.request"), "x");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(locked, UnixFileMode.UserRead);

        _git.NewForge().CleanLeftovers();
        Assert.Empty(_git.TempEntries);
        Assert.True(File.Exists(Path.Combine(outside, "kept")));
    }

    [Fact]
    public async Task ReadText_BinaryFile_IsNoFault()
    {
        File.WriteAllBytes(Path.Combine(_git.Clone, "image.png"), [0, 1, 2, 0xff, 0xfe]);
        _git.Push("main");
        await using var checkout = await _git.Forge.CheckoutAsync(_git.Url, "main", null, GitFixture.WorkBranch, default);
        Assert.NotNull(checkout.ReadText("image.png"));
        Assert.Equal([0, 1, 2, 0xff, 0xfe], File.ReadAllBytes(Path.Combine(checkout.Directory, "image.png")));
        Assert.Empty((await checkout.CommitAndPushAsync("one", "Nothing", default)).ChangedPaths);
    }
}
