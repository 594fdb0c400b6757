using System.Text.Json;
using QuantaPilot.Testing.GitHub;

namespace QuantaPilot.EndToEnd;

/// <summary>Whole runs over a repository on a fake GitHub, by a real server.</summary>
public sealed class GitHubTests : IAsyncLifetime, IDisposable
{
    private readonly TempDirectory _directory = new();
    private FakeGitHub _gitHub = null!;
    private FakeGitHubRepository _repository = null!;

    public async Task InitializeAsync()
    {
        _gitHub = await FakeGitHub.StartAsync(_directory);
        _repository = _gitHub.Add("acme/sample", SamplePipeline.Create(_directory, "acme/sample"));
        // A run gives commits without any check a minute in which some may come.
        _repository.CheckOfAll = new FakeCheckRun("build", "success");
    }

    public async Task DisposeAsync() => await _gitHub.DisposeAsync();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Run_WithAToken_HasItsPullRequestsOnGitHubAndMergesThemThere()
    {
        await using var server = NewServer();
        server.Variables["QP_GITHUB_TOKEN"] = FakeGitHub.Token;
        using var client = await server.StartAndWaitAsync();

        var runId = await client.StartRunAsync(_repository.Url);
        var run = await ApproveAllAsync(client, runId);

        Assert.True(run.GetProperty("status").GetString() == "completed", run.ToString());
        SamplePipeline.AssertMergedOnce(_repository.Git);
        Assert.Equal(SamplePipeline.Events, await client.ReadLogNamesAsync(runId));
        var pulls = _repository.PullRequests;
        Assert.Equal(["Documentation for main", "M-001: Greeting", "M-002: Farewell"], pulls.Select(pull => pull.Title));
        Assert.All(pulls, pull => Assert.False(pull.IsOpen || pull.Draft));
        // The newest is on top of the target.
        Assert.Equal(pulls.Reverse().Select(pull => pull.MergeSha), _repository.Git.Lines("log", "--format=%H", "-3", "main"));
        Assert.DoesNotContain(FakeGitHub.Token, server.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(FakeGitHub.Token, run.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_AsAppWithTheServerKilledAndAnswersLost_DoesNothingTwice()
    {
        await File.WriteAllTextAsync(_directory.Combine("app.pem"), _gitHub.App.PrivateKey);
        await using var server = NewServer();
        server.Variables["QP_GITHUB_APP_ID"] = FakeGitHubApp.Id;
        server.Variables["QP_GITHUB_APP_KEY_FILE"] = _directory.Combine("app.pem");
        var lost = new HashSet<string>(StringComparer.Ordinal);
        // Of each request that opens or merges a pull request the first answer gets lost.
        _gitHub.LoseAnswer = context =>
            context.Request.Method is "POST" or "PUT" && (context.Request.Path.Value!.EndsWith("/pulls", StringComparison.Ordinal)
                || context.Request.Path.Value.EndsWith("/merge", StringComparison.Ordinal)) && lost.Add(context.Request.Path.Value);

        string runId;
        using (var client = await server.StartAndWaitAsync())
        {
            runId = await client.StartRunAsync(_repository.Url);
            await client.WaitForEventAsync(runId, "gate_requested");
        }
        await server.KillAsync();
        using var again = await server.StartAndWaitAsync();
        var run = await ApproveAllAsync(again, runId);

        Assert.True(run.GetProperty("status").GetString() == "completed", run.ToString());
        SamplePipeline.AssertMergedOnce(_repository.Git);
        Assert.Equal(3, _repository.PullRequests.Count);
        Assert.NotEmpty(lost);
    }

    private ServerProcess NewServer() => new(
        _directory.Combine("data"),
        "--github", $"{_gitHub.Host}={_gitHub.ApiUrl}",
        "--allow", $"http://{_gitHub.Host}/acme/*",
        "--allow-commands", $"http://{_gitHub.Host}/acme/*");

    private static async Task<JsonElement> ApproveAllAsync(QpClient client, string runId)
    {
        var seen = 0;
        foreach (var gate in SamplePipeline.Gates)
        {
            var asked = await client.WaitForEventAsync(runId, "gate_requested", seen);
            seen = asked.GetProperty("sequence").GetInt32();
            Assert.Equal("applied", await client.DecideAsync(runId, gate, true));
        }
        return await client.WaitForEndAsync(runId);
    }
}
