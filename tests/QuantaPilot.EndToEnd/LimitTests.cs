using System.Net;
using System.Text.Json;

namespace QuantaPilot.EndToEnd;

/// <summary>Limits of runs and of the host, with agents that really use something up.</summary>
public sealed class LimitTests : IDisposable
{
    private const string Gate = "milestone:M-001";

    private const string Configuration =
        """
        version: 1
        agents: { coder: { type: command, run: [bash, tools/agent.sh], timeout: 2m } }
        gates: { anchor: { required: false } }
        milestones: [ { id: M-001, title: Work, tasks: [ { agent: coder, prompt: "work" } ] } ]

        """;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Tokens_OverTheLimit_PauseTheRunThroughAKillUntilTheLimitIsRaised()
    {
        await using var server = Server();
        var repository = Repository("repository", "limits: { tokens: 100 }", """echo '{"tokens":150}' > "$QP_USAGE_FILE" """);
        string runId;
        using (var client = await server.StartAndWaitAsync())
        {
            runId = await client.StartRunAsync(repository.Url);
            var paused = await client.WaitForEventAsync(runId, "run_paused");
            Assert.Equal("limit tokens: 150 of 100 used", paused.GetProperty("data").GetProperty("reason").GetString());
        }
        await server.KillAsync();

        using var again = await server.StartAndWaitAsync();
        var run = await again.GetRunAsync(runId);
        Assert.Equal(("paused", "limit tokens: 150 of 100 used"), (Text(run, "status"), Text(run, "status_reason")));
        Assert.Equal((150, 100), (Tokens(run, "usage"), Tokens(run, "limits")));
        Assert.Equal("tokens", Text(Assert.Single(run.GetProperty("warnings").EnumerateArray()), "limit"));
        var (status, problem) = await again.SendAsync(HttpMethod.Post, $"/runs/{runId}/resume");
        Assert.Equal((HttpStatusCode.Conflict, "invalid_state"), (status, Text(problem, "error_code")));
        Assert.Contains("Give limits.tokens above 150.", Text(problem, "detail"), StringComparison.Ordinal);
        var (refused, words) = await QpAsync("resume", runId, "--tokens", "150");
        Assert.True(refused == 1, words);
        Assert.Contains("must be above 150", words, StringComparison.Ordinal);
        Assert.Equal("paused", Text(await again.GetRunAsync(runId), "status"));

        var (resumed, output) = await QpAsync("resume", runId, "--tokens", "1000");
        Assert.True(resumed == 0, output);
        await again.WaitForEventAsync(runId, "gate_requested");
        Assert.Equal("applied", await again.DecideAsync(runId, Gate, true));
        run = await again.WaitForEndAsync(runId);

        AssertCompletedOnce(repository, run);
        Assert.Equal((150, 1000), (Tokens(run, "usage"), Tokens(run, "limits")));
        Assert.False(run.TryGetProperty("warnings", out var warnings), warnings.ToString());
        string[] events =
        [
            "run_started", "documentation_generated", "run_paused", "run_resumed",
            "gate_requested", "gate_decision", "milestone_completed", "run_completed",
        ];
        Assert.Equal(events, await again.ReadLogNamesAsync(runId));
    }

    [Fact]
    public async Task UsdAndDuration_OverTheLimit_PauseTheRunsUntilTheLimitIsRaised()
    {
        await using var server = Server();
        using var client = await server.StartAndWaitAsync();
        var costly = Repository("costly", "limits: { usd: 0.50 }", """echo '{"usd":0.75}' > "$QP_USAGE_FILE" """);
        // Works until somebody writes to the pipe, which is after its time is up.
        var pipe = _directory.Combine("pipe");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", pipe)) await mkfifo.WaitForExitAsync();
        var slow = Repository("slow", "limits: { duration: 1s }", $"read line < {pipe}");

        var costlyRun = await client.StartRunAsync(costly.Url);
        var slowRun = await client.StartRunAsync(slow.Url);
        await client.WaitForEventAsync(costlyRun, "run_paused");
        await AssertRaisedAsync(client, costlyRun, "limit usd: 0.75 of 0.50 used", "Give limits.usd above 0.75.", new { usd = 0.76 });

        // The time may also be up before the agent has begun.
        var overtime = await client.WaitUntilAsync(slowRun, run => Text(run, "status") is "pausing" or "paused");
        Assert.StartsWith("limit duration: ", Text(overtime, "status_reason"), StringComparison.Ordinal);
        var released = Task.Run(() => File.WriteAllText(pipe, "go\n"));
        overtime = await client.WaitForStatusAsync(slowRun, "paused");
        Assert.True(overtime.GetProperty("usage").GetProperty("seconds").GetDouble() >= 1, overtime.ToString());
        await AssertRaisedAsync(client, slowRun, "limit duration: ", "Give limits.duration above ", new { duration = "1h" });
        await released;

        foreach (var (runId, repository) in new[] { (costlyRun, costly), (slowRun, slow) })
        {
            await client.WaitForEventAsync(runId, "gate_requested");
            await client.DecideAsync(runId, Gate, true);
            AssertCompletedOnce(repository, await client.WaitForEndAsync(runId));
        }
    }

