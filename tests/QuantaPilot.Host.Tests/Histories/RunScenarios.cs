namespace QuantaPilot.Host.Tests.Histories;

/// <summary>The runs whose histories are committed: each is made anew by its scenario, and answered as its exported history.</summary>
internal static partial class RunScenarios
{
    public const string Completed = "completed";
    public const string WaitingAtAnchor = "waiting-at-anchor";
    public const string ChecksFailed = "checks-failed";
    public const string CancelledWhilePaused = "cancelled-while-paused";
    public const string TimedOutAndStale = "timed-out-and-stale";
    public const string Reminded = "reminded";
    public const string ReworkedAndLimited = "reworked-and-limited";
    public const string DocumentationReworked = "documentation-reworked";
    public const string RemoteAgent = "remote-agent";
    public const string RemoteAgentTimedOut = "remote-agent-timed-out";
    public const string OverTime = "over-time";
    public const string HeldForTheDay = "held-for-the-day";
    public const string Retried = "retried";
    public const string MergedAnew = "merged-anew";
    public const string Queued = "queued";
    public const string CheckedOnGitHub = "checked-on-github";
    public const string OutlastedOutage = "outlasted-outage";

    public static IReadOnlyDictionary<string, Func<RunRecorder, Task<string>>> All { get; } = new Dictionary<string, Func<RunRecorder, Task<string>>>
    {
        [Completed] = CompleteAsync,
        [WaitingAtAnchor] = WaitAtAnchorAsync,
        [ChecksFailed] = FailChecksAsync,
        [CancelledWhilePaused] = CancelWhilePausedAsync,
        [TimedOutAndStale] = TimeOutAndGoStaleAsync,
        [Reminded] = RemindAsync,
        [ReworkedAndLimited] = ReworkAndRaiseAsync,
        [DocumentationReworked] = ReworkDocumentationAsync,
        [RemoteAgent] = CallBackAsync,
        [RemoteAgentTimedOut] = LetAgentTimeOutAsync,
        [OverTime] = WorkOverTimeAsync,
        [HeldForTheDay] = HoldForTheDayAsync,
        [Retried] = RetryAsync,
        [MergedAnew] = MergeAnewAsync,
        [Queued] = _ => QueueAsync(),
        [CheckedOnGitHub] = AwaitChecksAsync,
        [OutlastedOutage] = OutlastOutageAsync,
    };

    /// <summary>Documentation and two milestones, each approved and merged.</summary>
    private static async Task<string> CompleteAsync(RunRecorder recorder)
    {
        var client = recorder.Client;
        var runId = await client.StartRunAsync(recorder.SampleRepository(Completed).Url);
        var after = 0;
        foreach (var gate in SamplePipeline.Gates) after = await DecideAsync(client, runId, gate, after);
        return await EndAsync(recorder, runId);
    }

    private static async Task<string> WaitAtAnchorAsync(RunRecorder recorder)
    {
        var repository = recorder.Repository(WaitingAtAnchor, ("README.md", "# Sample\n"));
        var runId = await recorder.Client.StartRunAsync(repository.Url);
        await recorder.Client.WaitForEventAsync(runId, "gate_requested");
        return await recorder.ExportOnTimerAsync(runId);
    }

    private static async Task<string> FailChecksAsync(RunRecorder recorder)
    {
        var repository = recorder.Repository(
            ChecksFailed,
            ("README.md", "# Sample\n"),
            ("quantapilot.yml", SamplePipeline.Configuration.Replace("greet.sh]", "broken.sh]", StringComparison.Ordinal)),
            ("tools/agent.sh", SamplePipeline.Agent),
            ("broken.sh", "echo it does not greet; exit 3\n"));
        var runId = await recorder.Client.StartRunAsync(repository.Url);
        await DecideAsync(recorder.Client, runId, "anchor", 0);
        return await EndAsync(recorder, runId);
    }

    private static async Task<string> CancelWhilePausedAsync(RunRecorder recorder)
    {
        var client = recorder.Client;
        var repository = recorder.Repository(CancelledWhilePaused, ("README.md", "# Sample\n"));
        var runId = await client.StartRunAsync(repository.Url);
        await client.WaitForEventAsync(runId, "gate_requested");
        await client.SendAsync(HttpMethod.Post, $"/runs/{runId}/pause", new { reason = "lunch" });
        await client.WaitForEventAsync(runId, "run_paused");
        await client.SendAsync(HttpMethod.Post, $"/runs/{runId}/cancel", new { reason = "no longer wanted" });
        return await EndAsync(recorder, runId);
    }

