using System.Net;
using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Api.Http;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests.Audit;

/// <summary>What callers do is in the log, and what they don't is not.</summary>
public sealed class AuditTests : IAsyncLifetime
{
    private const string Free = "because of 0xdeadbeef";

    /// <summary>Every endpoint that changes something: one that is added must be given its line here, and an entry.</summary>
    private static readonly Dictionary<string, AuditAction> _actions = new()
    {
        ["StartRun"] = AuditAction.StartRun,
        ["PauseRun"] = AuditAction.PauseRun,
        ["ResumeRun"] = AuditAction.ResumeRun,
        ["CancelRun"] = AuditAction.CancelRun,
        ["DecideGate"] = AuditAction.ApproveGate,
        ["DecideGates"] = AuditAction.RejectGate,
        ["CreateToken"] = AuditAction.CreateToken,
        ["RevokeToken"] = AuditAction.RevokeToken,
        ["RedeliverEvent"] = AuditAction.RedeliverEvent,
        ["CreateSubscription"] = AuditAction.CreateSubscription,
        ["EnableSubscription"] = AuditAction.EnableSubscription,
        ["DisableSubscription"] = AuditAction.DisableSubscription,
        ["RotateSubscription"] = AuditAction.RotateSubscription,
        ["TestSubscription"] = AuditAction.TestSubscription,
        ["DeleteSubscription"] = AuditAction.DeleteSubscription,
    };

    private FaultyAuditLog _log = null!;
    private ApiHost _host = null!;

