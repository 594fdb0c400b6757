using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace QuantaPilot.EndToEnd;

/// <summary>Runs over repositories behind a real git server, with what only such a server can do.</summary>
public sealed class HttpRemoteTests : IClassFixture<HttpRemoteTests.Fixture>
{
    /// <summary>Far less than the two minutes after which a silent remote counts as unreachable.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    private readonly Fixture _fixture;

    public HttpRemoteTests(Fixture fixture) => _fixture = fixture;

    private QpClient Client => _fixture.Client;

    [Fact]
    public async Task Run_WorkBranchRefusedByAHook_FailsSayingWhatTheHookSaid()
    {
        var repository = Repository();
        repository.AddHook("pre-receive", "echo 'no robots here' >&2; exit 1");

        var runId = await Client.StartRunAsync(_fixture.Remote.UrlOf(repository));

        AssertRefused(await Client.WaitForEndAsync(runId).WaitAsync(Soon), $"quantapilot/{runId}/documentation", "no robots here");
        Assert.Equal(["run_started", "run_failed"], await Client.ReadLogNamesAsync(runId));
        Assert.Equal(["main"], repository.Lines("branch", "--format=%(refname:short)"));
    }

    [Fact]
    public async Task Run_TargetRefusedByAHook_FailsAfterTheApproval()
    {
        var repository = Repository();
        repository.AddHook("update", "case $1 in refs/heads/main) echo 'main is frozen' >&2; exit 1;; esac");
        var before = repository.Git("rev-parse", "main");

        var runId = await Client.StartRunAsync(_fixture.Remote.UrlOf(repository));
        await Client.WaitForEventAsync(runId, "gate_requested");
        await Client.DecideAsync(runId, "anchor", true);

        AssertRefused(await Client.WaitForEndAsync(runId).WaitAsync(Soon), "main", "main is frozen");
        Assert.Equal(
            ["run_started", "documentation_generated", "gate_requested", "gate_decision", "run_failed"], await Client.ReadLogNamesAsync(runId));
        Assert.Equal(before, repository.Git("rev-parse", "main"));
    }

    [Fact]
    public async Task Cancel_InTheMiddleOfACheckout_EndsSoonAndLeavesNothing()
    {
        var repository = Repository();
        // Random, so that it can't be packed into less than is sent.
        repository.Commit("main", work => File.WriteAllBytes(Path.Combine(work, "large.bin"), RandomBytes(4 * 1024 * 1024)));
        var stalled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var hungUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _fixture.Remote.Intercept = context =>
        {
            if (context.Request.Path.Value!.EndsWith("git-upload-pack", StringComparison.Ordinal))
            {
                context.RequestAborted.Register(hungUp.SetResult);
                context.Response.Body = new StallingStream(context, 1024 * 1024, stalled.SetResult);
            }
            return Task.FromResult(false);
        };
        try
        {
            var runId = await Client.StartRunAsync(_fixture.Remote.UrlOf(repository));
            await stalled.Task;
            Assert.NotEmpty(_fixture.Leftovers);
            await Client.SendAsync(HttpMethod.Post, $"/runs/{runId}/cancel", new { reason = "taking too long" });

            var run = await Client.WaitForEndAsync(runId).WaitAsync(Soon);
            Assert.Equal("cancelled", run.GetProperty("status").GetString());
            await hungUp.Task.WaitAsync(Soon);
            Assert.Empty(_fixture.Leftovers);
            Assert.Equal(["run_started", "run_failed"], await Client.ReadLogNamesAsync(runId));
        }
        finally
        {
            _fixture.Remote.Intercept = _ => Task.FromResult(false);
        }
    }

    private static void AssertRefused(JsonElement run, string branch, string words)
    {
        Assert.True(run.GetProperty("status").GetString() == "failed", run.ToString());
        var error = run.GetProperty("error");
        Assert.Equal("push_refused", error.GetProperty("error_code").GetString());
        var message = error.GetProperty("message").GetString();
        Assert.Contains($"'{branch}'", message, StringComparison.Ordinal);
        Assert.Contains(words, message, StringComparison.Ordinal);
    }

    private static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    private GitRepository Repository()
    {
        var repository = new GitRepository(_fixture.Directory, Path.GetRandomFileName());
        repository.Commit("main", ("README.md", "# Sample\n"));
        return repository;
    }

    /// <summary>Lets so many bytes through, then nothing until the client hangs up.</summary>
    private sealed class StallingStream(HttpContext context, int after, Action stalled) : MemoryStream
    {
        private readonly Stream _inner = context.Response.Body;
        private int _left = after;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if ((_left -= buffer.Length) < 0)
            {
                await _inner.FlushAsync(cancellationToken);
                stalled();
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }
            await _inner.WriteAsync(buffer, cancellationToken);
        }
    }

    /// <summary>One git server and one server of ours for all of these.</summary>
    public sealed class Fixture() : ServedRemotes("--allow", "http://127.0.0.1:*")
    {
        /// <summary>What lies in the directory for checkouts: nothing when no step is in hand.</summary>
        internal string[] Leftovers => System.IO.Directory.GetFileSystemEntries(Directory.Combine("data/work"));
    }
}
