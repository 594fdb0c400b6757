using System.Net;

namespace QuantaPilot.Conformance;

/// <summary>Milestones, whose tasks and checks are programs of the repository.</summary>
public sealed class MilestoneTests : Scenario
{
    [CommandsFact]
    public async Task Run_WithTwoMilestones_MergesEachOnceAfterItsGate()
    {
        var remote = await ServeAsync(SamplePipeline.Create, Remote.CommandsPrefix);
        var run = await StartAsync(remote);
        var after = 0;
        foreach (var gate in SamplePipeline.Gates)
        {
            var asked = await run.UntilEventAsync("gate_requested", after);
            after = asked.GetProperty("sequence").GetInt32();
            Assert.Equal(gate, asked.GetProperty("data").Text("gate"));
            await run.ApproveAsync(gate);
        }

        var ended = await run.UntilEndAsync("completed");

        Assert.Equal(SamplePipeline.Events, await run.LogNamesAsync());
        SamplePipeline.AssertMergedOnce(remote.Repository);
        Assert.Equal(["M-001 completed", "M-002 completed"], ended.Items("milestones").Select(m => $"{m.Text("id")} {m.Text("status")}"));
        Assert.Equal(3, ended.Items("pull_requests").Count);
    }

    [CommandsFact]
    public async Task FirstMerge_WhereItIsRequired_IsAskedBeforeTheFirstMilestoneOnly()
    {
        const string Gates = "\ngates: { anchor: { required: false }, milestone: { required: false }, first-merge: { required: true } }\n";
        var remote = await ServeFilesAsync(
            [("quantapilot.yml", SamplePipeline.Configuration + Gates), ("tools/agent.sh", SamplePipeline.Agent)], Remote.CommandsPrefix);
        var run = await StartAsync(remote);

        await run.UntilAskedAsync(gate: "first-merge");
        Assert.DoesNotContain("greet.sh", remote.Files);
        await run.ApproveAsync("first-merge");

        await run.UntilEndAsync("completed");
        Assert.Equal(
            [
                "run_started", "documentation_generated", "gate_requested", "gate_decision", "milestone_completed", "milestone_completed",
                "run_completed",
            ],
            await run.LogNamesAsync());
        Assert.Contains("leave.sh", remote.Files);
    }

    [CommandsFact]
    public async Task Run_CheckThatFails_FailsShowingItsOutput()
    {
        var remote = await ServeFilesAsync(
            [
                ("quantapilot.yml", SamplePipeline.Configuration.Replace("greet.sh]", "broken.sh]", StringComparison.Ordinal)
                    + "\ngates: { anchor: { required: false } }\n"),
                ("tools/agent.sh", SamplePipeline.Agent),
                ("broken.sh", "echo it does not greet; exit 3\n"),
            ],
            Remote.CommandsPrefix);
        var run = await StartAsync(remote);

        var ended = await run.UntilFailureAsync("checks_failed");

        Assert.Contains("it does not greet", ended.GetProperty("error").Text("message"), StringComparison.Ordinal);
    }

    [CommandsFact]
    public async Task Cancel_DuringATask_EndsTheRun()
    {
        var remote = await ServeFilesAsync(
            [
                ("quantapilot.yml", SamplePipeline.Configuration + "\ngates: { anchor: { required: false } }\n"),
                ("tools/agent.sh", "sleep 3600\n"),
            ],
            Remote.CommandsPrefix);
        var run = await StartAsync(remote);
        await Patiently.UntilAsync(
            run.GetAsync, r => r.TryGetProperty("step", out var step) && step.GetString() == "milestone:M-001", "The task did not begin");

        (await run.ControlAsync("cancel", "not now")).Expect(HttpStatusCode.Accepted);

        await run.UntilEndAsync("cancelled");
        Assert.Equal(["run_started", "documentation_generated", "run_failed"], await run.LogNamesAsync());
    }

    [Fact]
    public async Task Run_ProgramsThatAreNotAllowed_FailsWithoutStartingThem()
    {
        // No server starts programs of a repository with such a name.
        var remote = await ServeFilesAsync(
            [
                ("quantapilot.yml", SamplePipeline.Configuration + "\ngates: { anchor: { required: false } }\n"),
                ("tools/agent.sh", SamplePipeline.Agent),
            ],
            prefix: "plain-");
        var run = await StartAsync(remote);

        await run.UntilFailureAsync("agent_not_allowed");

        Assert.DoesNotContain("greet.sh", remote.Files);
    }
}
