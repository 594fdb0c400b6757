using QuantaPilot.Core.Ports;
using QuantaPilot.Integrations.Git;

namespace QuantaPilot.Integrations.Tests.Git;

/// <summary>Merges and pushes that are cancelled on the way.</summary>
#pragma warning disable CA1001 // xunit disposes through IAsyncLifetime.
public sealed class MergeCancelTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private readonly GitFixture _git = new();
    private GitHttpServer _server = null!;
    private string _target = "";
    private string _head = "";

    public async Task InitializeAsync()
    {
        _server = await GitHttpServer.StartAsync(Path.GetDirectoryName(_git.Bare)!);
        _git.Push("main", ("README.md", "one\ntwo\nthree\n"));
        _head = _git.Push("feature", [.. Enumerable.Range(0, 200).Select(i => ($"d{i % 10}/f{i}.md", $"{i}\n"))]);
        // So that there is something to merge.
        _target = _git.Push("main", ("other.md", "other\n"));
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _git.Dispose();
    }

    [Theory]
    [InlineData("http", ProgressKind.ReceivingObjects)]
    [InlineData("http", ProgressKind.PushingObjects)]
    [InlineData("file", ProgressKind.PushingObjects)]
    public async Task MergeAsync_CancelledDuringATransfer_LeavesTheTargetAsItWas(string scheme, ProgressKind phase)
    {
        using var cancel = new CancellationTokenSource();
        using var forge = Forge(new At(phase, cancel.Cancel));

        await AssertCancelledAsync(scheme, await OpenAsync(scheme), forge, cancel.Token);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("file")]
    public async Task MergeAsync_CancelledBetweenMergeAndPush_LeavesTheTargetAsItWas(string scheme)
    {
        using var cancel = new CancellationTokenSource();
        using var forge = Forge(NoProgress.Instance);
        var pull = await OpenAsync(scheme);
        _git.PullRequests.AfterMergeNoted = _ => cancel.Cancel();

        await AssertCancelledAsync(scheme, pull, forge, cancel.Token);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("file")]
    public async Task CommitAndPushAsync_CancelledDuringThePush_LeavesTheRemoteAsItWas(string scheme)
    {
        using var cancel = new CancellationTokenSource();
        using var forge = Forge(new At(ProgressKind.PushingObjects, cancel.Cancel));
        var checkout = await forge.CheckoutAsync(UrlOf(scheme), "main", null, GitFixture.WorkBranch, default);
        await using (checkout)
        {
            File.WriteAllText(Path.Combine(checkout.Directory, "new.md"), "new\n");

            var pushing = checkout.CommitAndPushAsync("documentation", "Something new", cancel.Token);

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pushing);
            Assert.Equal("", GitCommand.Run(_git.Bare, "branch", "--list", GitFixture.WorkBranch));

            // The step that is tried again pushes the commit that it has made.
            var pushed = await checkout.CommitAndPushAsync("documentation", "Something new", default);
            Assert.Equal(pushed.HeadSha, _git.RemoteHead(GitFixture.WorkBranch));
        }
        Assert.Empty(_git.TempEntries);
    }

    [Fact]
    public async Task MergeAsync_CancelledWhereNothingLooksAtIt_IsLetGoAfterASecondAndMovesNothing()
    {
        using var cancel = new CancellationTokenSource();
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var pull = await OpenAsync("file");
        // As libgit2 does while it merges: deaf, and the merge has been made when it listens again.
        _git.PullRequests.AfterMergeNoted = _ =>
        {
            entered.SetResult();
            held.Task.Wait();
        };
        var merging = _git.Forge.MergeAsync(UrlOf("file"), pull.Number, _head, MergeMethod.Merge, cancel.Token);
        await entered.Task;

        await cancel.CancelAsync();
        Assert.False(merging.IsCompleted);
        while (!merging.IsCompleted)
        {
            _git.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => merging);
        Assert.NotEmpty(_git.TempEntries);
        held.SetResult();
        while (_git.TempEntries.Count > 0) await Task.Yield();
        Assert.Equal(_target, _git.RemoteHead("main"));
    }

    private async Task AssertCancelledAsync(string scheme, PullRequest pull, GitForge forge, CancellationToken cancellationToken)
    {
        var merging = forge.MergeAsync(UrlOf(scheme), pull.Number, _head, MergeMethod.Merge, cancellationToken);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => merging);
        Assert.Equal(_target, _git.RemoteHead("main"));
        Assert.Empty(_git.TempEntries);

        // Nothing that it has left keeps another one from it.
        var merged = await forge.MergeAsync(UrlOf(scheme), pull.Number, _head, MergeMethod.Merge, default);
        Assert.Equal(new MergeOutcome(true, _head, _git.RemoteHead("main")), merged);
        GitCommand.Run(_git.Bare, "fsck", "--strict");
        Assert.Empty(_git.TempEntries);
    }

    private Task<PullRequest> OpenAsync(string scheme) =>
        _git.Forge.OpenPullRequestAsync(new PullRequestRequest(UrlOf(scheme), "feature", "main", "Title", "Body"), default);

    private string UrlOf(string scheme) => scheme == "file" ? _git.Url : $"{_server.Url}/project.git";

    private GitForge Forge(IStepProgress progress) => new(
        new GitForgeOptions { AllowedRepositories = ["file://*", "http://127.0.0.1:*"], TempRoot = _git.TempRoot },
        _git.PullRequests,
        TimeProvider.System,
        CheckedLogger.For<GitForge>(),
        progress: progress);

    /// <summary>Does something the first time that a phase is reported.</summary>
    private sealed class At(ProgressKind phase, Action act) : IStepProgress
    {
        private int _done;

        public void Report(ProgressKind doing, long done, long? total)
        {
            if (doing == phase && Interlocked.Exchange(ref _done, 1) == 0) act();
        }
    }
}
