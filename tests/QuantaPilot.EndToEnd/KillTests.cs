using System.Net;
using Xunit.Abstractions;

namespace QuantaPilot.EndToEnd;

public sealed class KillTests(ITestOutputHelper output)
{
    private const int KillsOverFiles = 50;
    private const int KillsOverHttp = 12;

    /// <summary>Longer than most steps take, so that kills land in all of them, and in start-up too.</summary>
    private const int LongestLifeMilliseconds = 1_800;

    /// <summary>A run makes some forty requests: those of any of its transfers are hit.</summary>
    private const int MostRequests = 10;

    private readonly Random _random = new(Seed(output));

    [Fact]
    public async Task Server_KilledAtFiftyRandomMoments_LosesAndRepeatsNothing()
    {
        using var directory = new TempDirectory();
        await KillAsync(
            directory,
            KillsOverFiles,
            "file://*",
            repository => repository.Url,
            (_, _) => Task.Delay(_random.Next(LongestLifeMilliseconds)));
    }

    [Fact]
    public async Task Server_KilledDuringItsTransfersOverHttp_LosesAndRepeatsNothing()
    {
        using var directory = new TempDirectory();
        await using var remote = await GitHttpServer.StartAsync(directory.Path);
        var requests = new RequestTrap(remote);
        await KillAsync(directory, KillsOverHttp, "http://127.0.0.1:*", remote.UrlOf, async (kill, ended) =>
        {
            // Every other kill comes at any moment; the rest while the remote has a request in hand, which it goes on to carry out.
            if (kill % 2 == 0) await Task.Delay(_random.Next(LongestLifeMilliseconds));
            else await Task.WhenAny(requests.CatchAsync(_random.Next(MostRequests)), ended);
        }, requests.Release);
        output.WriteLine($"{requests.Caught} kills during a request, of {remote.Requests.Count}");
    }

    [Fact]
    public async Task Server_KilledWhileTheRemoteTakesItsPush_GoesOnFromThatPush()
    {
        using var directory = new TempDirectory();
        await using var remote = await GitHttpServer.StartAsync(directory.Path);
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var landed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var pushes = 0;
        // The push of the server that was killed lands when the next server, which saw nothing of it, has sent its own.
        remote.Intercept = async context =>
        {
            if (context.Request.Method != "POST" || !context.Request.Path.Value!.EndsWith("git-receive-pack", StringComparison.Ordinal))
            {
                return false;
            }
            await GitHttpServer.ReceiveAsync(context);
            switch (Interlocked.Increment(ref pushes))
            {
                case 1:
                    first.SetResult();
                    await second.Task;
                    await remote.ServeAsync(context);
                    landed.SetResult();
                    return true;
                case 2:
                    second.SetResult();
                    await landed.Task;
                    return false;
                default:
                    return false;
            }
        };
        var repository = new GitRepository(directory, "repository");
        repository.Commit("main", ("README.md", "# Sample\n"), ("quantapilot.yml", "version: 1\ngates: { anchor: { required: false } }\n"));
        await using var server = new ServerProcess(directory.Combine("data"), "--allow", "http://127.0.0.1:*");
        string runId;
        using (var client = await server.StartAndWaitAsync()) runId = await client.StartRunAsync(remote.UrlOf(repository));
        await first.Task;
        await server.KillAsync();

        using var again = await server.StartAndWaitAsync();
        var run = await again.WaitForEndAsync(runId);

        Assert.True(run.GetProperty("status").GetString() == "completed", run.ToString());
        Assert.Equal(2, repository.Lines("log", "--format=%s", "main").Count);
        Assert.Equal(2, repository.Lines("log", "--format=%s", $"quantapilot/{runId}/documentation").Count);
    }

    [Fact]
    public async Task Server_KilledDuringACommand_EndsItAtTheNextStartAndDoesTheTaskOnce()
    {
        using var directory = new TempDirectory();
        // The first agent leaves a child behind, tells both process ids and goes on for ever; the next one does the work.
        var pipe = directory.Combine("pids");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", pipe)) await mkfifo.WaitForExitAsync();
        var repository = SamplePipeline.Create(directory, "repository");
        repository.Commit(
            "main",
            (
                "quantapilot.yml",
                SamplePipeline.Configuration + "\ngates: { anchor: { required: false }, milestone: { required: false } }\n"),
            (
                "tools/agent.sh",
                $"if mkdir {directory.Combine("tried")} 2> /dev/null; then sleep 1000 & echo $! $$ > {pipe}; wait; fi\n{SamplePipeline.Agent}"));
        await using var server = new ServerProcess(directory.Combine("data"), "--allow", "file://*", "--allow-commands", "file://*");
        string runId;
        using (var client = await server.StartAndWaitAsync()) runId = await client.StartRunAsync(repository.Url);
        var pids = (await File.ReadAllTextAsync(pipe)).Split(' ', StringSplitOptions.TrimEntries).Select(int.Parse).ToList();
        await server.KillAsync();
        Assert.All(pids, pid => Assert.True(RunTests.IsAlive(pid)));

        using var again = await server.StartAndWaitAsync();

        Assert.All(pids, pid => Assert.False(RunTests.IsAlive(pid)));
        var run = await again.WaitForEndAsync(runId);
        Assert.True(run.GetProperty("status").GetString() == "completed", run.ToString());
        Assert.Equal(["M-001/1", "M-002/1"], repository.Lines("show", "main:done.log"));
        Assert.Empty(Directory.GetFileSystemEntries(directory.Combine("data/work")));
    }

