using System.Net;
using System.Text.Json;

namespace QuantaPilot.EndToEnd;

public sealed class RetryTests
{
    /// <summary>The check of the second milestone can't succeed.</summary>
    private static readonly string Broken =
        SamplePipeline.Configuration.Replace(
            "[bash, leave.sh]", "[bash, missing.sh]", StringComparison.Ordinal) + "\nlimits: { retries: 0 }\n";

    [Fact]
    public async Task Retry_OnceTheCheckIsFixed_CompletesAndDoesNothingTwice()
    {
        using var directory = new TempDirectory();
        await using var server = Server(directory);
        using var client = await server.StartAndWaitAsync();
        var repository = SamplePipeline.Create(directory, "repository");
        repository.Commit("main", ("quantapilot.yml", Broken));
        var first = await FailAsync(client, repository);
        Fix(repository);

        var retry = await RetryAsync(client, first);
        await ApproveAsync(client, retry, "milestone:M-002");
        var run = await client.WaitForEndAsync(retry);

        Assert.True(run.GetProperty("status").GetString() == "completed", run.ToString());
        Assert.Equal(first, run.GetProperty("retry_of").GetString());
        Assert.Equal(retry, (await client.GetRunAsync(first)).GetProperty("retried_by").GetString());
        Assert.Equal(
            ["run_started", "gate_requested", "gate_decision", "milestone_completed", "run_completed"],
            await client.ReadLogNamesAsync(retry));
        AssertDoneOnce(repository, run, first);
    }

    [Fact]
    public async Task Retry_ServerIsKilledAgainAndAgain_DoesNothingTwice()
    {
        const int Kills = 8;
        using var directory = new TempDirectory();
        await using var server = Server(directory);
        var repository = SamplePipeline.Create(directory, "repository");
        repository.Commit("main", ("quantapilot.yml", Broken));
        string first;
        using (var client = await server.StartAndWaitAsync()) first = await FailAsync(client, repository);
        Fix(repository);

        var random = new Random(4711);
        using var caller = new QpClient(server.Url, server.ReadToken());
        var ending = EndAsync();
        for (var kill = 0; kill < Kills && !ending.IsCompleted; kill++)
        {
            await Task.WhenAny(ending, Task.Delay(random.Next(1_500)));
            await server.KillAsync();
            server.Start();
        }
        var run = await ending;

        Assert.True(run.GetProperty("status").GetString() == "completed", run.ToString());
        AssertDoneOnce(repository, run, first);

        async Task<JsonElement> EndAsync()
        {
            var retry = await InsistAsync(() => RetryAsync(caller, first, key: "once"));
            await InsistAsync(async () =>
            {
                await ApproveAsync(caller, retry, "milestone:M-002");
                return true;
            });
            return await InsistAsync(() => caller.WaitForEndAsync(retry));
        }
    }

    [Fact]
    public async Task Retry_ServerIsKilledWhileItsAgentWorks_GoesOnFromTheTaskThatHadFailed()
    {
        using var directory = new TempDirectory();
        await using var server = Server(directory);
        var pipe = directory.Combine("pipe");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", pipe)) await mkfifo.WaitForExitAsync();
        var repository = SamplePipeline.Create(directory, "repository");
        const string Last = """[ { agent: coder, prompt: "leave.sh says goodbye" } ]""";
        const string LastTwo = """[ { agent: coder, prompt: "note.sh says this" }, { agent: coder, prompt: "leave.sh says goodbye" } ]""";
        // The last task fails at first, then tells that it has begun and goes on for ever, and is done in the end.
        repository.Commit(
            "main",
            ("quantapilot.yml", SamplePipeline.Configuration.Replace(Last, LastTwo, StringComparison.Ordinal)),
            ("tools/agent.sh",
                $"""
                if [ $QP_STEP = M-002/2 ]; then
                  mkdir {directory.Combine("failed")} 2> /dev/null && exit 9
                  if mkdir {directory.Combine("held")} 2> /dev/null; then echo begun > {pipe}; sleep 1000; fi
                fi
                {SamplePipeline.Agent}
                """));
        string first, retry;
        using (var client = await server.StartAndWaitAsync())
        {
            first = await client.StartRunAsync(repository.Url);
            foreach (var gate in new[] { "anchor", "milestone:M-001" }) await ApproveAsync(client, first, gate);
            var failed = await client.WaitForEndAsync(first);
            Assert.Equal("agent_failed", failed.GetProperty("error").GetProperty("error_code").GetString());
            retry = await RetryAsync(client, first);
            Assert.Equal("begun\n", await File.ReadAllTextAsync(pipe));
            await server.KillAsync();
        }

        using var again = await server.StartAndWaitAsync();
        await ApproveAsync(again, retry, "milestone:M-002");
        var run = await again.WaitForEndAsync(retry);

        Assert.True(run.GetProperty("status").GetString() == "completed", run.ToString());
        Assert.Equal(first, run.GetProperty("retry_of").GetString());
        Assert.Equal(retry, (await again.GetRunAsync(first)).GetProperty("retried_by").GetString());
        Assert.Equal(
            ["run_started", "gate_requested", "gate_decision", "milestone_completed", "run_completed"],
            await again.ReadLogNamesAsync(retry));
        AssertDoneOnce(repository, run, first, commitsByPeople: 2, "M-001/1", "M-002/1", "M-002/2");
    }

