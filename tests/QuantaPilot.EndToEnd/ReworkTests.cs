namespace QuantaPilot.EndToEnd;

/// <summary>Work that is done anew by a real command agent in a real repository.</summary>
public sealed class ReworkTests
{
    private const string Configuration =
        """
        version: 1
        agents:
          coder: { type: command, run: [bash, tools/agent.sh], timeout: 1m }
        milestones:
          - id: M-001
            title: Greeting
            tasks:  [ { agent: coder, prompt: "greet.sh says hello" } ]
            checks: [ { run: [bash, check.sh] } ]
        gates:
          anchor: { required: false }
          milestone: { required: true, on_reject: rework }
        limits: { retries: 1 }
        """;

    /// <summary>Keeps a line for each round, and what it is told.</summary>
    private const string Agent =
        """
        set -eu
        printf '%s\n' "$QP_ROUND" >> rounds.log
        printf '%s\n' "${QP_FEEDBACK:-}" >> feedback.log
        """;

    [Fact]
    public async Task Gate_RejectedWithRework_IsAskedAgainAboutWorkThatKnowsTheReason()
    {
        using var directory = new TempDirectory();
        await using var server = Server(directory);
        using var client = await server.StartAndWaitAsync();
        var repository = Create(directory, check: "exit 0\n");

        var runId = await client.StartRunAsync(repository.Url);
        var first = await client.WaitForEventAsync(runId, "gate_requested");
        await client.DecideAsync(runId, "milestone:M-001", false, "say it louder");
        await client.WaitForEventAsync(runId, "gate_requested", first.GetProperty("sequence").GetInt32());
        Assert.Equal("applied", await client.DecideAsync(runId, "milestone:M-001", true));

        Assert.Equal("completed", (await client.WaitForEndAsync(runId)).GetProperty("status").GetString());
        Assert.Equal(["1", "2"], repository.Lines("show", "main:rounds.log"));
        Assert.Contains("say it louder", repository.Git("show", "main:feedback.log"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gate_RejectedAndTheServerKilledAtOnce_HasTheNewRoundDoneOnce()
    {
        using var directory = new TempDirectory();
        await using var server = Server(directory);
        var repository = Create(directory, check: "exit 0\n");
        string runId;
        int asked;
        using (var client = await server.StartAndWaitAsync())
        {
            runId = await client.StartRunAsync(repository.Url);
            asked = (await client.WaitForEventAsync(runId, "gate_requested")).GetProperty("sequence").GetInt32();
            await client.DecideAsync(runId, "milestone:M-001", false, "say it louder");
            await server.KillAsync();
        }

        using var again = await server.StartAndWaitAsync();
        await again.WaitForEventAsync(runId, "gate_requested", asked);
        await again.DecideAsync(runId, "milestone:M-001", true);
        var run = await again.WaitForEndAsync(runId);

        Assert.True(run.GetProperty("status").GetString() == "completed", run.ToString());
        Assert.Equal(["1", "2"], repository.Lines("show", "main:rounds.log"));
        Assert.Contains("say it louder", repository.Git("show", "main:feedback.log"), StringComparison.Ordinal);
        Assert.Equal(2, run.GetProperty("milestones")[0].GetProperty("round").GetInt32());
        // One for the documentation, and the same one for both rounds.
        Assert.Equal([1, 2], run.GetProperty("pull_requests").EnumerateArray().Select(pr => pr.GetProperty("number").GetInt32()));
        string[] events =
        [
            "run_started", "documentation_generated", "gate_requested", "gate_decision",
            "gate_requested", "gate_decision", "milestone_completed", "run_completed",
        ];
        Assert.Equal(events, await again.ReadLogNamesAsync(runId));
    }

    [Fact]
    public async Task Checks_FailedOnce_AreRunAgainOnWorkThatKnowsTheirOutput()
    {
        using var directory = new TempDirectory();
        await using var server = Server(directory);
        using var client = await server.StartAndWaitAsync();
        var repository = Create(directory, check: "echo one round is too few; test $(wc -l < rounds.log) -eq 2\n");

        var runId = await client.StartRunAsync(repository.Url);
        await client.WaitForEventAsync(runId, "gate_requested");
        Assert.Equal("applied", await client.DecideAsync(runId, "milestone:M-001", true));

        Assert.Equal("completed", (await client.WaitForEndAsync(runId)).GetProperty("status").GetString());
        Assert.Equal(["1", "2"], repository.Lines("show", "main:rounds.log"));
        Assert.Contains("one round is too few", repository.Git("show", "main:feedback.log"), StringComparison.Ordinal);
    }

    private static GitRepository Create(TempDirectory directory, string check)
    {
        var repository = new GitRepository(directory, "repository");
        repository.Commit(
            "main", ("README.md", "# Sample\n"), ("quantapilot.yml", Configuration), ("tools/agent.sh", Agent), ("check.sh", check));
        return repository;
    }

    private static ServerProcess Server(TempDirectory directory) =>
        new(directory.Combine("data"), "--allow", "file://*", "--allow-commands", "file://*");
}
