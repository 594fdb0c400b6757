using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Git;

namespace QuantaPilot.Integrations.Tests.Git;

#pragma warning disable CA1001 // xunit disposes through IAsyncLifetime.
public sealed class HttpRemoteTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private readonly GitFixture _git = new();
    private GitHttpServer _server = null!;

    private string Url => _server.Url + "/project.git";

    public async Task InitializeAsync() => _server = await GitHttpServer.StartAsync(Path.GetDirectoryName(_git.Bare)!);

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _git.Dispose();
    }

    [Theory]
    [InlineData(MergeMethod.Squash)]
    [InlineData(MergeMethod.Merge)]
    [InlineData(MergeMethod.Rebase)]
    public async Task Forge_WholePath_LandsOnTheTarget(MergeMethod method)
    {
        for (var i = 0; i < 5; i++) _git.Push("main", ("README.md", $"hello {i}\n"));
        var initial = _git.RemoteHead("main");
        Assert.Equal(initial, await _git.Forge.ResolveAsync(Url, "main", default));

        string head;
        await using (var checkout = await _git.Forge.CheckoutAsync(Url, "main", null, GitFixture.WorkBranch, default))
        {
            Assert.Equal("hello 4\n", checkout.ReadText("README.md"));
            Assert.Equal("1", GitCommand.Run(checkout.Directory, "rev-list", "--count", "HEAD"));
            Assert.Empty(GitCommand.Run(checkout.Directory, "status", "--porcelain"));
            File.WriteAllText(Path.Combine(checkout.Directory, "new.md"), "new\n");
            head = (await checkout.CommitAndPushAsync("documentation", "Write", default)).HeadSha;
        }
        Assert.Equal(head, _git.RemoteHead(GitFixture.WorkBranch));
        _git.Push("main", ("other.md", "other\n"));

        var pull = await _git.Forge.OpenPullRequestAsync(
            new PullRequestRequest(Url, GitFixture.WorkBranch, "main", "Documentation", ""), default);
        var merged = await _git.Forge.MergeAsync(Url, pull.Number, head, method, default);
        Assert.Equal(new MergeOutcome(true, head, _git.RemoteHead("main")), merged);
        Assert.Equal("new", _git.RemoteFile("main", "new.md"));
        Assert.Equal("other", _git.RemoteFile("main", "other.md"));
        GitCommand.Run(_git.Bare, "fsck", "--strict");
        Assert.Empty(_git.TempEntries);
    }

    [Fact]
    public async Task CheckoutAsync_WorkBranch_KnowsItsBaseFromAShallowHistory()
    {
        for (var i = 0; i < 5; i++) _git.Push("main", ("README.md", $"hello {i}\n"));
        var initial = _git.RemoteHead("main");
        await using (var first = await _git.Forge.CheckoutAsync(Url, "main", null, GitFixture.WorkBranch, default))
        {
            foreach (var step in (string[])["one", "two", "three"])
            {
                File.WriteAllText(Path.Combine(first.Directory, step), step);
                await first.CommitAndPushAsync(step, "Do " + step, default);
            }
        }
        _git.Push("main", ("README.md", "moved on\n"));

        await using var second = await _git.Forge.CheckoutAsync(Url, "main", null, GitFixture.WorkBranch, default);
        Assert.Equal("2", GitCommand.Run(second.Directory, "rev-list", "--count", "HEAD"));
        Assert.Equal((initial, true), (second.BaseSha, second.ContinuesWorkBranch));
        Assert.True(second.HasCommitFor("one") && second.HasCommitFor("three"));
        Assert.False(second.HasCommitFor("four"));

        // A repeat finds the commit of its step, also one that is deeper than what was fetched, and makes no other.
        var head = _git.RemoteHead(GitFixture.WorkBranch);
        var again = await second.CommitAndPushAsync("one", "Do one", default);
        Assert.Equal(head, again.HeadSha);
        Assert.Equal(["one"], again.ChangedPaths);
        Assert.Equal(head, _git.RemoteHead(GitFixture.WorkBranch));
    }

    [Fact]
    public async Task CheckoutAsync_ForeignCommitOnTop_StillKnowsBaseAndSteps()
    {
        _git.PushMany("main", 60);
        var initial = _git.RemoteHead("main");
        await using (var first = await _git.Forge.CheckoutAsync(Url, "main", null, GitFixture.WorkBranch, default))
        {
            File.WriteAllText(Path.Combine(first.Directory, "a"), "a");
            await first.CommitAndPushAsync("one", "Do one", default);
        }
        var foreign = _git.Push(GitFixture.WorkBranch, ("b", "b"));
        _git.Push("main", ("c", "c"));

        await using var second = await _git.Forge.CheckoutAsync(Url, "main", null, GitFixture.WorkBranch, default);
        Assert.Equal((foreign, initial), (second.HeadSha, second.BaseSha));
        Assert.True(second.HasCommitFor("one"));
    }

    [Fact]
    public async Task CheckoutAsync_OlderCommit_IsFetchedDeeper()
    {
        var shas = _git.PushMany("main", 60);
        foreach (var index in (int[])[57, 2])
        {
            await using var checkout = await _git.Forge.CheckoutAsync(Url, "main", shas[index], null, default);
            Assert.Equal(shas[index], checkout.HeadSha);
            Assert.Equal($"{index}", File.ReadAllText(Path.Combine(checkout.Directory, "README.md")));
        }
    }

    [Fact]
    public async Task CheckoutAsync_CommitOfNoBranch_IsNamed()
    {
        _git.Push("main", ("a", "a"));
        var fault = await Assert.ThrowsAsync<StepException>(
            () => _git.Forge.CheckoutAsync(Url, "main", new string('a', 40), null, default));
        Assert.Equal(ErrorCodes.BranchNotFound, fault.Code);
        Assert.Empty(_git.TempEntries);
    }

    [Fact]
    public async Task MergeAsync_ForkPointDeeperThanWhatIsFetchedFirst_Merges()
    {
        _git.Push("main", ("a", "a"));
        await using (var checkout = await _git.Forge.CheckoutAsync(Url, "main", null, GitFixture.WorkBranch, default))
        {
            File.WriteAllText(Path.Combine(checkout.Directory, "b"), "b");
            await checkout.CommitAndPushAsync("one", "Do one", default);
        }
        _git.PushMany("main", 60);

        var pull = await _git.Forge.OpenPullRequestAsync(new PullRequestRequest(Url, GitFixture.WorkBranch, "main", "T", ""), default);
        var merged = await _git.Forge.MergeAsync(Url, pull.Number, pull.HeadSha, MergeMethod.Merge, default);
        Assert.Equal(_git.RemoteHead("main"), merged.MergeSha);
        Assert.Equal("b", _git.RemoteFile("main", "b"));
    }

    [Theory]
    [InlineData(401, ErrorCodes.AuthenticationFailed, false)]
    [InlineData(403, ErrorCodes.AuthenticationFailed, false)]
    [InlineData(404, ErrorCodes.RepositoryNotFound, false)]
    [InlineData(429, ErrorCodes.RepositoryUnreachable, true)]
    [InlineData(500, ErrorCodes.RepositoryUnreachable, true)]
    [InlineData(503, ErrorCodes.RepositoryUnreachable, true)]
    [InlineData(200, ErrorCodes.RepositoryNotFound, false)]
    public async Task ResolveAsync_ServerRefuses_SaysWhy(int status, string code, bool transient)
    {
        _server.Intercept = context =>
        {
            context.Response.StatusCode = status;
            return Task.FromResult(true);
        };
        var fault = await Assert.ThrowsAsync<StepException>(() => _git.Forge.ResolveAsync(Url, "main", default));
        Assert.Equal((code, transient), (fault.Code, fault.IsTransient));
        Assert.Contains(Url, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ResolveAsync_BasicAuthentication_UsesTheCredentialsOfTheHost()
    {
        _git.Push("main", ("a", "a"));
        var expected = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("x-access-token:s3cret"));
        _server.Intercept = context =>
        {
            if (context.Request.Headers.Authorization == expected) return Task.FromResult(false);
            context.Response.StatusCode = 401;
            return Task.FromResult(true);
        };
        var none = await Assert.ThrowsAsync<StepException>(() => _git.Forge.ResolveAsync(Url, "main", default));
        Assert.Contains("have none for it", none.Message, StringComparison.Ordinal);

        var wrong = _git.NewForge(options => options with { Credentials = [GitCredential.Token(_server.Url, "wr0ng")] });
        var refused = await Assert.ThrowsAsync<StepException>(() => wrong.ResolveAsync(Url, "main", default));
        Assert.Equal(ErrorCodes.AuthenticationFailed, refused.Code);
        Assert.DoesNotContain("wr0ng", refused.ToString(), StringComparison.Ordinal);

        var right = _git.NewForge(options => options with { Credentials = [GitCredential.Token(_server.Url + "/other", "wr0ng"), GitCredential.Token(_server.Url, "s3cret")] });
        Assert.Equal(_git.RemoteHead("main"), await right.ResolveAsync(Url, "main", default));
    }

    [Fact]
    public async Task ResolveAsync_NothingListens_IsTransient()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var fault = await Assert.ThrowsAsync<StepException>(() => _git.Forge.ResolveAsync($"http://127.0.0.1:{port}/a", "main", default));
        Assert.Equal((ErrorCodes.RepositoryUnreachable, true), (fault.Code, fault.IsTransient));
    }

    [Fact]
    public async Task CheckoutAsync_ServerHangs_EndsWhenCancelled()
    {
        _git.Push("main", ("a", "a"));
        var reached = new TaskCompletionSource();
        _server.Intercept = async context =>
        {
            if (context.Request.Method != "POST") return false;
            context.Response.ContentType = "application/x-git-upload-pack-result";
            await context.Response.Body.WriteAsync("00000008NAK\n"u8.ToArray());
            reached.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };
        using var cancel = new CancellationTokenSource();
        var checkout = _git.Forge.CheckoutAsync(Url, "main", null, null, cancel.Token);
        await reached.Task;
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => checkout);
        Assert.Empty(_git.TempEntries);
    }

    [Fact]
    public async Task CheckoutAsync_ServerSendsProgressWithoutEnd_EndsWhenCancelled()
    {
        _git.Push("main", ("a", "a"));
        var reached = new TaskCompletionSource();
        _server.Intercept = async context =>
        {
            if (context.Request.Method != "POST") return false;
            context.Response.ContentType = "application/x-git-upload-pack-result";
            await context.Response.Body.WriteAsync("00000008NAK\n"u8.ToArray());
            while (!context.RequestAborted.IsCancellationRequested)
            {
                // A packet of channel 2 of the side band: words for the person who waits.
                await context.Response.Body.WriteAsync("0013\u0002still counting"u8.ToArray());
                reached.TrySetResult();
            }
            return true;
        };
        using var cancel = new CancellationTokenSource();
        var checkout = _git.Forge.CheckoutAsync(Url, "main", null, null, cancel.Token);
        await reached.Task;
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => checkout);
        Assert.Empty(_git.TempEntries);
    }

    [Fact]
    public async Task ResolveAsync_ServerSilent_IsUnreachableAfterTheTimeout()
    {
        var reached = new TaskCompletionSource();
        _server.Intercept = async context =>
        {
            reached.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };
        var resolve = _git.Forge.ResolveAsync(Url, "main", default);
        await reached.Task;
        _git.Time.Advance(TimeSpan.FromMinutes(2));
        var fault = await Assert.ThrowsAsync<StepException>(() => resolve);
        Assert.Equal((ErrorCodes.RepositoryUnreachable, true), (fault.Code, fault.IsTransient));
        Assert.Contains("120 seconds", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CheckoutAsync_AnswerCutShort_IsTransientAndCleanedUp()
    {
        _git.Push("main", ("a", "a"));
        _server.Intercept = async context =>
        {
            if (context.Request.Method != "POST") return false;
            context.Response.ContentType = "application/x-git-upload-pack-result";
            await context.Response.Body.WriteAsync("00000008NAK\n"u8.ToArray());
            context.Abort();
            return true;
        };
        var fault = await Assert.ThrowsAsync<StepException>(() => _git.Forge.CheckoutAsync(Url, "main", null, null, default));
        Assert.Equal((ErrorCodes.RepositoryUnreachable, true), (fault.Code, fault.IsTransient));
        Assert.Empty(_git.TempEntries);
    }

    [Fact]
    public async Task ResolveAsync_Redirect_IsFollowedWherePolicyAllows()
    {
        _git.Push("main", ("a", "a"));
        _server.Intercept = context =>
        {
            if (!context.Request.Path.StartsWithSegments("/moved")) return Task.FromResult(false);
            context.Response.Redirect($"/project.git/info/refs{context.Request.QueryString}");
            return Task.FromResult(true);
        };
        Assert.Equal(_git.RemoteHead("main"), await _git.Forge.ResolveAsync(_server.Url + "/moved", "main", default));
        await using var checkout = await _git.Forge.CheckoutAsync(_server.Url + "/moved", "main", null, null, default);
        Assert.Equal("a", checkout.ReadText("a"));

        var narrow = _git.NewForge(options => options with { AllowedRepositories = [_server.Url + "/moved"] });
        var fault = await Assert.ThrowsAsync<StepException>(() => narrow.ResolveAsync(_server.Url + "/moved", "main", default));
        Assert.Equal(ErrorCodes.RepositoryNotAllowed, fault.Code);
    }

    [Fact]
    public async Task CommitAndPushAsync_HookDeclines_RepeatsTheRemotesWordsWithoutSecrets()
    {
        _git.Push("main", ("a", "a"));
        var hook = _git.AddHook("pre-receive", "echo 'no robots, s3cret' >&2; exit 1");
        var forge = _git.NewForge(options => options with { Credentials = [new GitCredential(_server.Url, "bot", "s3cret")] });

        await using var checkout = await forge.CheckoutAsync(Url, "main", null, GitFixture.WorkBranch, default);
        File.WriteAllText(Path.Combine(checkout.Directory, "b"), "b");
        var fault = await Assert.ThrowsAsync<StepException>(() => checkout.CommitAndPushAsync("one", "Do one", default));
        Assert.Equal((ErrorCodes.PushRefused, false), (fault.Code, fault.IsTransient));
        Assert.Contains("pre-receive hook declined", fault.Message, StringComparison.Ordinal);
        Assert.Contains("no robots, ***", fault.Message, StringComparison.Ordinal);
        Assert.Empty(GitCommand.Run(_git.Bare, "branch", "--list", GitFixture.WorkBranch));

        // The commit was made: once the hook lets it pass, a repeat pushes that one.
        File.Delete(hook);
        var head = checkout.HeadSha;
        Assert.Equal(head, (await checkout.CommitAndPushAsync("one", "Do one", default)).HeadSha);
        Assert.Equal(head, _git.RemoteHead(GitFixture.WorkBranch));
    }

    [Fact]
    public async Task CommitAndPushAsync_NoPermission_IsRefused()
    {
        _git.Push("main", ("a", "a"));
        GitCommand.Run(_git.Bare, "config", "http.receivepack", "false");
        await using var checkout = await _git.Forge.CheckoutAsync(Url, "main", null, GitFixture.WorkBranch, default);
        var fault = await Assert.ThrowsAsync<StepException>(() => checkout.CommitAndPushAsync("one", "Do one", default));
        Assert.Equal(ErrorCodes.PushRefused, fault.Code);
    }

    [Fact]
    public async Task CommitAndPushAsync_AnswerLost_RepeatFindsThePush()
    {
        _git.Push("main", ("a", "a"));
        await using var checkout = await _git.Forge.CheckoutAsync(Url, "main", null, GitFixture.WorkBranch, default);
        File.WriteAllText(Path.Combine(checkout.Directory, "b"), "b");
        _server.Intercept = context =>
        {
            if (context.Request.Method == "POST") context.Response.Body = new BrokenStream(context);
            return Task.FromResult(false);
        };
        var fault = await Assert.ThrowsAsync<StepException>(() => checkout.CommitAndPushAsync("one", "Do one", default));
        Assert.True(fault.IsTransient, fault.Message);
        var pushed = _git.RemoteHead(GitFixture.WorkBranch);

        _server.Intercept = _ => Task.FromResult(false);
        Assert.Equal(pushed, (await checkout.CommitAndPushAsync("one", "Do one", default)).HeadSha);
        await using var other = await _git.Forge.CheckoutAsync(Url, "main", null, GitFixture.WorkBranch, default);
        Assert.True(other.HasCommitFor("one"));
        Assert.Equal(pushed, other.HeadSha);
    }

    [Fact]
    public async Task ResolveAsync_EmptyRepository_IsNamed()
    {
        var fault = await Assert.ThrowsAsync<StepException>(() => _git.Forge.ResolveAsync(Url, "main", default));
        Assert.Equal(ErrorCodes.RepositoryEmpty, fault.Code);
    }

    /// <summary>Loses the answer after the request has been carried out.</summary>
    private sealed class BrokenStream(HttpContext context) : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            context.Abort();
            return ValueTask.CompletedTask;
        }
    }
}
