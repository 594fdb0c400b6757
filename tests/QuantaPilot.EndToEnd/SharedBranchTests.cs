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

    /// <summary>Both append to the same file: that which is merged second conflicts.</summary>
    private const string Agent = "printf 'hello %s\\n' \"$QP_PROMPT\" >> greetings.txt\n";

    [Fact]
    public async Task TwoRuns_ThatChangeTheSameLines_BothCompleteAndNothingIsLost()
    {
        using var directory = new TempDirectory();
        await using var server = new ServerProcess(directory.Combine("data"), "--allow", "file://*", "--allow-commands", "file://*");
        using var client = await server.StartAndWaitAsync();
        var repository = new GitRepository(directory, "repository");
        repository.Commit(
            "main",
            ("README.md", "# Sample\n\nA program that greets whoever comes by.\n"),
            ("ann.yml", Configuration.Replace("NAME", "ann", StringComparison.Ordinal)),
            ("bob.yml", Configuration.Replace("NAME", "bob", StringComparison.Ordinal)),
            ("tools/agent.sh", Agent));
        var ann = await StartAsync(client, repository, "ann.yml");
        await client.WaitForEventAsync(ann, "gate_requested");
        // The other documents a later commit, so that the documents differ.
        repository.Commit("main", ("README.md", "# Sample\n\nA program that greets everybody who comes by, twice.\n"));
        var bob = await StartAsync(client, repository, "bob.yml");
        await client.WaitForEventAsync(bob, "gate_requested");

        var summaries = await Task.WhenAll(ApproveAllAsync(client, ann), ApproveAllAsync(client, bob));

        foreach (var id in new[] { ann, bob })
        {
            var run = await client.GetRunAsync(id);
            Assert.True(run.GetProperty("status").GetString() == "completed", run.ToString());
        }
        Assert.Equal(["hello ann", "hello bob"], repository.Lines("show", "main:greetings.txt").Order());
        var overview = repository.Git("show", "main:docs/00_overview.md");
        Assert.Contains("greets everybody who comes by, twice", overview, StringComparison.Ordinal);
        // Of the two, the one that came second at each step was asked again, and told why.
        var explained = summaries.SelectMany(list => list)
            .Where(summary => summary.StartsWith("Done anew on ", StringComparison.Ordinal)).ToList();
        Assert.Contains(explained, summary => summary.Contains("docs/", StringComparison.Ordinal));
        Assert.Contains(explained, summary => summary.Contains("greetings.txt", StringComparison.Ordinal));
    }

    private static async Task<string> StartAsync(QpClient client, GitRepository repository, string path)
    {
        var (status, body) = await client.SendAsync(
            HttpMethod.Post, "/run", new { repo_url = repository.Url, branch = "main", quantapilot_yaml_path = path });
        Assert.True(status == HttpStatusCode.Accepted, body.ToString());
        return body.GetProperty("run_id").GetString()!;
    }

    /// <summary>Approves whatever is asked until the run has ended; gives the summaries that were shown.</summary>
    private static async Task<IReadOnlyList<string>> ApproveAllAsync(QpClient client, string id)
    {
        var summaries = new List<string>();
        while (true)
        {
            var run = await client.GetRunAsync(id);
            if (run.GetProperty("status").GetString() is "completed" or "failed" or "cancelled" or "stuck") return summaries;
            foreach (var gate in run.GetProperty("gates").EnumerateArray())
            {
                if (gate.GetProperty("status").GetString() != "pending") continue;
                summaries.Add(gate.GetProperty("review").GetProperty("summary").GetString()!);
                var path = $"/runs/{id}/gates/{gate.GetProperty("gate").GetString()}";
                await client.SendAsync(HttpMethod.Post, path, new { approved = true });
            }
            await Task.Delay(50);
        }
    }
}