    [Fact]
    public async Task Retry_AfterARejection_AsksAgainForTheSamePullRequestAtItsPresentHead()
    {
        using var directory = new TempDirectory();
        await using var server = Server(directory);
        using var client = await server.StartAndWaitAsync();
        var repository = new GitRepository(directory, "repository");
        repository.Commit("main", ("README.md", "# Sample\n"));
        var first = await client.StartRunAsync(repository.Url);
        await client.WaitForEventAsync(first, "gate_requested");
        await client.DecideAsync(first, "anchor", false, "a word is missing");
        await client.WaitForEndAsync(first);
        var pushed = repository.PushOnTop($"quantapilot/{first}/documentation");

        var retry = await RetryAsync(client, first);
        await client.WaitForEventAsync(retry, "gate_requested");
        var review = (await client.GetRunAsync(retry)).GetProperty("gates")[0].GetProperty("review");
        await client.DecideAsync(retry, "anchor", true);
        var run = await client.WaitForEndAsync(retry);

        Assert.Equal(1, review.GetProperty("pull_request").GetProperty("number").GetInt32());
        Assert.Equal(pushed, review.GetProperty("head_sha").GetString());
        Assert.Equal("completed", run.GetProperty("status").GetString());
        Assert.Equal(
            ["run_started", "documentation_generated", "gate_requested", "gate_decision", "run_completed"],
            await client.ReadLogNamesAsync(retry));
        Assert.Equal([$"quantapilot/{first}/documentation"], WorkBranches(repository));
    }

    [Fact]
    public async Task Qp_Retry_FollowsTheNewRunToItsEnd()
    {
        using var directory = new TempDirectory();
        var repository = new GitRepository(directory, "repository");
        repository.Commit("main", ("README.md", "# Sample\n"), ("quantapilot.yml", "version: 2\n"));
        var data = directory.Combine("data");
        string[] common = ["--data", data];
        var (failed, output) = await QpProcess.RunAsync(directory.Path, ["run", "--repo", repository.Bare, "--branch", "main", .. common]);
        Assert.True(failed == 1, output);
        repository.Commit("main", ("quantapilot.yml", "version: 1\ngates: { anchor: { required: false } }\n"));

        var (_, list) = await QpProcess.RunAsync(directory.Path, ["list", .. common]);
        var id = list[..32];
        var (done, shown) = await QpProcess.RunAsync(directory.Path, ["retry", id, .. common]);
        var (_, status) = await QpProcess.RunAsync(directory.Path, ["status", id, .. common]);
        var (refused, again) = await QpProcess.RunAsync(directory.Path, ["retry", id, .. common]);

        Assert.True(done == 0, shown);
        Assert.Contains("Retried by", status, StringComparison.Ordinal);
        Assert.True(refused == 1, again);
        Assert.Contains("is retried by run", again, StringComparison.Ordinal);
    }

    private static ServerProcess Server(TempDirectory directory) =>
        new(directory.Combine("data"), "--allow", "file://*", "--allow-commands", "file://*");

    /// <summary>Runs to the check that can't succeed.</summary>
    private static async Task<string> FailAsync(QpClient client, GitRepository repository)
    {
        var id = await client.StartRunAsync(repository.Url);
        foreach (var gate in new[] { "anchor", "milestone:M-001" }) await ApproveAsync(client, id, gate);
        var run = await client.WaitForEndAsync(id);
        Assert.Equal("checks_failed", run.GetProperty("error").GetProperty("error_code").GetString());
        return id;
    }

    /// <summary>As a person would: on top of what was merged meanwhile.</summary>
    private static void Fix(GitRepository repository) =>
        repository.CommitOnTop("main", ("quantapilot.yml", SamplePipeline.Configuration));

    private static async Task<string> RetryAsync(QpClient client, string run, string? key = null)
    {
        (string, string)[] headers = key is null ? [] : [("Idempotency-Key", key)];
        var (status, body) = await client.SendAsync(HttpMethod.Post, $"/runs/{run}/retry", null, headers);
        Assert.True(status == HttpStatusCode.Accepted, body.ToString());
        return body.GetProperty("run_id").GetString()!;
    }

    private static async Task ApproveAsync(QpClient client, string run, string gate)
    {
        while (true)
        {
            var (status, body) = await client.SendAsync(HttpMethod.Post, $"/runs/{run}/gates/{gate}", new { approved = true });
            if (status == HttpStatusCode.OK) return;
            Assert.Equal("gate_not_pending", body.GetProperty("error_code").GetString());
            var found = await client.GetRunAsync(run);
            Assert.False(found.GetProperty("status").GetString() is "failed" or "cancelled" or "stuck", found.ToString());
            await Task.Delay(20);
        }
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

    /// <summary>Each task once, each pull request merged once, and no other branches than those of the first run.</summary>
    private static void AssertDoneOnce(GitRepository repository, JsonElement run, string first) =>
        // Two at the beginning and the fix.
        AssertDoneOnce(repository, run, first, commitsByPeople: 3, "M-001/1", "M-002/1");

    private static void AssertDoneOnce(GitRepository repository, JsonElement run, string first, int commitsByPeople, params string[] tasks)
    {
        Assert.Equal(tasks, repository.Lines("show", "main:done.log"));
        // One commit for each pull request.
        Assert.Equal(commitsByPeople + 3, repository.Lines("log", "--format=%s", "main").Count);
        var pullRequests = run.GetProperty("pull_requests").EnumerateArray().ToList();
        Assert.Equal([1, 2, 3], pullRequests.Select(pr => pr.GetProperty("number").GetInt32()));
        Assert.All(pullRequests, pr => Assert.NotEmpty(pr.GetProperty("merge_sha").GetString()!));
        Assert.Equal(
            [$"quantapilot/{first}/M-001", $"quantapilot/{first}/M-002", $"quantapilot/{first}/documentation"], WorkBranches(repository));
    }

    private static IReadOnlyList<string> WorkBranches(GitRepository repository) =>
        repository.Lines("for-each-ref", "--format=%(refname:short)", "refs/heads/quantapilot");
}
