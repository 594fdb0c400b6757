using System.Diagnostics;
using System.Net;

namespace QuantaPilot.EndToEnd;

/// <summary>What agents work in is theirs alone, and goes when they have ended, whatever their end.</summary>
public sealed class IsolationTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("completed", "")]
    [InlineData("failed", "exit 7")]
    [InlineData("failed", "sleep 1000")]
    [InlineData("cancelled", "sleep 1000")]
    public async Task WorkDirectory_AfterARun_IsEmptyWhateverItsEnd(string status, string end)
    {
        var pipe = Pipe("begun");
        // A cache as package managers make it, and a file that git does not know.
        var agent = $"mkdir -p ~/cache/a; touch ~/cache/a/f; chmod -R 500 ~/cache; echo 1 > new.txt; echo $$ > {pipe}\n{end}\n";
        var repository = Repository(agent, timeout: status == "failed" ? "3s" : "10m");
        await using var server = Server();
        using var client = await server.StartAndWaitAsync();

        var runId = await client.StartRunAsync(repository.Url);
        var pid = int.Parse(await File.ReadAllTextAsync(pipe), System.Globalization.CultureInfo.InvariantCulture);
        if (status == "cancelled")
        {
            Assert.NotEmpty(Work());
            var (answer, _) = await client.SendAsync(HttpMethod.Post, $"/runs/{runId}/cancel", new { reason = "not now" });
            Assert.Equal(HttpStatusCode.Accepted, answer);
        }
        var run = await client.WaitForEndAsync(runId);

        Assert.True(run.GetProperty("status").GetString() == status, run.ToString());
        Assert.Empty(Work());
        Assert.False(RunTests.IsAlive(pid));
    }

    [Fact]
    public async Task Agents_AtTheSameTime_SeeNothingOfEachOther()
    {
        // Each tells where it works, goes on once both are there, and shows what it sees.
        var meeting = _directory.Combine("meeting");
        var agent =
            $"""
            echo mine > "$QP_RUN_ID.txt"
            echo "$QP_CHECKOUT $HOME $TMPDIR" >> {meeting}
            while [ "$(wc -l < {meeting})" -lt 2 ]; do sleep 0.05; done
            echo "files: $(ls *.txt)"
            """;
        var repository = Repository(agent, timeout: "1m");
        await using var server = Server();
        using var client = await server.StartAndWaitAsync();

        var (first, second) = (await client.StartRunAsync(repository.Url), await client.StartRunAsync(repository.Url));

        foreach (var runId in new[] { first, second })
        {
            await client.WaitForEndAsync(runId);
            var (_, log) = await client.SendAsync(HttpMethod.Get, $"/runs/{runId}/logs?step=M-001/1");
            Assert.Equal($"files: {runId}.txt", Assert.Single(log.GetProperty("items").EnumerateArray()).GetProperty("text").GetString());
        }
        var places = (await File.ReadAllLinesAsync(meeting)).SelectMany(line => line.Split(' ')).ToList();
        Assert.Equal(6, places.Count);
        Assert.Equal(places, places.Distinct());
        Assert.Empty(Work());
    }

    private string[] Work() => Directory.GetFileSystemEntries(_directory.Combine("data/work"));

    private ServerProcess Server() => new(_directory.Combine("data"), "--allow", "file://*", "--allow-commands", "file://*");

    /// <summary>A pipe that an agent signals on: opening it to read waits until the agent opens it to write.</summary>
    private string Pipe(string name)
    {
        var path = _directory.Combine(name);
        using var process = Process.Start("mkfifo", path);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return path;
    }

    private GitRepository Repository(string agent, string timeout)
    {
        var repository = new GitRepository(_directory, $"repository-{Guid.NewGuid():N}");
        repository.Commit(
            "main",
            ("README.md", "# Sample\n"),
            ("tools/agent.sh", agent),
            ("quantapilot.yml",
                $$"""
                version: 1
                agents:
                  coder: { type: command, run: [bash, tools/agent.sh], timeout: {{timeout}} }
                milestones:
                  - id: M-001
                    title: Work
                    tasks: [ { agent: coder, prompt: "work" } ]
                gates: { anchor: { required: false }, milestone: { required: false } }
                """));
        return repository;
    }
}
