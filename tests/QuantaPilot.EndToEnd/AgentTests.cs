using System.Net;
using QuantaPilot.Testing.Agents;

namespace QuantaPilot.EndToEnd;

/// <summary>Agents elsewhere, over HTTP, on a real server.</summary>
public sealed class AgentTests : IAsyncLifetime, IDisposable
{
    private const string Configuration =
        """
        version: 1
        agents:
          remote: { type: http, endpoint: build-farm, timeout: TIMEOUT }
        milestones:
          - id: M-001
            title: Greeting
            criteria: [ "it says hello" ]
            tasks: [ { agent: remote, prompt: "greet.sh says hello" } ]
        gates: { anchor: { required: false } }
        """;

    private readonly TempDirectory _directory = new();
    private HttpAgentServer _agent = null!;
    private ServerProcess _server = null!;

    public async Task InitializeAsync()
    {
        _agent = await HttpAgentServer.StartAsync();
        _server = new ServerProcess(
            _directory.Combine("data"),
            "--allow", "file://*", "--allow-webhooks", "127.0.0.1", "--agent", $"build-farm={_agent.Url},file://*");
        _server.Variables["QP_AGENT_SECRET_BUILD_FARM"] = HttpAgentServer.Secret;
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _agent.DisposeAsync();
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Run_AnsweredAfterTheServerWasKilled_EndsWithTheWorkMergedOnce()
    {
        var repository = Repository("1h");
        string runId;
        ReceivedTask task;
        using (var client = await _server.StartAndWaitAsync())
        {
            runId = await client.StartRunAsync(repository.Url);
            task = await _agent.NextTaskAsync();
        }
        await _server.KillAsync();

        Assert.True(task.IsSigned);
        Assert.Equal(("M-001/1", "greet.sh says hello", "main"), (task.Step, task.Text("prompt"), task.Text("branch")));
        Assert.Equal(["it says hello"], task.Json.GetProperty("criteria").EnumerateArray().Select(text => text.GetString()));
        Assert.Equal(repository.Git("rev-parse", "main"), task.Text("base_commit"));
        Assert.StartsWith($"{_server.Url}runs/{runId}/agents/M-001:1/1", task.CallbackUrl, StringComparison.Ordinal);

        using var again = await _server.StartAndWaitAsync();
        var progress = await _agent.CallBackAsync(task.CallbackUrl, new { status = "running", message = "building" });
        Assert.Equal(HttpStatusCode.OK, progress.Status);
        var wrong = await _agent.CallBackAsync(task.CallbackUrl, new { status = "failed", message = "no" }, key: new byte[32]);
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.Status);
        var answer = new
        {
            status = "succeeded",
            summary = "It says hello.",
            files = new object[]
            {
                new { path = "greet.sh", content = "echo hello\n" },
                new { path = "data/logo.bin", content_base64 = "AAEC/w==" },
                // Beyond what other endpoints take.
                new { path = "data/large.txt", content = new string('x', 2 * 1024 * 1024) },
                new { path = "old.txt", deleted = true },
            },
        };
        var first = await _agent.CallBackAsync(task.CallbackUrl, answer);
        var repeat = await _agent.CallBackAsync(task.CallbackUrl, answer);
        var other = await _agent.CallBackAsync(task.CallbackUrl, new { status = "succeeded", files = Array.Empty<object>() });
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Conflict), (first.Status, repeat.Status, other.Status));
        Assert.Equal(first.Body, repeat.Body);

        await again.WaitForEventAsync(runId, "gate_requested");
        Assert.Equal("applied", await again.DecideAsync(runId, "milestone:M-001", true));
        var run = await again.WaitForEndAsync(runId);

        Assert.True(run.GetProperty("status").GetString() == "completed", run.ToString());
        Assert.Equal("echo hello", repository.Git("show", "main:greet.sh"));
        Assert.Equal("4", repository.Git("cat-file", "-s", "main:data/logo.bin"));
        Assert.Equal($"{2 * 1024 * 1024}", repository.Git("cat-file", "-s", "main:data/large.txt"));
        Assert.DoesNotContain("old.txt", repository.Lines("ls-tree", "--name-only", "main"));
        var review = run.GetProperty("gates")[0].GetProperty("review");
        Assert.Contains("It says hello.", review.GetProperty("summary").GetString(), StringComparison.Ordinal);
        var (_, log) = await again.SendAsync(HttpMethod.Get, $"/runs/{runId}/logs?step=M-001");
        Assert.Equal("building", Assert.Single(log.GetProperty("items").EnumerateArray()).GetProperty("text").GetString());
        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory.Combine("data/work")));
    }

    [Fact]
    public async Task Run_AgentPushesItsWorkItself_GoesOnFromThatHeadAndNoOther()
    {
        var repository = Repository("1h");
        using var client = await _server.StartAndWaitAsync();
        var runId = await client.StartRunAsync(repository.Url);
        var task = await _agent.NextTaskAsync();
        var tree = repository.Git("rev-parse", "main^{tree}");
        var pushed = repository.Git("commit-tree", tree, "-p", task.Text("base_commit"), "-m", "Work done elsewhere");
        repository.Git("update-ref", $"refs/heads/{task.Text("work_branch")}", pushed);

        await _agent.CallBackAsync(task.CallbackUrl, new { status = "succeeded", summary = "pushed", head_sha = pushed });
        await client.WaitForEventAsync(runId, "gate_requested");

        var review = (await client.GetRunAsync(runId)).GetProperty("gates")[0].GetProperty("review");
        Assert.Equal(pushed, review.GetProperty("head_sha").GetString());

        var second = await client.StartRunAsync(repository.Url);
        var lied = await _agent.NextTaskAsync();
        var (taken, body) = await _agent.CallBackAsync(lied.CallbackUrl, new { status = "succeeded", head_sha = pushed });
        Assert.True(taken == HttpStatusCode.OK, body);
        var error = (await client.WaitForEndAsync(second)).GetProperty("error");
        Assert.Equal("agent_failed", error.GetProperty("error_code").GetString());
        Assert.Contains("the head of the work branch is", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_AgentFails_FailsWithItsWords()
    {
        var repository = Repository("1h");
        using var client = await _server.StartAndWaitAsync();
        var runId = await client.StartRunAsync(repository.Url);
        var task = await _agent.NextTaskAsync();

        await _agent.CallBackAsync(task.CallbackUrl, new { status = "failed", message = "The compiler says no." });

        var error = (await client.WaitForEndAsync(runId)).GetProperty("error");
        Assert.Equal("agent_failed", error.GetProperty("error_code").GetString());
        Assert.Equal("The agent remote failed: The compiler says no.", error.GetProperty("message").GetString());
    }

    [Fact]
    public async Task Run_AgentDoesNotAnswerInTime_FailsAndTellsIt()
    {
        var repository = Repository("1s");
        using var client = await _server.StartAndWaitAsync();
        var runId = await client.StartRunAsync(repository.Url);
        var task = await _agent.NextTaskAsync();

        var error = (await client.WaitForEndAsync(runId)).GetProperty("error");

        Assert.Equal("agent_timed_out", error.GetProperty("error_code").GetString());
        Assert.True(await _agent.NextStopAsync());
        var late = await _agent.CallBackAsync(task.CallbackUrl, new { status = "succeeded" });
        Assert.Equal(HttpStatusCode.Conflict, late.Status);
    }

    [Fact]
    public async Task Cancel_WhileTheAgentWorks_EndsTheRunAndTellsIt()
    {
        var repository = Repository("1h");
        using var client = await _server.StartAndWaitAsync();
        var runId = await client.StartRunAsync(repository.Url);
        var task = await _agent.NextTaskAsync();

        var (status, _) = await client.SendAsync(HttpMethod.Post, $"/runs/{runId}/cancel", new { reason = "not now" });
        Assert.Equal(HttpStatusCode.Accepted, status);

        Assert.Equal("cancelled", (await client.WaitForEndAsync(runId)).GetProperty("status").GetString());
        Assert.True(await _agent.NextStopAsync());
        var late = await _agent.CallBackAsync(task.CallbackUrl, new { status = "succeeded" });
        Assert.Equal(HttpStatusCode.Conflict, late.Status);
    }

    [Fact]
    public async Task Run_NamesAnAgentThatTheHostLacks_FailsBeforeAnythingHappens()
    {
        var repository = Repository("1h");
        repository.Commit("main", ("quantapilot.yml", Configuration.Replace("TIMEOUT", "1h", StringComparison.Ordinal)
            .Replace("endpoint: build-farm", "endpoint: nowhere", StringComparison.Ordinal)));
        using var client = await _server.StartAndWaitAsync();

        var run = await client.WaitForEndAsync(await client.StartRunAsync(repository.Url));

        Assert.Equal("agent_not_allowed", run.GetProperty("error").GetProperty("error_code").GetString());
        Assert.Contains("no agent named 'nowhere'", run.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Example_InPython_DoesATask()
    {
        var script = RepositoryFiles.PathOf("scripts/agents/agent.py");
        using var agent = QpProcess.StartProgram(
            _directory.Path,
            new Dictionary<string, string> { ["QP_AGENT_SECRET_BUILD_FARM"] = HttpAgentServer.Secret },
            "python3", script, "0", "bash", "-c", "echo \"# $QP_PROMPT\" > greet.sh; rm old.txt; echo all done");
        await agent.WaitForAsync("/tasks");
        await using var server = new ServerProcess(
            _directory.Combine("example"),
            "--allow", "file://*", "--allow-webhooks", "127.0.0.1", "--agent", $"build-farm={agent.Output.Trim()}");
        server.Variables["QP_AGENT_SECRET_BUILD_FARM"] = HttpAgentServer.Secret;
        using var client = await server.StartAndWaitAsync();
        var repository = Repository("1h");

        var runId = await client.StartRunAsync(repository.Url);
        await client.WaitForEventAsync(runId, "gate_requested");

        var branch = $"quantapilot/{runId}/M-001";
        Assert.Equal("# greet.sh says hello", repository.Git("show", $"{branch}:greet.sh"));
        Assert.DoesNotContain("old.txt", repository.Lines("ls-tree", "--name-only", branch));
        var (_, log) = await client.SendAsync(HttpMethod.Get, $"/runs/{runId}/logs");
        Assert.StartsWith("working on ", log.GetProperty("items")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    private GitRepository Repository(string timeout)
    {
        var repository = new GitRepository(_directory, $"repository-{Guid.NewGuid():N}");
        repository.Commit(
            "main",
            ("README.md", "# Sample\n"),
            ("old.txt", "old\n"),
            ("quantapilot.yml", Configuration.Replace("TIMEOUT", timeout, StringComparison.Ordinal)));
        return repository;
    }
}
