using System.Net;
using Xunit.Abstractions;

namespace QuantaPilot.EndToEnd;

public sealed class KillTests(ITestOutputHelper output)
{
    private const int Kills = 50;

    /// <summary>Longer than most steps take, so that kills land in all of them, and in start-up too.</summary>
    private const int LongestLifeMilliseconds = 1_800;

    [Fact]
    public async Task Server_KilledAtFiftyRandomMoments_LosesAndRepeatsNothing()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var directory = new TempDirectory();
        await using var server = new ServerProcess(directory.Combine("data"), "--allow", "file://*", "--allow-commands", "file://*");
        using (await server.StartAndWaitAsync())
        {
            // The token is there from the first start on.
        }
        using var client = new QpClient(server.Url, server.ReadToken());
        using var enough = new CancellationTokenSource();

        var caller = DriveRunsAsync(client, directory, enough.Token);
        for (var kill = 0; kill < Kills && !caller.IsCompleted; kill++)
        {
            await Task.Delay(random.Next(LongestLifeMilliseconds));
            await server.KillAsync();
            server.Start();
        }
        await enough.CancelAsync();
        var runs = await caller;
        output.WriteLine($"{runs} runs ended over {Kills} kills");
        Assert.True(runs > 0);
    }

    /// <summary>One run after another, each approved gate by gate, whatever happens to the server; the last one is finished.</summary>
    private static async Task<int> DriveRunsAsync(QpClient client, TempDirectory directory, CancellationToken enough)
    {
        var runs = 0;
        do
        {
            var repository = SamplePipeline.Create(directory, $"repository-{++runs}");
            var key = Guid.NewGuid().ToString();
            var runId = await InsistAsync(() => client.StartRunAsync(repository.Url, key: key));
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
        }
        while (!enough.IsCancellationRequested);
        return runs;
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
