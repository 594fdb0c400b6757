using System.Net;
using System.Text.Json;

namespace QuantaPilot.Conformance;

/// <summary>What a run may use up: over that it pauses, and goes on with more only.</summary>
public sealed class LimitTests : Scenario
{
    private const string Gate = "milestone:M-001";

    /// <summary>Each of the tasks costs 105 tokens: two are over 80 % of the limit, three over all of it.</summary>
    private const string Milestone =
        """
        milestones:
          - id: M-001
            title: Three files
            tasks: [ { agent: AGENT, prompt: a }, { agent: AGENT, prompt: b }, { agent: AGENT, prompt: c } ]
        limits: { tokens: 260 }

        """;

    [AgentFact]
    public async Task Tokens_OfAnAgentElsewhere_PauseTheRunUntilItMayUseMore()
    {
        var configuration = AgentPipeline.Agents + AgentPipeline.NoAnchor + Milestone.Replace("AGENT", "remote", StringComparison.Ordinal);
        var run = await StartAsync(await ServeAsync(configuration));
        foreach (var name in new[] { "a", "b", "c" })
        {
            var task = await Agent.NextTaskAsync(run.Remote);
            if (name == "c") await AssertUsageAsync(run, 210, "tokens");
            await Agent.WriteAsync(task, name, name, usage: new { tokens = 105, usd = 0.01 });
        }

        await AssertPausesUntilRaisedAsync(run);
    }

    [CommandsFact]
    public async Task Tokens_ThatAProgramTellsInItsFile_PauseTheRunUntilItMayUseMore()
    {
        const string Agents = "version: 1\nagents: { coder: { type: command, run: [bash, tools/agent.sh], timeout: 1m } }\n";
        var remote = await ServeFilesAsync(
            [
                ("quantapilot.yml", Agents + AgentPipeline.NoAnchor + Milestone.Replace("AGENT", "coder", StringComparison.Ordinal)),
                ("tools/agent.sh", "echo $QP_PROMPT > $QP_PROMPT; echo '{\"tokens\": 105, \"usd\": 0.01}' > \"$QP_USAGE_FILE\"\n"),
            ],
            Remote.CommandsPrefix);

        await AssertPausesUntilRaisedAsync(await StartAsync(remote));
    }

    [AgentFact]
    public async Task Tokens_UpToTheLimit_WarnAndPauseNothing()
    {
        var run = await StartAsync(await ServeAsync(AgentPipeline.OneTask + "limits: { tokens: 105, usd: 1 }\n"));
        await Agent.WriteAsync(await Agent.NextTaskAsync(run.Remote), "greet.sh", "echo hello\n", usage: new { tokens = 105, usd = 0.1 });

        await run.UntilAskedAsync(gate: Gate);

        await AssertUsageAsync(run, 105, "tokens");
        await run.ApproveAsync(Gate);
        await run.UntilEndAsync("completed");
    }

    private static async Task AssertPausesUntilRaisedAsync(Run run)
    {
        var paused = await run.UntilEventAsync("run_paused");
        Assert.Equal("limit tokens: 315 of 260 used", paused.GetProperty("data").Text("reason"));
        var shown = await AssertUsageAsync(run, 315, "tokens");
        Assert.Equal(("paused", "limit tokens: 315 of 260 used"), (shown.Text("status"), shown.Text("status_reason")));

        var refused = (await run.ControlAsync("resume")).ExpectProblem(HttpStatusCode.Conflict, "invalid_state");
        Assert.Contains("315", refused.Text("detail"), StringComparison.Ordinal);
        (await run.ResumeAsync(new { tokens = 315 })).ExpectInvalid("limits.tokens");
        (await run.ResumeAsync(new { tokens = 1000, coffees = 2 })).ExpectInvalid("limits.coffees");
        Assert.Equal("paused", (await run.GetAsync()).Text("status"));
        (await run.ResumeAsync(new { tokens = 1000 })).Expect(HttpStatusCode.Accepted);

        await run.UntilAskedAsync(gate: Gate);
        await run.ApproveAsync(Gate);
        var ended = await run.UntilEndAsync("completed");
        Assert.Equal(1000, ended.GetProperty("limits").GetProperty("tokens").GetInt32());
        Assert.Equal(
            [
                "run_started", "documentation_generated", "run_paused", "run_resumed", "gate_requested", "gate_decision",
                "milestone_completed", "run_completed",
            ],
            await run.LogNamesAsync());
        Assert.Superset(new HashSet<string> { "a", "b", "c" }, run.Remote.Files.ToHashSet());
    }

    /// <param name="run">The run.</param>
    /// <param name="tokens">What it must have used up.</param>
    /// <param name="warned">The limits that it must warn of.</param>
    private static async Task<JsonElement> AssertUsageAsync(Run run, int tokens, params string[] warned)
    {
        var shown = await run.GetAsync();
        Assert.Equal(tokens, shown.GetProperty("usage").GetProperty("tokens").GetInt32());
        Assert.Equal(warned, Names(shown.Items("warnings"), "limit"));
        return shown;
    }
}
