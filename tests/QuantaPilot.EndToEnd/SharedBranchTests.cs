using System.Net;

namespace QuantaPilot.EndToEnd;

/// <summary>Two runs at once on one branch of one repository.</summary>
public sealed class SharedBranchTests
{
    private const string Configuration =
        """
        version: 1
        agents: { coder: { type: command, run: [bash, tools/agent.sh], timeout: 1m } }
        milestones:
          - { id: M-001, title: Greeting, tasks: [ { agent: coder, prompt: NAME } ], checks: [ { run: [grep, -q, NAME, greetings.txt] } ] }
        """;

    /// <summary>What the reviewer is told first.</summary>
    private const string DoneAnew = "Done anew on ";

    /// <summary>Both append to the same file: that which is merged second conflicts.</summary>
    private const string Agent = "printf 'hello %s\\n' \"$QP_PROMPT\" >> greetings.txt\n";

    [Fact]
    public async Task TwoRuns_ThatChangeTheSameLines_BothCompleteAndNothingIsLost()
    {
        using var directory = new TempDirectory();
        await using var server = new ServerProcess(directory.Combine("data"), "--allow", "file://*", "--allow-commands", "file://*");
        using var client = await server.StartAndWaitAsync();
        var repository = Repository(directory);
        var ann = await StartAsync(client, repository, "ann.yml");
        await client.WaitForEventAsync(ann, "gate_requested");
        // The other documents a later commit, so that the documents differ.
        repository.Commit("main", ("README.md", "# Sample\n\nA program that greets everybody who comes by, twice.\n"));
        var bob = await StartAsync(client, repository, "bob.yml");
        await client.WaitForEventAsync(bob, "gate_requested");

        await client.DecideAsync(ann, "anchor", true);
        Assert.DoesNotContain(DoneAnew, await SummaryAsync(client, ann, "milestone:M-001"), StringComparison.Ordinal);
        await client.DecideAsync(bob, "anchor", true);
        // Written anew on what was merged meanwhile, and asked again.
        var documentation = await SummaryAsync(client, bob, "anchor", request: 2);
        await client.DecideAsync(bob, "anchor", true);
        await SummaryAsync(client, bob, "milestone:M-001");
        await client.DecideAsync(ann, "milestone:M-001", true);
        await AssertCompletedAsync(client, ann);
        await client.DecideAsync(bob, "milestone:M-001", true);
        var milestone = await SummaryAsync(client, bob, "milestone:M-001", request: 2);
        await client.DecideAsync(bob, "milestone:M-001", true);
        await AssertCompletedAsync(client, bob);

        Assert.Equal(["hello ann", "hello bob"], repository.Lines("show", "main:greetings.txt"));
        var overview = repository.Git("show", "main:docs/00_overview.md");
        Assert.Contains("greets everybody who comes by, twice", overview, StringComparison.Ordinal);
        Assert.StartsWith(DoneAnew, documentation, StringComparison.Ordinal);
        Assert.Contains("docs/", documentation, StringComparison.Ordinal);
        Assert.StartsWith(DoneAnew, milestone, StringComparison.Ordinal);
        Assert.Contains("greetings.txt", milestone, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TwoRuns_ApprovedAtTheSameTime_BothCompleteAndNothingIsLost()
    {
        using var directory = new TempDirectory();
        await using var server = new ServerProcess(directory.Combine("data"), "--allow", "file://*", "--allow-commands", "file://*");
        using var client = await server.StartAndWaitAsync();
        var repository = Repository(directory);

        var runs = await Task.WhenAll(StartAsync(client, repository, "ann.yml"), StartAsync(client, repository, "bob.yml"));
        await Task.WhenAll(runs.Select(run => ApproveAllAsync(client, run)));

        foreach (var run in runs) await AssertCompletedAsync(client, run);
        Assert.Equal(["hello ann", "hello bob"], repository.Lines("show", "main:greetings.txt").Order());
    }

    private static GitRepository Repository(TempDirectory directory)
    {
        var repository = new GitRepository(directory, "repository");
        repository.Commit(
            "main",
            ("README.md", "# Sample\n\nA program that greets whoever comes by.\n"),
            ("ann.yml", Configuration.Replace("NAME", "ann", StringComparison.Ordinal)),
            ("bob.yml", Configuration.Replace("NAME", "bob", StringComparison.Ordinal)),
            ("tools/agent.sh", Agent));
        return repository;
    }

    private static async Task<string> StartAsync(QpClient client, GitRepository repository, string path)
    {
        var (status, body) = await client.SendAsync(
            HttpMethod.Post, "/run", new { repo_url = repository.Url, branch = "main", quantapilot_yaml_path = path });
        Assert.True(status == HttpStatusCode.Accepted, body.ToString());
        return body.GetProperty("run_id").GetString()!;
    }

    /// <summary>What is to be reviewed at a gate, once it waits.</summary>
    /// <param name="client">The caller.</param>
    /// <param name="id">The run.</param>
    /// <param name="name">The gate.</param>
    /// <param name="request">How often the gate is to have been asked for.</param>
    private static async Task<string> SummaryAsync(QpClient client, string id, string name, int request = 1)
    {
        var after = 0;
        for (var asked = 0; asked < request;)
        {
            var requested = await client.WaitForEventAsync(id, "gate_requested", after);
            after = requested.GetProperty("sequence").GetInt32();
            if (requested.GetProperty("data").GetProperty("gate").GetString() == name) asked++;
        }
        var gates = (await client.GetRunAsync(id)).GetProperty("gates").EnumerateArray();
        return gates.Single(gate => gate.GetProperty("gate").GetString() == name).GetProperty("review").GetProperty("summary").GetString()!;
    }

    private static async Task AssertCompletedAsync(QpClient client, string id)
    {
        var run = await client.WaitForEndAsync(id);
        Assert.True(run.GetProperty("status").GetString() == "completed", run.ToString());
    }

    /// <summary>Approves whatever is asked until the run has ended.</summary>
    private static async Task ApproveAllAsync(QpClient client, string id)
    {
        while (true)
        {
            var run = await client.GetRunAsync(id);
            if (run.GetProperty("status").GetString() is "completed" or "failed" or "cancelled" or "stuck") return;
            foreach (var gate in run.GetProperty("gates").EnumerateArray())
            {
                if (gate.GetProperty("status").GetString() != "pending") continue;
                var path = $"/runs/{id}/gates/{gate.GetProperty("gate").GetString()}";
                await client.SendAsync(HttpMethod.Post, path, new { approved = true });
            }
            await Task.Delay(50);
        }
    }
}
