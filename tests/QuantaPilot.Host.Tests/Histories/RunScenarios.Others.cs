using System.Net;
using QuantaPilot.Core.Admission;
using QuantaPilot.Testing.Agents;
using QuantaPilot.Testing.GitHub;

namespace QuantaPilot.Host.Tests.Histories;

/// <content>
/// Runs that others have a hand in: agents elsewhere, other runs, a forge with checks, people who push, the limits of the host.
/// </content>
internal static partial class RunScenarios
{
    private const string RemoteConfiguration =
        """
        version: 1
        agents: { remote: { type: http, endpoint: build-farm, timeout: 1d } }
        milestones: [ { id: M-001, title: Greeting, tasks: [ { agent: remote, prompt: "greet.sh says hello" } ] } ]
        gates: { anchor: { required: false } }

        """;

    /// <summary>Rejected with a commit on top, which is what the outline leaves as it is, then approved.</summary>
    private static async Task<string> ReworkDocumentationAsync(RunRecorder recorder)
    {
        var client = recorder.Client;
        var repository = recorder.Repository(
            DocumentationReworked,
            ("README.md", "# Sample\n"),
            ("quantapilot.yml", "version: 1\ngates: { anchor: { on_reject: rework } }\n"));
        var runId = await client.StartRunAsync(repository.Url);
        var asked = await client.WaitForEventAsync(runId, "gate_requested");
        repository.PushOnTop($"quantapilot/{runId}/documentation");
        await client.DecideAsync(runId, "anchor", false, "I have put it right");
        await DecideAsync(client, runId, "anchor", Sequence(asked));
        return await EndAsync(recorder, runId);
    }

    /// <summary>The agent tells how far it is, then what it has done.</summary>
    private static async Task<string> CallBackAsync(RunRecorder recorder)
    {
        var (runId, task) = await AskAgentAsync(recorder, RemoteAgent, RemoteConfiguration);
        await CallBackAsync(recorder, task, new { status = "running", message = "building" });
        await CallBackAsync(recorder, task, Done());
        await DecideAsync(recorder.Client, runId, "milestone:M-001", 0);
        return await EndAsync(recorder, runId);
    }

    private static async Task<string> LetAgentTimeOutAsync(RunRecorder recorder)
    {
        var (runId, _) = await AskAgentAsync(recorder, RemoteAgentTimedOut, RemoteConfiguration);
        recorder.Clock.Advance(TimeSpan.FromDays(1));
        return await EndAsync(recorder, runId);
    }

    /// <summary>The agent answers when the run's time is up, and a person gives it more.</summary>
    private static async Task<string> WorkOverTimeAsync(RunRecorder recorder)
    {
        var client = recorder.Client;
        var (runId, task) = await AskAgentAsync(recorder, OverTime, RemoteConfiguration + "limits: { duration: 8h }\n");
        recorder.Clock.Advance(TimeSpan.FromHours(9));
        await CallBackAsync(recorder, task, Done());
        await client.WaitForEventAsync(runId, "run_paused");
        await client.SendAsync(HttpMethod.Post, $"/runs/{runId}/resume", new { limits = new { duration = "12h" } });
        await DecideAsync(client, runId, "milestone:M-001", 0);
        return await EndAsync(recorder, runId);
    }

    /// <summary>The first task uses up what the host allows for a day; the second is done after midnight.</summary>
    private static async Task<string> HoldForTheDayAsync(RunRecorder recorder)
    {
        var client = recorder.Client;
        const string Tasks = """[ { agent: coder, prompt: "one" }, { agent: coder, prompt: "two" } ]""";
        var repository = recorder.Repository(
            HeldForTheDay,
            ("README.md", "# Sample\n"),
            ("quantapilot.yml", $$"""
                version: 1
                agents: { coder: { type: command, run: [bash, tools/agent.sh], timeout: 1m } }
                milestones: [ { id: M-001, title: Counting, tasks: {{Tasks}} } ]
                gates: { anchor: { required: false } }
                """),
            ("tools/agent.sh", "echo $QP_PROMPT >> count.txt\n" + """echo '{"tokens": 100}' > "$QP_USAGE_FILE" """));
        var runId = await client.StartRunAsync(repository.Url);
        await client.WaitForEventAsync(runId, "run_paused");
        await recorder.ExportOnTimerAsync(runId);
        recorder.Clock.Advance(recorder.Clock.GetUtcNow().Date.AddDays(1) - recorder.Clock.GetUtcNow().DateTime);
        await DecideAsync(client, runId, "milestone:M-001", 0);
        return await EndAsync(recorder, runId);
    }

    /// <summary>The retry of a run whose second milestone failed its check, which is put right meanwhile.</summary>
    private static async Task<string> RetryAsync(RunRecorder recorder)
    {
        var client = recorder.Client;
        var repository = recorder.SampleRepository(Retried);
        repository.Commit(
            "main",
            ("quantapilot.yml", SamplePipeline.Configuration.Replace("leave.sh]", "missing.sh]", StringComparison.Ordinal)
                + "\nlimits: { retries: 0 }\n"));
        var failed = await client.StartRunAsync(repository.Url);
        var after = await DecideAsync(client, failed, "anchor", 0);
        await DecideAsync(client, failed, "milestone:M-001", after);
        await client.WaitForEndAsync(failed);
        repository.CommitOnTop("main", ("quantapilot.yml", SamplePipeline.Configuration));
        var (_, retry) = await client.SendAsync(HttpMethod.Post, $"/runs/{failed}/retry");
        var runId = retry.GetProperty("run_id").GetString()!;
        await DecideAsync(client, runId, "milestone:M-002", 0);
        return await EndAsync(recorder, runId);
    }

