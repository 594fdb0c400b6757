using System.Net;

namespace QuantaPilot.Conformance;

/// <summary>A run that failed or was cancelled is started again, and goes on where it ended.</summary>
public sealed class RetriedRunTests : Scenario
{
    [Fact]
    public async Task Retry_OfARejectedRun_AsksAgainForTheSamePullRequestAndCompletes()
    {
        var first = await StartWaitingAsync();
        var before = await first.GateAsync();
        (await first.DecideAsync(false, "a word is missing")).Expect(HttpStatusCode.OK);
        await first.UntilFailureAsync("gate_rejected");

        var retry = Started(await first.ControlAsync("retry"), first.Remote);
        var gate = await retry.UntilAskedAsync();

        Assert.Equal(before.GetProperty("review").GetProperty("head_sha").GetString(), gate.GetProperty("review").Text("head_sha"));
        Assert.Equal(
            before.GetProperty("review").GetProperty("pull_request").GetProperty("number").GetInt32(),
            gate.GetProperty("review").GetProperty("pull_request").GetProperty("number").GetInt32());
        await retry.ApproveAsync();
        var ended = await retry.UntilEndAsync("completed");
        var (old, shown) = (await first.GetAsync(), await retry.GetAsync());
        Assert.Equal((first.Id, retry.Id), (ended.Text("retry_of"), old.Text("retried_by")));
        Assert.Equal(old.Text("correlation_id"), shown.Text("correlation_id"));
        Assert.Equal(Contract.WholeRun, await retry.LogNamesAsync());
        Assert.Equal(2, first.Remote.Subjects.Count);
    }

    [AgentFact]
    public async Task Retry_OfARunThatFailedInItsSecondMilestone_DoesTheRestAndNothingTwice()
    {
        var first = await StartAsync(await ServeAsync(AgentPipeline.TwoMilestones));
        await Agent.WriteAsync(await Agent.NextTaskAsync(first.Remote), "greet.sh", "echo hello\n");
        await Agent.AnswerAsync(await Agent.NextTaskAsync(first.Remote), new { status = "failed", message = "not today" });
        await first.UntilFailureAsync("agent_failed");

        var retry = Started(await first.ControlAsync("retry"), first.Remote);
        var task = await Agent.NextTaskAsync(first.Remote);
        Assert.Equal((retry.Id, "M-002/1"), (task.Text("run_id"), task.Step));
        await Agent.WriteAsync(task, "leave.sh", "echo goodbye\n");

        var ended = await retry.UntilEndAsync("completed");
        Assert.Equal((first.Id, retry.Id), (ended.Text("retry_of"), (await first.GetAsync()).Text("retried_by")));
        Assert.Equal(["run_started", "milestone_completed", "run_completed"], await retry.LogNamesAsync());
        // By a person, for the documentation, and for each milestone.
        Assert.Equal(4, first.Remote.Subjects.Count);
        Assert.Equal(
            [$"quantapilot/{first.Id}/M-001", $"quantapilot/{first.Id}/M-002", $"quantapilot/{first.Id}/documentation"],
            first.Remote.Repository.Lines("for-each-ref", "--format=%(refname:short)", "refs/heads/quantapilot"));
    }

    [Fact]
    public async Task Retry_WhereItDoesNotApply_IsRefusedNamingTheStatusOrTheOtherRun()
    {
        var run = await StartWaitingAsync();
        var waiting = (await run.ControlAsync("retry")).ExpectProblem(HttpStatusCode.Conflict, "invalid_state");
        Assert.Contains("waiting", waiting.Text("detail"), StringComparison.Ordinal);
        (await run.ControlAsync("cancel")).Expect(HttpStatusCode.Accepted);
        await run.UntilEndAsync("cancelled");

        var retry = Started(await run.ControlAsync("retry"), run.Remote);
        var again = (await run.ControlAsync("retry")).ExpectProblem(HttpStatusCode.Conflict, "invalid_state");

        Assert.Contains(retry.Id, again.Text("detail"), StringComparison.Ordinal);
        Assert.Equal(retry.Id, again.Text("run_id"));
    }

    [Fact]
    public async Task Retry_ManyTimesAtOnceUnderOneKey_IsOneRun()
    {
        var run = await StartWaitingAsync();
        (await run.ControlAsync("cancel")).Expect(HttpStatusCode.Accepted);
        await run.UntilEndAsync("cancelled");

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            Admin.PostAsync($"{run.Path}/retry", null, ("Idempotency-Key", "again"))));

        Assert.Single(answers.Select(answer => Started(answer, run.Remote).Id).Distinct());
    }
}
