using System.Diagnostics;
using System.Net;
using QuantaPilot.Testing.Watching;

namespace QuantaPilot.EndToEnd;

public sealed class RunTests
{
    [Fact]
    public async Task Run_WithTwoMilestones_EndsWithEachMergedOnce()
    {
        using var directory = new TempDirectory();
        await using var server = Server(directory);
        using var client = await server.StartAndWaitAsync();
        var repository = SamplePipeline.Create(directory, "repository");

        var runId = await client.StartRunAsync(repository.Url);
        var after = 0;
        foreach (var gate in SamplePipeline.Gates)
        {
            var requested = await client.WaitForEventAsync(runId, "gate_requested", after);
            after = requested.GetProperty("sequence").GetInt32();
            Assert.Equal(gate, requested.GetProperty("data").GetProperty("gate").GetString());
            Assert.Equal("applied", await client.DecideAsync(runId, gate, true));
        }
        var run = await client.WaitForEndAsync(runId);

        Assert.Equal("completed", run.GetProperty("status").GetString());
        Assert.Equal(SamplePipeline.Events, await client.ReadLogNamesAsync(runId));
        SamplePipeline.AssertMergedOnce(repository);
    }

    [Fact]
    public async Task Gate_PushAfterTheReview_IsAskedAgainAndOnlyTheNewHeadIsMerged()
    {
        using var directory = new TempDirectory();
        await using var server = Server(directory);
        using var client = await server.StartAndWaitAsync();
        var repository = new GitRepository(directory, "repository");
        repository.Commit("main", ("README.md", "# Sample\n"));
        var runId = await client.StartRunAsync(repository.Url);
        var first = await client.WaitForEventAsync(runId, "gate_requested");
        var branch = $"quantapilot/{runId}/documentation";

        // A person adds a commit to the branch under review.
        var pushed = repository.PushOnTop(branch);
        await client.DecideAsync(runId, "anchor", true);
        await client.WaitForEventAsync(runId, "gate_requested", first.GetProperty("sequence").GetInt32());

        var gate = (await client.GetRunAsync(runId)).GetProperty("gates")[0];
        Assert.Equal(pushed, gate.GetProperty("review").GetProperty("head_sha").GetString());
        Assert.Equal("applied", await client.DecideAsync(runId, "anchor", true));
        Assert.Equal("completed", (await client.WaitForEndAsync(runId)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Cancel_DuringACommand_KillsItsWholeProcessTree()
    {
        using var directory = new TempDirectory();
        await using var server = Server(directory);
        using var client = await server.StartAndWaitAsync();
        var repository = new GitRepository(directory, "repository");
        var pipe = directory.Combine("pids");
        Assert.Equal(0, await ExitCodeAsync("mkfifo", pipe));
        repository.Commit(
            "main",
            ("README.md", "# Sample\n"),
            ("quantapilot.yml", SamplePipeline.Configuration + "\ngates: { anchor: { required: false } }\n"),
            ("tools/agent.sh", $"sleep 600 & echo $! $$ > {pipe}; wait\n"));

        var runId = await client.StartRunAsync(repository.Url);
        // Opening the pipe waits for the agent to be there.
        var pids = (await File.ReadAllTextAsync(pipe)).Split(' ', StringSplitOptions.TrimEntries).Select(int.Parse).ToList();
        Assert.Equal(2, pids.Count);
        Assert.All(pids, pid => Assert.True(IsAlive(pid)));
        var (status, _) = await client.SendAsync(HttpMethod.Post, $"/runs/{runId}/cancel", new { reason = "not now" });
        Assert.Equal(HttpStatusCode.Accepted, status);

        var run = await client.WaitForEndAsync(runId);
        Assert.Equal("cancelled", run.GetProperty("status").GetString());
        Assert.All(pids, pid => Assert.False(IsAlive(pid)));
        Assert.Equal("run_failed", (await client.ReadLogNamesAsync(runId))[^1]);
    }

    [Fact]
    public async Task Start_OverDataThatAnotherServerHas_IsRefusedWithAClearError()
    {
        using var directory = new TempDirectory();
        await using var server = Server(directory);
        using var client = await server.StartAndWaitAsync();
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true };
        foreach (var argument in new[] { Path.Combine(AppContext.BaseDirectory, "qp.dll"), "serve", "--url", "http://127.0.0.1:0", "--data", directory.Combine("data") })
        {
            start.ArgumentList.Add(argument);
        }
        WatchedProcesses.Watch(start);
        using var second = Process.Start(start)!;
        var error = await second.StandardError.ReadToEndAsync();
        Leaks.NotePrinted("The output of qp serve", error);
        await second.WaitForExitAsync();
        Assert.Equal(1, second.ExitCode);
        Assert.Contains("in use by another process", error, StringComparison.Ordinal);
    }

    private static ServerProcess Server(TempDirectory directory) =>
        new(directory.Combine("data"), "--allow", "file://*", "--allow-commands", "file://*");

    private static async Task<int> ExitCodeAsync(string program, string argument)
    {
        using var process = Process.Start(program, argument);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <summary>A zombie is dead: only its parent has not asked yet.</summary>
    internal static bool IsAlive(int pid)
    {
        try
        {
            return !File.ReadAllText($"/proc/{pid}/stat").Split(") ")[^1].StartsWith('Z');
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or IOException)
        {
            return false;
        }
    }
}
