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