    /// <summary>Asked three times at one gate: nobody answers, then the branch moves after the approval, then it is approved.</summary>
    private static async Task<string> TimeOutAndGoStaleAsync(RunRecorder recorder)
    {
        var client = recorder.Client;
        var repository = recorder.Repository(
            TimedOutAndStale,
            ("README.md", "# Sample\n"),
            ("quantapilot.yml", "version: 1\ngates: { anchor: { timeout: 7d, on_timeout: remind } }\n"));
        var runId = await client.StartRunAsync(repository.Url);
        var first = await client.WaitForEventAsync(runId, "gate_requested");
        recorder.Clock.Advance(TimeSpan.FromDays(7));
        var reminded = await client.WaitForEventAsync(runId, "gate_requested", Sequence(first));
        repository.PushOnTop($"quantapilot/{runId}/documentation");
        await client.DecideAsync(runId, "anchor", true);
        await DecideAsync(client, runId, "anchor", Sequence(reminded));
        return await EndAsync(recorder, runId);
    }

    /// <summary>Asked once and reminded twice, then approved.</summary>
    private static async Task<string> RemindAsync(RunRecorder recorder)
    {
        var client = recorder.Client;
        var repository = recorder.Repository(
            Reminded,
            ("README.md", "# Sample\n"),
            ("quantapilot.yml", "version: 1\ngates: { anchor: { timeout: 7d, remind: 1d } }\n"));
        var runId = await client.StartRunAsync(repository.Url);
        var last = Sequence(await client.WaitForEventAsync(runId, "gate_requested"));
        for (var day = 1; day <= 2; day++)
        {
            recorder.Clock.Advance(TimeSpan.FromDays(1));
            last = Sequence(await client.WaitForEventAsync(runId, "gate_requested", last));
        }
        await client.DecideAsync(runId, "anchor", true);
        return await EndAsync(recorder, runId);
    }

    /// <summary>
    /// A plan in the documentation; its check fails in the first round, a reviewer rejects the second, and the third goes over the
    /// limit, which is raised.
    /// </summary>
    private static async Task<string> ReworkAndRaiseAsync(RunRecorder recorder)
    {
        var client = recorder.Client;
        var repository = recorder.Repository(
            ReworkedAndLimited,
            ("README.md", "# Sample\n"),
            ("quantapilot.yml", ReworkedPipeline.Configuration),
            ("docs/30_milestones.md", ReworkedPipeline.Plan),
            ("tools/agent.sh", ReworkedPipeline.Agent));
        var runId = await client.StartRunAsync(repository.Url);
        var asked = await client.WaitForEventAsync(runId, "gate_requested");
        await client.DecideAsync(runId, "anchor", true);
        asked = await client.WaitForEventAsync(runId, "gate_requested", Sequence(asked));
        await client.SendAsync(HttpMethod.Post, $"/runs/{runId}/gates/milestone:M-001", new { approved = false, reason = "say it louder" });
        await client.WaitForEventAsync(runId, "run_paused");
        await client.SendAsync(HttpMethod.Post, $"/runs/{runId}/resume", new { limits = new { tokens = 500 } });
        await DecideAsync(client, runId, "milestone:M-001", Sequence(asked));
        return await EndAsync(recorder, runId);
    }

    /// <summary>Approved while the store is away: the merge waits until it is back, for more tries than any other fault gets.</summary>
    private static async Task<string> OutlastOutageAsync(RunRecorder recorder)
    {
        var client = recorder.Client;
        var runId = await client.StartRunAsync(recorder.Repository(OutlastedOutage, ("README.md", "# Sample\n")).Url);
        await client.WaitForEventAsync(runId, "gate_requested");
        await recorder.OutlastAsync(runId, times: 5, () => client.DecideAsync(runId, "anchor", true));
        return await EndAsync(recorder, runId);
    }

    /// <summary>Approves the gate that is requested after an event.</summary>
    /// <returns>The sequence number of its request.</returns>
    private static async Task<int> DecideAsync(QpClient client, string runId, string gate, int after)
    {
        var requested = await client.WaitForEventAsync(runId, "gate_requested", after);
        await client.DecideAsync(runId, gate, true);
        return Sequence(requested);
    }

    private static async Task<string> EndAsync(RunRecorder recorder, string runId)
    {
        await recorder.Client.WaitForEndAsync(runId);
        return await recorder.ExportAfterEndAsync(runId);
    }

    private static int Sequence(System.Text.Json.JsonElement e) => e.GetProperty("sequence").GetInt32();
}
