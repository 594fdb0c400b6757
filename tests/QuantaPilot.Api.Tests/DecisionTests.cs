using System.Net;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests;

public sealed class DecisionTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Decide_Approval_IsAppliedAndTheOrchestrationTold()
    {
        var id = await WaitingRunAsync();

        var answer = await DecideAsync(_host.Admin, id, """{"approved":true,"reason":"mail ann@example.com, key AKIAIOSFODNN7EXAMPLE"}""");

        Assert.Equal(VoteResult.Applied, answer.Result);
        Assert.Equal(GateStatus.Approved, answer.Gate.Status);
        var decision = new GateDecision(Gate.Anchor, 1, true, "mail [redacted], key [redacted]", "admin");
        Assert.Equal([(id.ToString(), new RunSignal(RunSignalKind.Decision, Decision: decision))], _host.Engine.Raised);
    }

    [Fact]
    public async Task Decide_ByManyAtTheSameInstant_AppliesOneAndTellsTheOthers()
    {
        var id = await WaitingRunAsync();
        var clients = new List<HttpClient>();
        for (var i = 0; i < 20; i++) clients.Add(await _host.ClientAsync($"approver-{i}", TokenRole.Approver));

        var answers = await Task.WhenAll(clients.Select((client, i) =>
            DecideAsync(client, id, i % 2 == 0 ? """{"approved":true}""" : """{"approved":false,"reason":"no"}""")));

        Assert.Single(answers, answer => answer.Result == VoteResult.Applied);
        Assert.Equal(19, answers.Count(answer => answer.Result == VoteResult.AlreadyDecided));
        // Told once or more often, but never two different things.
        Assert.Single(_host.Engine.Raised.Select(raised => raised.Signal).Distinct());
        Assert.Equal(Assert.Single(answers[0].Gate.Votes).By, _host.Engine.Raised[0].Signal.Decision!.By);
    }

    [Fact]
    public async Task Decide_WithAQuorumOfTwo_RecordsThenApplies()
    {
        var id = await WaitingRunAsync(approvals: 2);
        using var ann = await _host.ClientAsync("ann", TokenRole.Approver);
        using var annsOtherToken = await _host.ClientAsync("ann", TokenRole.Approver);
        using var bob = await _host.ClientAsync("bob", TokenRole.Approver);

        var first = await DecideAsync(ann, id, """{"approved":true}""");
        var again = await DecideAsync(annsOtherToken, id, """{"approved":true}""");
        using var otherwise = await PostAsync(ann, id, """{"approved":false,"reason":"no"}""");
        Assert.Empty(_host.Engine.Raised);
        var second = await DecideAsync(bob, id, """{"approved":true}""");

        Assert.Equal([VoteResult.Recorded, VoteResult.Recorded, VoteResult.Applied], [first.Result, again.Result, second.Result]);
        Assert.Single(again.Gate.Votes);
        await otherwise.ProblemAsync(HttpStatusCode.Conflict, ErrorCodes.AlreadyVoted);
        Assert.Single(_host.Engine.Raised);
    }

    [Fact]
    public async Task Decide_ByTheRequester_IsRefusedWhereTheGateSaysSo()
    {
        var id = await WaitingRunAsync(selfApproval: false);
        using var olga = await _host.ClientAsync("olga", TokenRole.Approver);

        using var answer = await PostAsync(olga, id, """{"approved":true}""");

        var problem = await answer.ProblemAsync(HttpStatusCode.Forbidden, ErrorCodes.SelfApproval);
        Assert.Equal(id.ToString(), problem.RunId);
        Assert.Empty(_host.Engine.Raised);
    }

    [Fact]
    public async Task Decide_OnAnotherHead_IsStaleAndNamesThePresentOne()
    {
        var id = await WaitingRunAsync();

        using var answer = await PostAsync(_host.Admin, id, $$"""{"approved":true,"head_sha":"{{new string('f', 40)}}"}""");

        var problem = await answer.ProblemAsync(HttpStatusCode.Conflict, ErrorCodes.Stale);
        Assert.Contains(Scenario.HeadSha, problem.Detail, StringComparison.Ordinal);
        Assert.Equal(VoteResult.Applied, (await DecideAsync(_host.Admin, id, $$"""{"approved":true,"head_sha":"{{Scenario.HeadSha}}"}""")).Result);
    }

    [Fact]
    public async Task Decide_Repeated_TellsAgainUntilTheOrchestrationHasRecordedIt()
    {
        var id = await WaitingRunAsync();
        await DecideAsync(_host.Admin, id, """{"approved":true}""");

        var second = await DecideAsync(_host.Admin, id, """{"approved":true}""");
        Assert.Equal(2, _host.Engine.Raised.Count);
        await _host.Store.AppendAsync(
            id, [new GateDecided(Gate.Anchor, 1, true, "") { Revision = 3, Sequence = 3, At = Scenario.Start }], default);
        var third = await DecideAsync(_host.Admin, id, """{"approved":true}""");

        Assert.Equal([VoteResult.AlreadyDecided, VoteResult.AlreadyDecided], [second.Result, third.Result]);
        Assert.Equal(2, _host.Engine.Raised.Count);
    }

    [Fact]
    public async Task Decide_WhereNothingWaits_SaysWhatDoes()
    {
        var id = await WaitingRunAsync();

        using var answer = await _host.Admin.PostAsync($"/runs/{id}/gates/milestone:M-001", ApiHost.Json("""{"approved":true}"""));

        var problem = await answer.ProblemAsync(HttpStatusCode.Conflict, ErrorCodes.GateNotPending);
        Assert.Contains("anchor does", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DecideMany_GoodAndBad_AreEachAnsweredOnTheirOwn()
    {
        var first = await WaitingRunAsync();
        var second = await WaitingRunAsync();

        using var answer = await _host.Admin.PostAsync("/gates:decide", ApiHost.Json($$"""
            {"decisions":[
              {"run_id":"{{first}}","gate":"anchor","approved":true},
              {"run_id":"{{second}}","gate":"anchor","approved":false},
              {"run_id":"../x","gate":"anchor","approved":true},
              {"run_id":"{{second}}","gate":"nope","approved":true},
              {"run_id":"{{second}}","gate":"anchor","approved":false,"reason":"no"},
              {}
            ]}
            """));

        var items = (await answer.OkAsync(CoreJson.Default.BatchDecisionAnswers)).Items;
        Assert.Equal([200, 400, 404, 404, 200, 404], items.Select(item => item.Status));
        Assert.Equal(["reason"], items[1].Problem!.Errors!.Keys);
        Assert.Equal(GateStatus.Approved, items[0].Answer!.Gate.Status);
        Assert.Equal(GateStatus.Rejected, items[4].Answer!.Gate.Status);
        Assert.Equal(2, _host.Engine.Raised.Count);
    }

    [Fact]
    public async Task Gates_Pending_AreListedUntilTheyAreDecided()
    {
        var first = await WaitingRunAsync();
        var second = await WaitingRunAsync();
        await _host.AddRunAsync(Scenario.Run(), Scenario.Started());

        var before = await (await _host.Admin.GetAsync("/gates?status=pending")).OkAsync(CoreJson.Default.ResourcePageGateResource);
        await DecideAsync(_host.Admin, first, """{"approved":true}""");
        var after = await (await _host.Admin.GetAsync("/gates")).OkAsync(CoreJson.Default.ResourcePageGateResource);
        var ofRun = await (await _host.Admin.GetAsync($"/runs/{first}/gates")).OkAsync(CoreJson.Default.ResourcePageGateResource);

        Assert.Equal([second, first], before.Items.Select(gate => gate.RunId));
        Assert.Equal([second], after.Items.Select(gate => gate.RunId));
        Assert.Equal(GateStatus.Approved, Assert.Single(ofRun.Items).Status);
    }

    private Task<RunId> WaitingRunAsync(int approvals = 1, bool selfApproval = true) => _host.AddRunAsync(
        Scenario.Run(), Scenario.Started(), Scenario.AnchorRequested(approvals: approvals, selfApproval: selfApproval));

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, RunId id, string body) =>
        client.PostAsync($"/runs/{id}/gates/anchor", ApiHost.Json(body));

    private static async Task<DecisionAnswer> DecideAsync(HttpClient client, RunId id, string body)
    {
        using var answer = await PostAsync(client, id, body);
        return await answer.OkAsync(CoreJson.Default.DecisionAnswer);
    }
}
