using System.Net;

namespace QuantaPilot.Conformance;

/// <summary>What the server counts, for Prometheus.</summary>
public sealed class MetricsTests : Scenario
{
    [MetricsFact]
    public async Task Metrics_AfterARun_CountItWithoutNamingIt()
    {
        var run = await StartWaitingAsync();
        await run.ApproveAsync();
        await run.UntilEndAsync("completed");
        var reader = await CallerAsync(["consumer"]);

        var answer = await reader.GetAsync("/metrics");

        Assert.True(answer.Status == HttpStatusCode.OK, answer.ToString());
        Assert.Equal("text/plain", answer.ContentHeaders.ContentType?.MediaType);
        string[] names = ["quantapilot_runs_total", "quantapilot_step_duration_seconds_count", "quantapilot_gate_wait_seconds_count"];
        foreach (var name in names)
            Assert.Contains($"\n{name}{{", answer.Text, StringComparison.Ordinal);
        foreach (var hidden in new[] { run.Id, run.Remote.Project, Server.AdminToken })
            Assert.DoesNotContain(hidden, answer.Text, StringComparison.Ordinal);
    }

    [MetricsFact]
    public async Task Metrics_ForWhoeverDoesNotReadAllProjects_AreRefused()
    {
        (await Caller(null).GetAsync("/metrics")).ExpectProblem(HttpStatusCode.Unauthorized, "unauthenticated");
        var approver = await CallerAsync(["approver"]);
        (await approver.GetAsync("/metrics")).ExpectProblem(HttpStatusCode.Forbidden, "forbidden");
        var ofOne = await CallerAsync(["consumer"], ["https://example.com/*"]);
        (await ofOne.GetAsync("/metrics")).ExpectProblem(HttpStatusCode.Forbidden, "forbidden");
        (await Admin.GetAsync("/metrics?format=json")).ExpectInvalid("format");
    }
}
