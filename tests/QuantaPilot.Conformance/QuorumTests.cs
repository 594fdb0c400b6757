using System.Net;

namespace QuantaPilot.Conformance;

/// <summary>Gates that take several approvers, or others than who asked for the run.</summary>
public sealed class QuorumTests : Scenario
{
    private const string TwoApprovals = "version: 1\ngates: { anchor: { approvals: 2 } }\n";
    private static readonly string[] Approver = ["approver"];

    [Fact]
    public async Task Quorum_OfTwo_IsReachedByTheSecondApproverOnly()
    {
        var run = await StartWaitingAsync(TwoApprovals);
        var ann = await CallerAsync(Approver);
        var annsOtherToken = await CallerAsync(Approver, name: ann.Name);
        var bob = await CallerAsync(Approver);

        Assert.Equal("recorded", (await run.DecideAsync(true, by: ann)).Expect(HttpStatusCode.OK).Text("result"));
        Assert.Equal("recorded", (await run.DecideAsync(true, by: ann)).Expect(HttpStatusCode.OK).Text("result"));
        Assert.Equal("recorded", (await run.DecideAsync(true, by: annsOtherToken)).Expect(HttpStatusCode.OK).Text("result"));
        (await run.DecideAsync(false, "changed my mind", by: ann)).ExpectProblem(HttpStatusCode.Conflict, "already_voted");
        var gate = await run.GateAsync();
        Assert.Equal("pending", gate.Text("status"));
        Assert.Equal(2, gate.GetProperty("approvals_needed").GetInt32());
        Assert.Equal([ann.Name], Names(gate.Items("votes"), "by"));

        Assert.Equal("applied", (await run.DecideAsync(true, by: bob)).Expect(HttpStatusCode.OK).Text("result"));
        await run.UntilEndAsync("completed");
        Assert.Equal([ann.Name, bob.Name], Names((await run.GateAsync()).Items("votes"), "by"));
        Assert.True((await run.OnlyAsync("gate_decision")).GetProperty("approved").GetBoolean());
    }

    [Fact]
    public async Task Quorum_OneRejection_Decides()
    {
        var run = await StartWaitingAsync(TwoApprovals);

        var first = await run.DecideAsync(true, by: await CallerAsync(Approver));
        var second = await run.DecideAsync(false, "not like this", by: await CallerAsync(Approver));

        Assert.Equal("recorded", first.Expect(HttpStatusCode.OK).Text("result"));
        Assert.Equal("applied", second.Expect(HttpStatusCode.OK).Text("result"));

        await run.UntilFailureAsync("gate_rejected");
        Assert.Equal("not like this", (await run.OnlyAsync("gate_decision")).Text("reason"));
    }

    [Fact]
    public async Task SelfApproval_WhereTheGateForbidsIt_IsRefused()
    {
        var requester = await CallerAsync(["operator", "approver"]);
        var run = await StartWaitingAsync("version: 1\ngates: { anchor: { self_approval: false } }\n", by: requester);
        Assert.Equal(requester.Name, (await run.GetAsync()).Text("requested_by"));

        (await run.DecideAsync(true, by: requester)).ExpectProblem(HttpStatusCode.Forbidden, "self_approval");
        Assert.Empty((await run.GateAsync()).Items("votes"));

        await run.ApproveAsync(by: await CallerAsync(Approver));
        await run.UntilEndAsync("completed");
    }
}