    /// <summary>What was approved conflicts with what a person has pushed meanwhile, and is done anew.</summary>
    private static async Task<string> MergeAnewAsync(RunRecorder recorder)
    {
        var client = recorder.Client;
        var repository = recorder.SampleRepository(MergedAnew);
        var runId = await client.StartRunAsync(repository.Url);
        var asked = await DecideAsync(client, runId, "anchor", 0);
        asked = Sequence(await client.WaitForEventAsync(runId, "gate_requested", asked));
        repository.CommitOnTop("main", ("greet.sh", "echo good morning\n"));
        await client.DecideAsync(runId, "milestone:M-001", true);
        asked = await DecideAsync(client, runId, "milestone:M-001", asked);
        await DecideAsync(client, runId, "milestone:M-002", asked);
        return await EndAsync(recorder, runId);
    }

    /// <summary>On a host of its own, where one run works at a time: queued until the agent of another has answered.</summary>
    private static async Task<string> QueueAsync()
    {
        await using var recorder = await RunRecorder.StartAsync(
            options => options with { Concurrency = new ConcurrencyLimits { Running = 1 } });
        var client = recorder.Client;
        var (_, task) = await AskAgentAsync(recorder, "other", RemoteConfiguration);
        var runId = await client.StartRunAsync(recorder.Repository(Queued, ("README.md", "# Sample\n")).Url);
        while (!(await client.GetRunAsync(runId)).TryGetProperty("queue_position", out _)) await Task.Yield();
        await CallBackAsync(recorder, task, Done());
        await DecideAsync(client, runId, "anchor", 0);
        return await EndAsync(recorder, runId);
    }

    /// <summary>
    /// Checks that succeed after the first look, and some of which one fails: they are told to the agent, whose next try passes them.
    /// </summary>
    private static async Task<string> AwaitChecksAsync(RunRecorder recorder)
    {
        var client = recorder.Client;
        var repository = recorder.GitHubRepository(
            CheckedOnGitHub,
            ("README.md", "# Sample\n"),
            ("quantapilot.yml", """
                version: 1
                agents: { coder: { type: command, run: [bash, tools/agent.sh], timeout: 1m } }
                milestones: [ { id: M-001, title: Counting, tasks: [ { agent: coder, prompt: "count" } ] } ]
                """),
            ("tools/agent.sh", "echo $QP_ROUND >> rounds.txt\n"));
        var runId = await client.StartRunAsync(repository.Url);
        await EndCheckAsync(recorder, repository, runId, 1, "success");
        var asked = await DecideAsync(client, runId, "anchor", 0);
        var refused = await EndCheckAsync(recorder, repository, runId, 2, "failure");
        while (repository.PullRequest(2).HeadSha == refused) await Task.Yield();
        await EndCheckAsync(recorder, repository, runId, 2, "success");
        await DecideAsync(client, runId, "milestone:M-001", asked);
        return await EndAsync(recorder, runId);
    }

    /// <summary>Waits until the run awaits checks; then one ends, and time passes until the next look.</summary>
    /// <returns>The head whose check it was.</returns>
    private static async Task<string> EndCheckAsync(
        RunRecorder recorder, FakeGitHubRepository repository, string runId, int number, string conclusion)
    {
        while (await StepAsync(recorder, runId) != $"checks:{number}") await Task.Yield();
        await recorder.ExportOnTimerAsync(runId);
        var head = repository.PullRequest(number).HeadSha;
        repository.SetCheck(head, new FakeCheckRun("build", conclusion, "It counts to one."));
        recorder.Clock.Advance(TimeSpan.FromSeconds(10));
        return head;
    }

    private static async Task<string?> StepAsync(RunRecorder recorder, string runId) =>
        (await recorder.Client.GetRunAsync(runId)).TryGetProperty("step", out var step) ? step.GetString() : null;

    /// <summary>Starts a run and waits until it waits for the agent elsewhere.</summary>
    private static async Task<(string RunId, ReceivedTask Task)> AskAgentAsync(
        RunRecorder recorder, string name, string configuration)
    {
        var repository = recorder.Repository(name, ("README.md", "# Sample\n"), ("quantapilot.yml", configuration));
        var runId = await recorder.Client.StartRunAsync(repository.Url);
        var task = await recorder.Agent.NextTaskAsync();
        await recorder.ExportOnTimerAsync(runId);
        return (runId, task);
    }

    private static async Task CallBackAsync(RunRecorder recorder, ReceivedTask task, object answer)
    {
        var (status, body) = await recorder.Agent.CallBackAsync(task.CallbackUrl, answer);
        Assert.True(status == HttpStatusCode.OK, body);
    }

    private static object Done() => new
    {
        status = "succeeded",
        summary = "It says hello.",
        files = new[] { new { path = "greet.sh", content = "echo hello\n" } },
        usage = new { tokens = 100, usd = 0.01 },
    };
}
