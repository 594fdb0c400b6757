using System.Net;

namespace QuantaPilot.Conformance;

/// <summary>Gates that nobody decides in time. A time-out never approves.</summary>
public sealed class TimeoutTests : Scenario
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Timeout_ThatRejects_EndsTheRunWhenItIsOver()
    {
        var run = await StartAsync(await ServeAsync(Configuration("reject")));

        await run.UntilFailureAsync("gate_timed_out");

        var log = await run.LogAsync();
        Assert.Equal([.. Contract.WholeRun[..^1], "run_failed"], log.Select(Contract.NameOf));
        Assert.False(log[3].GetProperty("data").GetProperty("approved").GetBoolean());
        // Timers may fire early, decisions may not.
        Assert.True(Contract.Time(log[3].Text("time")) - Contract.Time(log[2].Text("time")) >= Timeout, $"{log[2]} {log[3]}");
        Assert.Equal("timed_out", (await run.GateAsync()).Text("status"));
        Assert.DoesNotContain("docs/ANCHOR.md", run.Remote.Files);
        (await run.DecideAsync(true)).ExpectProblem(HttpStatusCode.Conflict, "gate_not_pending");
    }

    [Fact]
    public async Task Timeout_ThatPauses_AsksAgainOnceTheRunIsResumed()
    {
        var run = await StartAsync(await ServeAsync(Configuration("pause")));

        var paused = await run.UntilEventAsync("run_paused");
        Assert.Contains("anchor", paused.GetProperty("data").Text("reason"), StringComparison.Ordinal);
        Assert.Equal("paused", (await run.UntilStatusAsync("paused")).Text("status"));
        (await run.ControlAsync("resume")).Expect(HttpStatusCode.Accepted);
        var again = await run.UntilEventAsync("gate_requested", paused.GetProperty("sequence").GetInt32());

        Assert.Equal(6, again.GetProperty("sequence").GetInt32());
        Assert.Equal(
            ["run_started", "documentation_generated", "gate_requested", "run_paused", "run_resumed", "gate_requested"],
            (await run.LogNamesAsync()).Take(6));
    }

    [Fact]
    public async Task Timeout_ThatReminds_AsksAgainUntilSomebodyDecides()
    {
        var run = await StartAsync(await ServeAsync(Configuration("remind")));
        var first = await run.UntilEventAsync("gate_requested");
        await run.UntilEventAsync("gate_requested", first.GetProperty("sequence").GetInt32());

        // Between two requests there is a moment in which the gate does not wait.
        var decided = await Patiently.UntilAsync(
            () => run.DecideAsync(true), answer => answer.Status == HttpStatusCode.OK, "The decision was not taken");

        Assert.Equal("applied", decided.Expect(HttpStatusCode.OK).Text("result"));
        await run.UntilEndAsync("completed");
        var names = await run.LogNamesAsync();
        Assert.True(names.Count(name => name == "gate_requested") >= 2);
        Assert.Single(names, "gate_decision");
    }

    [Fact]
    public async Task Reminder_WhileTheGateWaits_PublishesTheRequestAgain()
    {
        var run = await StartAsync(await ServeAsync("version: 1\ngates: { anchor: { approvals: 2, timeout: 90s, remind: 1s } }\n"));
        var first = await run.UntilEventAsync("gate_requested");
        var asked = await run.GateAsync();
        var vote = await run.DecideAsync(true, by: await CallerAsync(["approver"]));
        Assert.Equal("recorded", vote.Expect(HttpStatusCode.OK).Text("result"));

        var reminder = await run.UntilEventAsync("gate_requested", first.GetProperty("sequence").GetInt32());

        Assert.Equal(first.GetProperty("data").GetRawText(), reminder.GetProperty("data").GetRawText());
        Assert.True(Contract.Time(reminder.Text("time")) - Contract.Time(first.Text("time")) >= TimeSpan.FromSeconds(1));
        // The gate is as it was, with the vote and the time-out that it had.
        var reminded = await run.GateAsync();
        Assert.Equal("pending", reminded.Text("status"));
        Assert.Equal((asked.Text("requested_at"), asked.Text("expires_at")), (reminded.Text("requested_at"), reminded.Text("expires_at")));
        Assert.Single(reminded.Items("votes"));
        await run.ApproveAsync(by: await CallerAsync(["approver"]));
        await run.UntilEndAsync("completed");
        Assert.Single(await run.LogNamesAsync(), "gate_decision");
    }

    private static string Configuration(string action) =>
        $"version: 1\ngates: {{ anchor: {{ timeout: {Timeout.TotalSeconds}s, on_timeout: {action} }} }}\n";
}