    private static int Seed(ITestOutputHelper output)
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        return seed;
    }

    /// <summary>Kills a server again and again while runs are driven on it, and starts it each time.</summary>
    /// <param name="directory">For data and repositories.</param>
    /// <param name="kills">How often.</param>
    /// <param name="allowed">The repositories that the server allows.</param>
    /// <param name="urlOf">The URL by which the server is given a repository.</param>
    /// <param name="untilKill">Done when the kill of that number is due, at the latest when the task that it is given is.</param>
    /// <param name="afterKill">Called after each kill.</param>
    private async Task KillAsync(
        TempDirectory directory, int kills, string allowed, Func<GitRepository, string> urlOf, Func<int, Task, Task> untilKill, Action? afterKill = null)
    {
        await using var server = new ServerProcess(directory.Combine("data"), "--allow", allowed, "--allow-commands", allowed);
        using (await server.StartAndWaitAsync())
        {
            // The token is there from the first start on.
        }
        using var client = new QpClient(server.Url, server.ReadToken());
        using var enough = new CancellationTokenSource();

        var caller = DriveRunsAsync(client, directory, urlOf, enough.Token);
        for (var kill = 0; kill < kills && !caller.IsCompleted; kill++)
        {
            await untilKill(kill, caller);
            await server.KillAsync();
            afterKill?.Invoke();
            server.Start();
        }
        await enough.CancelAsync();
        var runs = await caller;
        output.WriteLine($"{runs} runs ended over {kills} kills");
        Assert.True(runs > 0);
    }

    /// <summary>One run after another, each approved gate by gate, whatever happens to the server; the last one is finished.</summary>
    private static async Task<int> DriveRunsAsync(
        QpClient client, TempDirectory directory, Func<GitRepository, string> urlOf, CancellationToken enough)
    {
        var runs = 0;
        do
        {
            var repository = SamplePipeline.Create(directory, $"repository-{++runs}");
            var key = Guid.NewGuid().ToString();
            var runId = await InsistAsync(() => client.StartRunAsync(urlOf(repository), key: key));
            var answers = new Dictionary<string, string>();
            foreach (var gate in SamplePipeline.Gates)
            {
                answers[gate] = await InsistAsync(() => ApproveAsync(client, runId, gate));
            }
            var run = await InsistAsync(() => client.WaitForEndAsync(runId));

            Assert.True(run.GetProperty("status").GetString() == "completed", run.ToString());
            Assert.Equal(SamplePipeline.Events, await InsistAsync(() => client.ReadLogNamesAsync(runId)));
            // A decision that was answered is there, once.
            foreach (var gate in run.GetProperty("gates").EnumerateArray())
            {
                Assert.Contains(answers[gate.GetProperty("gate").GetString()!], new[] { "applied", "already_decided" });
                Assert.True(Assert.Single(gate.GetProperty("votes").EnumerateArray()).GetProperty("approved").GetBoolean());
            }
            SamplePipeline.AssertMergedOnce(repository);
            await AssertAccountedForAsync(client, runId);
        }
        while (!enough.IsCancellationRequested);
        return runs;
    }

    /// <summary>Whatever took effect has its entry, also where the server was killed before it could say so there.</summary>
    private static async Task AssertAccountedForAsync(QpClient client, string runId)
    {
        var (_, page) = await InsistAsync(() => client.SendAsync(HttpMethod.Get, $"/audit?run_id={runId}&limit=200"));
        var actions = page.GetProperty("items").EnumerateArray()
            .Where(entry => entry.GetProperty("outcome").GetString() is "accepted" or "begun")
            .Select(entry => $"{entry.GetProperty("action")} {(entry.TryGetProperty("gate", out var gate) ? gate : default)}")
            .ToList();
        Assert.Single(actions, "start_run ");
        foreach (var gate in SamplePipeline.Gates) Assert.Contains($"approve_gate {gate}", actions);
    }

    private static async Task<string> ApproveAsync(QpClient client, string runId, string gate)
    {
        while (true)
        {
            var (status, body) = await client.SendAsync(HttpMethod.Post, $"/runs/{runId}/gates/{gate}", new { approved = true });
            if (status == HttpStatusCode.OK) return body.GetProperty("result").GetString()!;
            Assert.Equal("gate_not_pending", body.GetProperty("error_code").GetString());
            var run = await client.GetRunAsync(runId);
            Assert.DoesNotContain(run.GetProperty("status").GetString(), new[] { "failed", "cancelled", "stuck" });
            await Task.Delay(20);
        }
    }

    /// <summary>Repeats a call until the server, which comes and goes, has answered it.</summary>
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
