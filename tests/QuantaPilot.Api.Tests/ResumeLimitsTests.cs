using System.Globalization;
using System.Net;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests;

/// <summary>Limits that a resume raises, and the refusal of those with which the run could not go on.</summary>
public sealed class ResumeLimitsTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("""{"limits":{"tokens":151}}""", 151, null, null)]
    [InlineData("""{"limits":{"tokens":1000,"usd":0.02,"duration":"31s"}}""", 1000, "0.02", 31)]
    [InlineData("""{"limits":{"tokens":1000000000000,"usd":1000000}}""", 1_000_000_000_000, "1000000", null)]
    public async Task Resume_WithWhatIsEnough_TellsTheRunTheLimits(string body, long tokens, string? usd, int? seconds)
    {
        var id = await PausedAsync();

        using var answer = await _host.Admin.PostAsync($"/runs/{id}/resume", ApiHost.Json(body));

        await answer.OkAsync(CoreJson.Default.RunResource, HttpStatusCode.Accepted);
        var raise = new LimitsRaise(
            tokens,
            usd is null ? null : decimal.Parse(usd, CultureInfo.InvariantCulture),
            seconds is null ? null : TimeSpan.FromSeconds(seconds.Value));
        Assert.Equal(new RunSignal(RunSignalKind.Resume) { Limits = raise }, Assert.Single(_host.Engine.Raised).Signal);
    }

    [Theory]
    [InlineData("", "Resume does not apply: limit tokens: 150 of 100 used. Give limits.tokens above 150.")]
    [InlineData("{}", "Resume does not apply: limit tokens: 150 of 100 used. Give limits.tokens above 150.")]
    [InlineData("""{"limits":null}""", "Resume does not apply: limit tokens: 150 of 100 used. Give limits.tokens above 150.")]
    public async Task Resume_WithoutLimitsWhileOverOne_NamesWhatIsNeeded(string body, string detail)
    {
        var id = await PausedAsync();

        using var answer = await _host.Admin.PostAsync($"/runs/{id}/resume", body.Length == 0 ? null : ApiHost.Json(body));

        var problem = await answer.ProblemAsync(HttpStatusCode.Conflict, ErrorCodes.InvalidState);
        Assert.Equal(detail, problem.Detail);
        Assert.Empty(_host.Engine.Raised);
    }

    [Fact]
    public async Task Resume_OverSeveralLimits_NamesThemAll()
    {
        var id = await PausedAsync(new RunLimits(100, 0.005m, TimeSpan.FromSeconds(30)));

        using var answer = await _host.Admin.PostAsync($"/runs/{id}/resume", null);

        var problem = await answer.ProblemAsync(HttpStatusCode.Conflict, ErrorCodes.InvalidState);
        Assert.EndsWith(
            "Give limits.tokens above 150 and limits.usd above 0.01 and limits.duration above 30s.",
            problem.Detail,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"tokens":99}""", "limits.tokens", "must be above 150, which is used up already")]
    [InlineData("""{"tokens":150}""", "limits.tokens", "must be above 150, which is used up already")]
    [InlineData("""{"usd":5}""", "limits.tokens", "must be above 150, which is used up already")]
    [InlineData("{}", "limits.tokens", "must be above 150, which is used up already")]
    [InlineData("""{"tokens":200,"usd":0.01}""", "limits.usd", "must be above 0.01, which is used up already")]
    [InlineData("""{"tokens":200,"duration":"30s"}""", "limits.duration", "must be above 30s, which is used up already")]
    [InlineData("""{"tokens":-1}""", "limits.tokens", "must be a whole number from 1 to 1000000000000")]
    [InlineData("""{"tokens":0}""", "limits.tokens", "must be a whole number from 1 to 1000000000000")]
    [InlineData("""{"tokens":1000000000001}""", "limits.tokens", "must be a whole number from 1 to 1000000000000")]
    [InlineData("""{"tokens":200,"usd":-0.5}""", "limits.usd", "must be an amount from 0.01 to 1000000 with at most two decimals")]
    [InlineData("""{"tokens":200,"usd":0.001}""", "limits.usd", "must be an amount from 0.01 to 1000000 with at most two decimals")]
    [InlineData("""{"tokens":200,"usd":1000000.01}""", "limits.usd", "must be an amount from 0.01 to 1000000 with at most two decimals")]
    [InlineData("""{"tokens":200,"duration":"soon"}""", "limits.duration", "must be ")]
    [InlineData("""{"tokens":200,"duration":"-1h"}""", "limits.duration", "must be ")]
    [InlineData("""{"tokens":200.5}""", "limits.tokens", "")]
    [InlineData("""{"tokens":"200"}""", "limits.tokens", "")]
    [InlineData("""{"tokens":200,"hours":8}""", "limits.hours", "")]
    [InlineData("7", "limits", "")]
    public async Task Resume_WithLimitsAtFault_NamesThem(string limits, string member, string fault)
    {
        var id = await PausedAsync();

        using var answer = await _host.Admin.PostAsync($"/runs/{id}/resume", ApiHost.Json($$"""{"limits":{{limits}}}"""));

        var problem = await answer.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest);
        var error = Assert.Single(problem.Errors!);
        Assert.Equal(member, error.Key);
        Assert.StartsWith(fault, error.Value, StringComparison.Ordinal);
        Assert.Empty(_host.Engine.Raised);
    }

    [Fact]
    public async Task Resume_PausedByHandWithinItsLimits_MayRaiseThemAndMayNot()
    {
        var id = await PausedAsync(new RunLimits(200));

        using var raised = await _host.Admin.PostAsync($"/runs/{id}/resume", ApiHost.Json("""{"limits":{"tokens":300}}"""));
        using var plain = await _host.Admin.PostAsync($"/runs/{id}/resume", null);

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (raised.StatusCode, plain.StatusCode));
        Assert.Equal([new LimitsRaise(300), null], _host.Engine.Raised.Select(raise => raise.Signal.Limits));
    }

    [Theory]
    [InlineData("running")]
    [InlineData("waiting")]
    [InlineData("completed")]
    public async Task Resume_WithLimitsOfARunThatIsNotPaused_IsRefused(string status)
    {
        List<RunEvent> events = [Scenario.Started(), At(2, new LimitsSet(new RunLimits(100)))];
        if (status == "waiting") events.Add(At(3, Scenario.AnchorRequested()));
        if (status == "completed") events.Add(At(3, new RunCompleted()));
        var id = await _host.AddRunAsync(Scenario.Run(), [.. events]);

        using var answer = await _host.Admin.PostAsync($"/runs/{id}/resume", ApiHost.Json("""{"limits":{"tokens":1000}}"""));

        var problem = await answer.ProblemAsync(HttpStatusCode.Conflict, ErrorCodes.InvalidState);
        Assert.Equal($"Resume does not apply: the run is {status}.", problem.Detail);
        Assert.Empty(_host.Engine.Raised);
    }

    [Fact]
    public async Task Resume_WithLimitsOfARunThatKeepsNoAccount_IsRefused()
    {
        var id = await _host.AddRunAsync(Scenario.Run(), Scenario.Started(), At(2, new RunPaused("lunch")));

        using var answer = await _host.Admin.PostAsync($"/runs/{id}/resume", ApiHost.Json("""{"limits":{"tokens":1000}}"""));

        var problem = await answer.ProblemAsync(HttpStatusCode.Conflict, ErrorCodes.InvalidState);
        Assert.Contains("keeps no account", problem.Detail, StringComparison.Ordinal);
        Assert.Empty(_host.Engine.Raised);
    }

    /// <summary>A paused run that used up 150 tokens, 0.01 USD and 30 seconds; of 100 tokens if nothing else is said.</summary>
    private Task<RunId> PausedAsync(RunLimits? limits = null) => _host.AddRunAsync(
        Scenario.Run(),
        Scenario.Started(),
        At(2, new LimitsSet(limits ?? new RunLimits(100))),
        At(3, new UsageAdded("milestone:M-001", new AgentUsage(150, 0.01m, 3), 30)),
        At(4, new RunPaused("limit tokens: 150 of 100 used")));

    /// <summary>After the start, which is the first public event; at most one more may be public.</summary>
    private static RunEvent At(long revision, RunEvent e) =>
        e with { Revision = revision, Sequence = e.IsPublic ? 2 : null, At = Scenario.Start };
}
