using System.Net;

namespace QuantaPilot.Conformance;

/// <summary>Decisions at the wrong time, at the same time, and many at a time.</summary>
public sealed class DecisionTests : Scenario
{
    [Fact]
    public async Task Decide_BeforeTheGateIsAsked_IsRefusedAndDoesNotCount()
    {
        var remote = await ServeAsync();
        var push = remote.HoldNext(RemoteRequest.BranchesToPush);
        var run = await StartAsync(remote);
        await push.UntilReachedAsync();

        (await run.DecideAsync(true)).ExpectProblem(HttpStatusCode.Conflict, "gate_not_pending");
        push.Release();

        var gate = await run.UntilAskedAsync();
        Assert.Equal("pending", gate.Text("status"));
        Assert.Empty(gate.Items("votes"));
        await run.ApproveAsync();
        await run.UntilEndAsync("completed");
    }

    [Fact]
    public async Task Decide_AtAGateThatDoesNotWait_SaysWhichDoes()
    {
        var run = await StartWaitingAsync();

        var problem = (await run.DecideAsync(true, gate: "first-merge")).ExpectProblem(HttpStatusCode.Conflict, "gate_not_pending");

        Assert.Contains("anchor", problem.Text("detail"), StringComparison.Ordinal);
        (await run.DecideAsync(true, gate: "Anchor")).ExpectProblem(HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task Decide_TwoAtTheSameInstant_AppliesOneAndTellsTheOther()
    {
        var run = await StartWaitingAsync();
        var ann = await CallerAsync(["approver"]);
        var bob = await CallerAsync(["approver"]);
        // Connections that stand already, so that neither has a head start.
        await Task.WhenAll(ann.GetAsync(run.Path), bob.GetAsync(run.Path));

        var answers = await Task.WhenAll(run.DecideAsync(true, "yes", by: ann), run.DecideAsync(false, "no", by: bob));

        var results = answers.Select(answer => answer.Expect(HttpStatusCode.OK)).ToList();
        Assert.Equal(["already_decided", "applied"], Names(results, "result").OrderByDescending(result => result == "already_decided"));
        var approved = results[0].Text("result") == "applied";
        await run.UntilEndAsync(approved ? "completed" : "failed");
        var decision = await run.OnlyAsync("gate_decision");
        Assert.Equal(approved, decision.GetProperty("approved").GetBoolean());
        Assert.Equal([approved ? ann.Name : bob.Name], Names((await run.GateAsync()).Items("votes"), "by"));
        // Whoever came second was told the truth.
        Assert.All(results, result => Assert.Equal(approved ? "approved" : "rejected", result.GetProperty("gate").Text("status")));
    }

    [Fact]
    public async Task Decide_ManyTimesAtOnce_CountsOnce()
    {
        var run = await StartWaitingAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => run.DecideAsync(true)));

        Assert.Single(answers, answer => answer.Expect(HttpStatusCode.OK).Text("result") == "applied");
        await run.UntilEndAsync("completed");
        Assert.True((await run.OnlyAsync("gate_decision")).GetProperty("approved").GetBoolean());
        Assert.Single((await run.GateAsync()).Items("votes"));
    }

    [Fact]
    public async Task DecideMany_GoodAndBad_AreEachAnsweredOnTheirOwn()
    {
        var runs = await Task.WhenAll(StartWaitingAsync(), StartWaitingAsync());
        object[] decisions =
        [
            new { run_id = runs[0].Id, gate = "anchor", approved = true },
            new { run_id = runs[1].Id, gate = "anchor", approved = false },
            new { run_id = runs[1].Id, gate = "anchor", approved = true, head_sha = new string('0', 40) },
            new { run_id = new string('0', 32), gate = "anchor", approved = true },
            new { run_id = runs[1].Id, gate = "anchor", approved = false, reason = "not this one" },
        ];

        var items = (await Admin.PostAsync("/gates:decide", new { decisions })).Expect(HttpStatusCode.OK).Items();

        Assert.Equal(5, items.Count);
        Assert.Equal(200, items[0].GetProperty("status").GetInt32());
        Assert.Equal("applied", items[0].GetProperty("answer").Text("result"));
        Assert.Equal(400, items[1].GetProperty("status").GetInt32());
        Assert.Equal("invalid_request", items[1].GetProperty("problem").Text("error_code"));
        Assert.Equal(404, items[3].GetProperty("status").GetInt32());
        Assert.Equal(200, items[4].GetProperty("status").GetInt32());
        // The stale one and the rejection of the same gate are taken in any order.
        Assert.Contains(items[2].GetProperty("status").GetInt32(), new[] { 200, 409 });
        await runs[0].UntilEndAsync("completed");
        await runs[1].UntilFailureAsync("gate_rejected");
    }

    [Fact]
    public async Task Get_OfADecision_DecidesNothing()
    {
        var run = await StartWaitingAsync();

        var answer = await Admin.GetAsync($"{run.Path}/gates/anchor?approved=true");

        answer.ExpectProblem(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
        Assert.Equal(["POST"], answer.ContentHeaders.Allow);
        Assert.Equal("pending", (await run.GateAsync()).Text("status"));
    }
}
