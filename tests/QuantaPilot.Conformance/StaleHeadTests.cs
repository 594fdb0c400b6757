using System.Net;

namespace QuantaPilot.Conformance;

/// <summary>An approval counts for the head that was reviewed.</summary>
public sealed class StaleHeadTests : Scenario
{
    [Fact]
    public async Task Decide_OnAnotherHead_IsStaleAndTheGateStaysOpen()
    {
        var run = await StartWaitingAsync();
        var present = (await run.GateAsync()).GetProperty("review").Text("head_sha");

        var problem = (await run.DecideAsync(true, headSha: new string('f', 40))).ExpectProblem(HttpStatusCode.Conflict, "stale");

        Assert.Equal(run.Id, problem.Text("run_id"));
        Assert.Contains(present, problem.Text("detail"), StringComparison.Ordinal);
        var gate = await run.GateAsync();
        Assert.Equal("pending", gate.Text("status"));
        Assert.Empty(gate.Items("votes"));
    }

    [Fact]
    public async Task Push_AfterTheReview_AsksAgainAndOnlyTheNewHeadIsMerged()
    {
        var run = await StartWaitingAsync();
        var reviewed = (await run.GateAsync()).GetProperty("review").Text("head_sha");
        var before = run.Remote.Head("main");

        var pushed = run.Remote.Repository.PushOnTop(run.DocumentationBranch);
        await run.ApproveAsync();
        var again = await run.UntilAskedAsync(after: 3);

        Assert.Equal(pushed, again.GetProperty("review").Text("head_sha"));
        Assert.Empty(again.Items("votes"));
        Assert.Equal(before, run.Remote.Head("main"));
        (await run.DecideAsync(true, headSha: reviewed)).ExpectProblem(HttpStatusCode.Conflict, "stale");

        (await run.DecideAsync(true, headSha: pushed)).Expect(HttpStatusCode.OK);
        await run.UntilEndAsync("completed");
        Assert.Equal([.. Contract.WholeRun[..^1], "gate_requested", "gate_decision", "run_completed"], await run.LogNamesAsync());
    }
}