    [Fact]
    public async Task DailyLimit_UsedUpByOneRun_PausesTheNextOfItsProjectAlone()
    {
        const string Usage = """echo '{"tokens":150}' > "$QP_USAGE_FILE" """;
        string second;
        var (repository, other) = (Repository("repository", "", Usage), Repository("other", "", Usage));
        await using (var server = Server("--daily-limit", "file://*=tokens:100"))
        {
            using var client = await server.StartAndWaitAsync();
            var first = await client.StartRunAsync(repository.Url);
            await client.WaitForEventAsync(first, "gate_requested");
            second = await client.StartRunAsync(repository.Url);
            var paused = await client.WaitForEventAsync(second, "run_paused");
            Assert.Matches(
                @"^daily limit tokens: 150 of 100 used by runs of this project on \d{4}-\d\d-\d\d \(UTC\)$",
                Text(paused.GetProperty("data"), "reason"));
            // Nor does it work when somebody says so.
            var (status, answer) = await client.SendAsync(HttpMethod.Post, $"/runs/{second}/resume");
            Assert.True(status == HttpStatusCode.Accepted, answer.ToString());
            await client.WaitForEventAsync(second, "run_paused", paused.GetProperty("sequence").GetInt32());
            await client.WaitForEventAsync(await client.StartRunAsync(other.Url), "gate_requested");
            await client.DecideAsync(first, Gate, true);
            AssertCompletedOnce(repository, await client.WaitForEndAsync(first));
            await server.KillAsync();
        }

        await using var generous = Server("--daily-limit", "file://*=tokens:1000");
        using var again = await generous.StartAndWaitAsync();
        Assert.Equal("paused", Text(await again.GetRunAsync(second), "status"));
        var (resumed, output) = await QpAsync("resume", second);
        Assert.True(resumed == 0, output);
        await again.WaitForEventAsync(second, "gate_requested");
        await again.DecideAsync(second, Gate, true);
        var run = await again.WaitForEndAsync(second);

        Assert.True(Text(run, "status") == "completed", run.ToString());
        Assert.Equal(["M-001/1", "M-001/1"], repository.Lines("show", "main:done.log"));
    }

    private static void AssertCompletedOnce(GitRepository repository, JsonElement run)
    {
        Assert.True(Text(run, "status") == "completed", run.ToString());
        Assert.Equal(["M-001/1"], repository.Lines("show", "main:done.log"));
        // By a person, with the documentation, with the work.
        Assert.Equal(3, repository.Lines("log", "--format=%H", "main").Count);
        Assert.All(run.GetProperty("pull_requests").EnumerateArray(), pullRequest => Assert.NotEmpty(Text(pullRequest, "merge_sha")));
    }

    /// <summary>Without the limit the run stays paused, and says which it needs; with it, it goes on.</summary>
    private static async Task AssertRaisedAsync(QpClient client, string runId, string reason, string needed, object limits)
    {
        Assert.StartsWith(reason, Text(await client.GetRunAsync(runId), "status_reason"), StringComparison.Ordinal);
        var (refused, problem) = await client.SendAsync(HttpMethod.Post, $"/runs/{runId}/resume");
        Assert.Equal(HttpStatusCode.Conflict, refused);
        Assert.Contains(needed, Text(problem, "detail"), StringComparison.Ordinal);
        var (status, answer) = await client.SendAsync(HttpMethod.Post, $"/runs/{runId}/resume", new { limits });
        Assert.True(status == HttpStatusCode.Accepted, answer.ToString());
    }

    private static int Tokens(JsonElement run, string member) => run.GetProperty(member).GetProperty("tokens").GetInt32();

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    /// <summary>The command line, which finds the server by its data.</summary>
    private Task<(int Exit, string Output)> QpAsync(params string[] arguments) =>
        QpProcess.RunAsync(_directory.Path, [.. arguments, "--data", _directory.Combine("data")]);

    private ServerProcess Server(params string[] options) =>
        new(_directory.Combine("data"), ["--allow", "file://*", "--allow-commands", "file://*", .. options]);

    /// <summary>Its agent does something first, then leaves a line in done.log.</summary>
    private GitRepository Repository(string name, string limits, string first)
    {
        var repository = new GitRepository(_directory, name);
        repository.Commit(
            "main",
            ("README.md", "# Sample\n"),
            ("quantapilot.yml", Configuration + limits + "\n"),
            ("tools/agent.sh", $"set -eu\n{first}\necho \"$QP_STEP\" >> done.log\n"));
        return repository;
    }
}
