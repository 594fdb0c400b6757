using System.Text.Json;

namespace QuantaPilot.Conformance;

/// <summary>Work that is done anew: after a rejection where quantapilot.yml says so, and after checks that failed.</summary>
public sealed class ReworkTests : Scenario
{
    private const string Gate = "milestone:M-001";

    [AgentFact]
    public async Task Reject_WithRework_HasTheWorkDoneAnewByAnAgentThatKnowsTheReason()
    {
        var run = await StartAsync(await ServeAsync(Reworked(AgentPipeline.OneTask, retries: 1)));
        var first = await Agent.NextTaskAsync(run.Remote);
        Assert.False(first.Json.TryGetProperty("feedback", out var none) && none.ValueKind != JsonValueKind.Null);
        await Agent.WriteAsync(first, "greet.sh", "echo hello\n");
        var asked = await run.UntilEventAsync("gate_requested");

        await run.DecideAsync(false, "say it louder", gate: Gate);
        var second = await Agent.NextTaskAsync(run.Remote);
        Assert.Equal((2, "M-001/1"), (second.Json.GetProperty("round").GetInt32(), second.Step));
        Assert.Contains("say it louder", second.Text("feedback"), StringComparison.Ordinal);
        Assert.Equal(first.Text("work_branch"), second.Text("work_branch"));
        await Agent.WriteAsync(second, "greet.sh", "echo HELLO\n");
        var gate = await run.UntilAskedAsync(asked.GetProperty("sequence").GetInt32(), Gate);
        Assert.Empty(gate.Items("votes"));
        await run.ApproveAsync(Gate);

        var ended = await run.UntilEndAsync("completed");
        Assert.Equal("echo HELLO", run.Remote.Repository.Git("show", "main:greet.sh"));
        Assert.Equal(2, Assert.Single(ended.Items("milestones")).GetProperty("round").GetInt32());
        // One pull request for the documentation, and one for both rounds.
        Assert.Equal(2, ended.Items("pull_requests").Count);
        var decisions = (await run.LogAsync()).Where(e => Contract.NameOf(e) == "gate_decision").Select(e => e.GetProperty("data"));
        Assert.Equal([false, true], decisions.Select(data => data.GetProperty("approved").GetBoolean()));
    }

    [AgentFact]
    public async Task Reject_OftenerThanRetriesAllow_EndsTheRun()
    {
        var run = await StartAsync(await ServeAsync(Reworked(AgentPipeline.OneTask, retries: 1)));
        var after = 0;
        for (var round = 1; round <= 2; round++)
        {
            await Agent.WriteAsync(await Agent.NextTaskAsync(run.Remote), "greet.sh", $"echo {round}\n");
            after = (await run.UntilEventAsync("gate_requested", after)).GetProperty("sequence").GetInt32();
            await run.DecideAsync(false, $"no to {round}", gate: Gate);
        }

        var ended = await run.UntilFailureAsync("gate_rejected");

        Assert.Contains("no to 2", ended.GetProperty("error").Text("message"), StringComparison.Ordinal);
        Assert.DoesNotContain("greet.sh", run.Remote.Files);
    }

    [CommandsFact]
    public async Task Checks_ThatFail_HaveTheWorkDoneAnewByAnAgentThatKnowsTheirOutput()
    {
        var remote = await ServeFilesAsync(
            [
                ("quantapilot.yml", Reworked(
                    SamplePipeline.Configuration[..SamplePipeline.Configuration.IndexOf("  - id: M-002", StringComparison.Ordinal)]
                        .Replace("greet.sh]", "check.sh]", StringComparison.Ordinal) + "gates: { anchor: { required: false } }\n",
                    retries: 1)),
                ("tools/agent.sh", "echo \"$QP_ROUND ${QP_FEEDBACK:-nothing}\" | tr '\\n' ' ' >> rounds.log; echo >> rounds.log\n"),
                ("check.sh", "echo one round is too few; test $(wc -l < rounds.log) -eq 2\n"),
            ],
            Remote.CommandsPrefix);
        var run = await StartAsync(remote);

        await run.UntilAskedAsync(gate: Gate);
        await run.ApproveAsync(Gate);

        await run.UntilEndAsync("completed");
        var rounds = remote.Repository.Lines("show", "main:rounds.log");
        Assert.Equal("1 nothing", rounds[0].Trim());
        Assert.StartsWith("2 ", rounds[1], StringComparison.Ordinal);
        Assert.Contains("one round is too few", rounds[1], StringComparison.Ordinal);
    }

    /// <summary>The same with rework at the milestones' gates.</summary>
    private static string Reworked(string configuration, int retries) =>
        configuration.Replace(
            "anchor: { required: false }", "anchor: { required: false }, milestone: { on_reject: rework }", StringComparison.Ordinal)
        + $"limits: {{ retries: {retries} }}\n";
}