    public async Task InitializeAsync()
    {
        _log = new FaultyAuditLog(() => _host.Audit);
        _host = await ApiHost.StartAsync(configure: services => services.AddSingleton<IAuditLog>(_log));
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    public static TheoryData<string> Names() => [.. _actions.Keys];

    /// <summary>The start of a run goes with its entry in one transaction: the stores' tests show it.</summary>
    public static TheoryData<string> NamesWithAnEntryBefore() => [.. _actions.Keys.Where(name => name != "StartRun")];

    [Fact]
    public void Endpoints_ThatChangeSomething_HaveTheirLineHere()
    {
        var changing = _host.Services.GetRequiredService<ApiEndpoints>().All.Where(endpoint => endpoint.Method != "GET");

        // What is signed comes without a token: tests of their own have the entries of what it leads to.
        var withToken = changing.Where(endpoint => !endpoint.Rule.IsSigned);
        Assert.Equal(withToken.Select(endpoint => endpoint.Name).Order(), _actions.Keys.Order());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Action_Accepted_IsInTheLogWithoutItsWords(string name)
    {
        var run = await AddRunAsync(name);
        var id = await AddResourceAsync(name);
        using var client = await _host.ClientAsync("olga", [TokenRole.Admin], ["https://example.com/*"], null);

        using var answer = await ActAsync(client, name, run, id);

        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}");
        var entry = Assert.Single(await ListAsync());
        Assert.Equal((_actions[name], AuditOutcome.Accepted, "olga"), (entry.Action, entry.Outcome, entry.Actor));
        Assert.Equal((await _host.Tokens.ListAsync(default)).Single(known => known.Name == "olga").Id, entry.ActorId);
        Assert.Equal(Scenario.Start, entry.At);
        Assert.NotEmpty(entry.RequestId);
        Assert.NotEmpty(entry.Projects);
        Assert.Equal(name.Contains("Gate", StringComparison.Ordinal) ? Gate.Anchor : null, entry.Gate);
        if (name is "CreateToken" or "CreateSubscription") Assert.NotEqual(id, entry.ResourceId);
        else if (name is "RevokeToken" || IsAboutSubscription(name)) Assert.Equal(id, entry.ResourceId);
        else if (name is "RedeliverEvent") Assert.Equal($"{run}:1:lifecycle", entry.ResourceId);
        else if (name is not "StartRun") Assert.Equal(run, entry.RunId);
        Assert.DoesNotContain("0xdeadbeef", await _host.Admin.GetStringAsync("/audit"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(NamesWithAnEntryBefore))]
    public async Task Action_WhoseEntryCanNotBeWritten_IsNotDone(string name)
    {
        var run = await AddRunAsync(name);
        var id = await AddResourceAsync(name);
        var before = (await _host.Tokens.ListAsync(default)).Count;
        var subscriptions = await SubscriptionsAsync();
        _log.FailsToAdd = true;

        using var answer = await ActAsync(_host.Admin, name, run, id);

        await answer.ProblemAsync(HttpStatusCode.InternalServerError, ErrorCodes.InternalError);
        Assert.Empty(_host.Engine.Raised);
        Assert.Empty(_host.Engine.Deliveries);
        Assert.All((await _host.Store.GetAsync(run, default))!.Gates, gate => Assert.Empty(gate.Votes));
        var tokens = await _host.Tokens.ListAsync(default);
        Assert.Equal(before, tokens.Count);
        Assert.All(tokens, known => Assert.Null(known.RevokedAt));
        Assert.Empty(_host.Webhooks.Sent);
        Assert.Equal(subscriptions, await SubscriptionsAsync());
    }

    [Fact]
    public async Task Action_WhoseEntryCanNotBeSettled_IsAnsweredAndSaysBegun()
    {
        var run = await AddRunAsync("CancelRun");
        _log.FailsToSettle = true;

        using var answer = await ActAsync(_host.Admin, "CancelRun", run, "");

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Single(_host.Engine.Raised);
        Assert.Equal(AuditOutcome.Begun, Assert.Single(await ListAsync()).Outcome);
    }

    [Fact]
    public async Task Action_OnARunThatTakesNothingYet_HadNoEffect()
    {
        var run = await AddRunAsync("CancelRun");
        _host.Engine.Busy = $"{run}";

        using var answer = await ActAsync(_host.Admin, "CancelRun", run, "");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(AuditOutcome.NoEffect, Assert.Single(await ListAsync()).Outcome);
    }

    [Fact]
    public async Task Request_RefusedOrInvalid_IsNotInTheLog()
    {
        var run = await AddRunAsync("PauseRun");
        using var reader = await _host.ClientAsync("reader", TokenRole.Consumer);
        using var stranger = _host.Anonymous();

        await reader.PostAsync($"/runs/{run}/cancel", null);
        await reader.PostAsync("/tokens", ApiHost.Json("""{"name":"x","roles":["admin"]}"""));
        await stranger.PostAsync($"/runs/{run}/gates/anchor", ApiHost.Json("""{"approved":true}"""));
        await _host.Admin.PostAsync("/run", ApiHost.Json("""{"repo_url":"https://elsewhere.example.org/a","branch":"main"}"""));
        await _host.Admin.PostAsync($"/runs/{run}/resume", null);
        await _host.Admin.PostAsync($"/runs/{run}/gates/anchor", ApiHost.Json("""{"approved":false}"""));

        Assert.Empty(await ListAsync());
    }

    [Theory]
    [InlineData("/runs/RUN/gates/anchor", "anchor")]
    [InlineData("/runs/RUN/gates/<script>", null)]
    [InlineData("/gates:decide", null)]
    public async Task Decision_RefusedForWantOfTheRole_IsInTheLog(string path, string? gate)
    {
        var run = await AddRunAsync("DecideGate");
        using var reader = await _host.ClientAsync("reader", [TokenRole.Operator], ["https://example.com/ours/*"], null);

        using var answer = await reader.PostAsync(path.Replace("RUN", $"{run}", StringComparison.Ordinal), ApiHost.Json("{}"));

        await answer.ProblemAsync(HttpStatusCode.Forbidden, ErrorCodes.Forbidden);
        var entry = Assert.Single(await ListAsync());
        Assert.Equal((AuditAction.DecideGate, AuditOutcome.Refused, "reader"), (entry.Action, entry.Outcome, entry.Actor));
        Assert.Equal(gate, entry.Gate);
        // That of the run, or where the request names none the caller's own.
        var project = path.Contains("RUN", StringComparison.Ordinal) ? "https://example.com/org/project" : "https://example.com/ours/*";
        Assert.Equal([project], entry.Projects);
    }

    [Fact]
    public async Task Decision_ThatDoesNotCount_IsInTheLogOnlyAsSelfApproval()
    {
        var run = await _host.AddRunAsync(
            Scenario.Run(requestedBy: "olga"), Scenario.Started(), Scenario.AnchorRequested(selfApproval: false));
        using var olga = await _host.ClientAsync("olga", TokenRole.Approver);
        var path = $"/runs/{run}/gates/anchor";

        await olga.PostAsync(path, ApiHost.Json("""{"approved":true}"""));
        await _host.Admin.PostAsync(path, ApiHost.Json($$"""{"approved":true,"head_sha":"{{new string('f', 40)}}"}"""));
        await _host.Admin.PostAsync(path, ApiHost.Json("""{"approved":true}"""));
        await _host.Admin.PostAsync(path, ApiHost.Json("""{"approved":true}"""));

        Assert.Equal([AuditOutcome.Accepted, AuditOutcome.Refused], (await ListAsync()).Select(entry => entry.Outcome));
    }

    [Fact]
    public async Task Decision_ThatComesSecondAfterAll_HadNoEffect()
    {
        var run = await AddRunAsync("DecideGate");
        _log.Meanwhile = () => _host.Store.VoteAsync(run, Gate.Anchor, new Vote("bob", true, null, Scenario.Start), null, default);

        using var answer = await ActAsync(_host.Admin, "DecideGate", run, "");

        Assert.Equal(VoteResult.AlreadyDecided, (await answer.OkAsync(CoreJson.Default.DecisionAnswer)).Result);
        Assert.Equal(AuditOutcome.NoEffect, Assert.Single(await ListAsync()).Outcome);
    }

    [Fact]
    public async Task Start_RepeatedUnderItsKey_IsOneEntry()
    {
        _host.Admin.DefaultRequestHeaders.Add("Idempotency-Key", "k");

        for (var i = 0; i < 3; i++) await ActAsync(_host.Admin, "StartRun", default, "");

        Assert.Equal(_host.Engine.Started.Keys, (await ListAsync()).Select(entry => $"{entry.RunId}"));
    }

    private static Task<HttpResponseMessage> ActAsync(HttpClient client, string name, RunId run, string id)
    {
        var because = $$"""{"reason":"{{Free}}"}""";
        return name switch
        {
            "StartRun" => PostAsync("/run", """{"repo_url":"https://example.com/org/project","branch":"main"}"""),
            "PauseRun" => PostAsync($"/runs/{run}/pause", because),
            "ResumeRun" => PostAsync($"/runs/{run}/resume", "{}"),
            "CancelRun" => PostAsync($"/runs/{run}/cancel", because),
            "DecideGate" => PostAsync($"/runs/{run}/gates/anchor", $$"""{"approved":true,"reason":"{{Free}}"}"""),
            "DecideGates" => PostAsync(
                "/gates:decide", $$"""{"decisions":[{"run_id":"{{run}}","gate":"anchor","approved":false,"reason":"{{Free}}"}]}"""),
            "CreateToken" => PostAsync("/tokens", """{"name":"new","roles":["consumer"]}"""),
            "RevokeToken" => client.DeleteAsync($"/tokens/{id}"),
            "CreateSubscription" => PostAsync("/subscriptions", """{"url":"https://receiver.internal/hook"}"""),
            "EnableSubscription" or "RotateSubscription" or "TestSubscription" =>
                PostAsync($"/subscriptions/{id}/{name[..^"Subscription".Length].ToLowerInvariant()}", ""),
            "DisableSubscription" => PostAsync($"/subscriptions/{id}/disable", because),
            "DeleteSubscription" => client.DeleteAsync($"/subscriptions/{id}"),
            "RedeliverEvent" => PostAsync($"/deliveries/{run}:1:lifecycle/redeliver", ""),
            _ => throw new ArgumentOutOfRangeException(nameof(name)),
        };

        Task<HttpResponseMessage> PostAsync(string path, string body) =>
            client.PostAsync(path, body.Length == 0 ? null : ApiHost.Json(body));
    }

    /// <summary>A run to which the action applies, with a delivery.</summary>
    private async Task<RunId> AddRunAsync(string action)
    {
        var run = await _host.AddRunAsync(Scenario.Run(), Scenario.Started(), Scenario.AnchorRequested());
        if (action == "ResumeRun")
            await _host.Store.AppendAsync(run, [new RunPaused("") { Revision = 3, Sequence = 3, At = Scenario.Start }], default);
        await _host.Deliveries.AddAsync(DeliveryScenario.Pending(run, 1).Attempted(SinkAnswer.Delivered(200), Scenario.Start, null));
        return run;
    }

    private static bool IsAboutSubscription(string action) => action.EndsWith("Subscription", StringComparison.Ordinal);

    /// <summary>A subscription or a token that the action may be about.</summary>
    private async Task<string> AddResourceAsync(string action)
    {
        if (IsAboutSubscription(action))
        {
            var subscription = SubscriptionScenario.Of(project: "https://example.com/org/*");
            await _host.Subscriptions.CreateAsync(subscription, default);
            return subscription.Id;
        }
        using var client = await _host.ClientAsync("robot", [TokenRole.Consumer], ["https://example.com/org/project"], null);
        return (await _host.Tokens.ListAsync(default)).Single(token => token.Name == "robot").Id;
    }

    private Task<string> SubscriptionsAsync() => _host.Admin.GetStringAsync("/subscriptions");

    private async Task<IReadOnlyList<AuditEntry>> ListAsync() =>
        (await (await _host.Admin.GetAsync("/audit")).OkAsync(CoreJson.Default.ResourcePageAuditEntry)).Items;
}
