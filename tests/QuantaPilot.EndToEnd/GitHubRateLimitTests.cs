using System.Diagnostics;
using System.Net;
using QuantaPilot.Testing.GitHub;

namespace QuantaPilot.EndToEnd;

/// <summary>A run on a GitHub that asks to be left alone for a while.</summary>
public sealed class GitHubRateLimitTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Run_OverARateLimit_GoesOnOnceTheTimeHasPassed()
    {
        const int Seconds = 6;
        await using var gitHub = await FakeGitHub.StartAsync(_directory);
        var repository = gitHub.Add("acme/sample", SamplePipeline.Create(_directory, "acme/sample"));
        var refused = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var next = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        gitHub.Intercept = async context =>
        {
            if (refused.Task.IsCompleted)
            {
                next.TrySetResult(Stopwatch.GetElapsedTime(await refused.Task));
                return false;
            }
            await FakeGitHub.RefuseAsync(
                context, (int)HttpStatusCode.Forbidden, "You have exceeded a secondary rate limit.", ("Retry-After", $"{Seconds}"));
            refused.SetResult(Stopwatch.GetTimestamp());
            return true;
        };
        await using var server = new ServerProcess(
            _directory.Combine("data"),
            "--github", $"{gitHub.Host}={gitHub.ApiUrl}",
            "--allow", $"http://{gitHub.Host}/acme/*",
            "--allow-commands", $"http://{gitHub.Host}/acme/*");
        server.Variables["QP_GITHUB_TOKEN"] = FakeGitHub.Token;

        using var client = await server.StartAndWaitAsync();
        var runId = await client.StartRunAsync(repository.Url);

        var pause = await next.Task.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.True(pause >= TimeSpan.FromSeconds(Seconds), $"It came back after {pause}.");
        await client.WaitForEventAsync(runId, "documentation_generated");
        Assert.Equal("Documentation for main", Assert.Single(repository.PullRequests).Title);
    }
}
