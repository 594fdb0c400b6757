using System.Net;
using System.Text.Json;

namespace QuantaPilot.EndToEnd;

public sealed class QueueTests
{
    private const string Configuration =
        """
        version: 1
        agents: { coder: { type: command, run: [bash, tools/agent.sh], timeout: 2m } }
        gates: { anchor: { required: false } }
        milestones: [ { id: M-001, title: Work, tasks: [ { agent: coder, prompt: "work" } ] } ]
        """;

    [Fact]
    public async Task Serve_MaxRunningOne_QueuesInOrderAndLetsOthersWorkWhileOneWaits()
    {
        using var directory = new TempDirectory();
        await using var server = Server(directory);
        using var client = await server.StartAndWaitAsync();
        // The agent of the first waits until somebody writes to the pipe.
        var (held, pipe) = Held(directory);
        var others = new[] { Repository(directory, "second"), Repository(directory, "third") };

        var first = await client.StartRunAsync(held.Url);
        await client.WaitForEventAsync(first, "documentation_generated");
        var second = await client.StartRunAsync(others[0].Url);
        var third = await client.StartRunAsync(others[1].Url);

        await WaitUntilAsync(client, second, run => Place(run) == 1);
        await WaitUntilAsync(client, third, run => Place(run) == 2);
        var (status, cancelled) = await client.SendAsync(HttpMethod.Post, $"/runs/{second}/cancel");
        Assert.True(status == HttpStatusCode.Accepted, cancelled.ToString());
        Assert.Equal("cancelled", (await client.WaitForEndAsync(second)).GetProperty("status").GetString());
        await WaitUntilAsync(client, third, run => Place(run) == 1);

        await File.WriteAllTextAsync(pipe, "go\n");
        // The first is at its gate and has given its slot back: the third works.
        await client.WaitForEventAsync(first, "gate_requested");
        await client.WaitForEventAsync(third, "gate_requested");
        await client.DecideAsync(first, "milestone:M-001", true);
        await client.DecideAsync(third, "milestone:M-001", true);
        foreach (var run in new[] { first, third })
            Assert.Equal("completed", (await client.WaitForEndAsync(run)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Serve_KilledAgainAndAgainWithAQueue_LetsNobodyWaitForEver()
    {
        const int Runs = 6;
        const int Kills = 8;
        using var directory = new TempDirectory();
        await using var server = Server(directory);
        var repositories = Enumerable.Range(1, Runs).Select(i => Repository(directory, $"repository-{i}", gates: false)).ToList();
        using (await server.StartAndWaitAsync())
        {
            // The token is there from the first start on.
        }
        using var client = new QpClient(server.Url, server.ReadToken());
        var ending = Task.WhenAll(repositories.Select(async (repository, i) =>
        {
            var id = await InsistAsync(() => client.StartRunAsync(repository.Url, key: $"run-{i}"));
            return await InsistAsync(() => client.WaitForEndAsync(id));
        }));

        var random = new Random(4711);
        for (var kill = 0; kill < Kills && !ending.IsCompleted; kill++)
        {
            await Task.WhenAny(ending, Task.Delay(random.Next(2_000)));
            await server.KillAsync();
            server.Start();
        }

        Assert.All(await ending, run => Assert.True(run.GetProperty("status").GetString() == "completed", run.ToString()));
    }

    [Fact]
    public async Task Serve_KilledWhileTwoAreQueued_LetsThemWorkInOrderEachOnTopOfTheOther()
    {
        using var directory = new TempDirectory();
        await using var server = Server(directory, "--max-running-per-branch", "1");
        var (held, pipe) = Held(directory);
        // Both of the others work on one branch, and change the same lines there.
        var shared = Repository(directory, "shared");
        shared.Commit("main", ("tools/agent.sh", "echo $QP_RUN_ID >> work.txt\n"));
        string first, second, third;
        using (var client = await server.StartAndWaitAsync())
        {
            first = await client.StartRunAsync(held.Url);
            await client.WaitForEventAsync(first, "documentation_generated");
            second = await client.StartRunAsync(shared.Url);
            third = await client.StartRunAsync(shared.Url);
            await client.WaitUntilAsync(third, run => Place(run) == 2);
            await server.KillAsync();
        }

        using var again = await server.StartAndWaitAsync();
        Assert.Equal(("queued", 1, "host"), Queued(await again.GetRunAsync(second)));
        Assert.Equal(("queued", 2, "host"), Queued(await again.GetRunAsync(third)));
        await File.WriteAllTextAsync(pipe, "go\n");
        // Each gives its slot to the next while it is at its gate, but not the branch.
        await again.WaitForEventAsync(first, "gate_requested");
        await again.WaitForEventAsync(second, "gate_requested");
        await again.WaitUntilAsync(third, run => Queued(run) == ("queued", 1, "branch"));
        foreach (var run in new[] { first, second, third })
        {
            await again.WaitForEventAsync(run, "gate_requested");
            await again.DecideAsync(run, "milestone:M-001", true);
            Assert.Equal("completed", (await again.WaitForEndAsync(run)).GetProperty("status").GetString());
        }

        Assert.Equal([second, third], shared.Lines("show", "main:work.txt"));
        // None was done anew: two by a person, and one for each pull request.
        Assert.Equal(2 + 4, shared.Lines("log", "--format=%H", "main").Count);
        Assert.Equal("go", held.Git("show", "main:work.txt"));
        foreach (var run in new[] { second, third })
            Assert.Single(await again.ReadLogNamesAsync(run), "gate_requested");
    }

    private static ServerProcess Server(TempDirectory directory, params string[] options) =>
        new(directory.Combine("data"), ["--allow", "file://*", "--allow-commands", "file://*", "--max-running", "1", .. options]);

    private static (GitRepository Repository, string Pipe) Held(TempDirectory directory)
    {
        var pipe = directory.Combine("pipe");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", pipe)) mkfifo.WaitForExit();
        var repository = new GitRepository(directory, "first");
        var agent = $"read line < {pipe}; echo $line > work.txt\n";
        repository.Commit("main", ("README.md", "# Held\n"), ("quantapilot.yml", Configuration), ("tools/agent.sh", agent));
        return (repository, pipe);
    }

    private static GitRepository Repository(TempDirectory directory, string name, bool gates = true)
    {
        var repository = new GitRepository(directory, name);
        var configuration = gates
            ? Configuration
            : Configuration.Replace("anchor: {", "milestone: { required: false }, anchor: {", StringComparison.Ordinal);
        repository.Commit(
            "main", ("README.md", "# Sample\n"), ("quantapilot.yml", configuration), ("tools/agent.sh", "echo done > work.txt\n"));
        return repository;
    }

    private static int? Place(JsonElement run) => run.TryGetProperty("queue_position", out var place) ? place.GetInt32() : null;

    private static (string? Status, int? Place, string? For) Queued(JsonElement run) =>
        (run.GetProperty("status").GetString(), Place(run), run.TryGetProperty("queued_for", out var limit) ? limit.GetString() : null);

    private static async Task WaitUntilAsync(QpClient client, string id, Func<JsonElement, bool> condition)
    {
        while (!condition(await client.GetRunAsync(id))) await Task.Delay(20);
    }

    private static async Task<T> InsistAsync<T>(Func<Task<T>> call)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                await Task.Delay(20);
            }
        }
    }
}
