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
    public async Task Quorum_OfTwo_BothAtTheSameInstant_RecordsOneAndAppliesTheOther()
    {
        var run = await StartWaitingAsync(TwoApprovals);
        var ann = await CallerAsync(Approver);
        var bob = await CallerAsync(Approver);
        // Connections that stand already, so that neither has a head start.
        await Task.WhenAll(ann.GetAsync(run.Path), bob.GetAsync(run.Path));

        var answers = await Task.WhenAll(run.DecideAsync(true, by: ann), run.DecideAsync(true, by: bob));

        var results = answers.Select(answer => answer.Expect(HttpStatusCode.OK)).ToList();
        Assert.Equal(["applied", "recorded"], Names(results, "result").Order());
        // Each was shown the gate as its own vote left it.
        Assert.Equal(["approved", "pending"], results.Select(result => result.GetProperty("gate").Text("status")).Order());
        await run.UntilEndAsync("completed");
        Assert.Equal(new[] { ann.Name, bob.Name }.Order(), Names((await run.GateAsync()).Items("votes"), "by").Order());
        Assert.True((await run.OnlyAsync("gate_decision")).GetProperty("approved").GetBoolean());
    }

    [Fact]
    public async Task Quorum_OfTwo_OneApproverManyTimesAtTheSameInstant_CountsOnce()
    {
        var run = await StartWaitingAsync(TwoApprovals);
        var ann = await CallerAsync(Approver);
        var annsOtherToken = await CallerAsync(Approver, name: ann.Name);
        var decision = new { run_id = run.Id, gate = "anchor", approved = true };

        var single = Task.WhenAll(Enumerable.Range(0, 6).Select(i => run.DecideAsync(true, by: i % 2 == 0 ? ann : annsOtherToken)));
        var batch = (await ann.PostAsync("/gates:decide", new { decisions = Enumerable.Repeat(decision, 6) })).Expect(HttpStatusCode.OK);

        Assert.All(await single, answer => Assert.Equal("recorded", answer.Expect(HttpStatusCode.OK).Text("result")));
        Assert.All(batch.Items(), item => Assert.Equal("recorded", item.GetProperty("answer").Text("result")));
        var gate = await run.GateAsync();
        Assert.Equal("pending", gate.Text("status"));
        Assert.Equal([ann.Name], Names(gate.Items("votes"), "by"));
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
        // Nor in a batch, nor with another token of the same name.
        var batch = new { decisions = new[] { new { run_id = run.Id, gate = "anchor", approved = true } } };
        var other = await CallerAsync(["approver"], name: requester.Name);
        foreach (var caller in new[] { requester, other })
        {
            var item = Assert.Single((await caller.PostAsync("/gates:decide", batch)).Expect(HttpStatusCode.OK).Items());
            Assert.Equal(403, item.GetProperty("status").GetInt32());
            Assert.Equal("self_approval", item.GetProperty("problem").Text("error_code"));
        }

        await run.ApproveAsync(by: await CallerAsync(Approver));
        await run.UntilEndAsync("completed");
    }
}
