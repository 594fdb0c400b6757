using System.Net;
using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests;

public sealed class AccessTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("Bearer")]
    [InlineData("Bearer qp_")]
    [InlineData("Bearer qp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("Bearer \u00e9")]
    [InlineData("Basic YWRtaW46YWRtaW4=")]
    public async Task Token_ThatIsNone_IsRefused(string header)
    {
        using var client = _host.Anonymous();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", header);

        using var answer = await client.GetAsync("/runs");

        await answer.ProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.Unauthenticated);
    }

    [Fact]
    public async Task Token_ExpiredOrRevoked_IsRefused()
    {
        using var expiring = await _host.ClientAsync("soon", [TokenRole.Consumer], ["*"], Scenario.Start.AddMinutes(1));
        using var revoked = await _host.ClientAsync("gone", TokenRole.Consumer);
        Assert.Equal(HttpStatusCode.OK, (await expiring.GetAsync("/runs")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await revoked.GetAsync("/runs")).StatusCode);

        _host.Time.Advance(TimeSpan.FromMinutes(1));
        await _host.Tokens.RevokeAsync("gone", _host.Time.GetUtcNow(), default);

        await (await expiring.GetAsync("/runs")).ProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.Unauthenticated);
        await (await revoked.GetAsync("/runs")).ProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.Unauthenticated);
    }

    [Fact]
    public async Task Scope_RunsOutsideIt_DoNotExist()
    {
        var inside = await _host.AddRunAsync(Scenario.Run("https://example.com/ours/a"), Scenario.Started(), Scenario.AnchorRequested());
        var outside = await _host.AddRunAsync(Scenario.Run("https://example.com/theirs/b"), Scenario.Started(), Scenario.AnchorRequested());
        using var client = await _host.ClientAsync(
            "us", [TokenRole.Operator, TokenRole.Approver], ["https://example.com/ours/*"], null);

        var runs = await (await client.GetAsync("/runs")).OkAsync(CoreJson.Default.ResourcePageRunResource);
        var gates = await (await client.GetAsync("/gates")).OkAsync(CoreJson.Default.ResourcePageGateResource);
        using var stream = await client.GetAsync("/events?after=0", HttpCompletionOption.ResponseHeadersRead);
        var seen = await new EventReader(await stream.Content.ReadAsStreamAsync()).TakeAsync(2);
        using var start = await client.PostAsync("/run", ApiHost.Json("""{"repo_url":"https://example.com/theirs/b","branch":"main"}"""));

        Assert.Equal([inside], runs.Items.Select(run => run.RunId));
        Assert.Equal([inside], gates.Items.Select(gate => gate.RunId));
        Assert.All(seen, e => Assert.StartsWith($"{inside}:", e.Id, StringComparison.Ordinal));
        await start.ProblemAsync(HttpStatusCode.Forbidden, ErrorCodes.RepositoryNotAllowed);
        foreach (var path in new[] { "", "/events", "/gates" })
            await (await client.GetAsync($"/runs/{outside}{path}")).ProblemAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        foreach (var path in new[] { "/pause", "/cancel", "/gates/anchor" })
        {
            using var answer = await client.PostAsync($"/runs/{outside}{path}", path == "/gates/anchor" ? ApiHost.Json("""{"approved":true}""") : null);
            await answer.ProblemAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        }
        Assert.Empty(_host.Engine.Raised);
    }

    [Fact]
    public async Task Health_WithoutAToken_Answers()
    {
        using var client = _host.Anonymous();

        using var alive = await client.GetAsync("/healthz");
        using var notReady = await client.GetAsync("/readyz");
        _host.Readiness.IsReady = true;
        using var ready = await client.GetAsync("/readyz");

        Assert.Equal("""{"status":"ok"}""", await alive.Content.ReadAsStringAsync());
        await notReady.ProblemAsync(HttpStatusCode.ServiceUnavailable, ErrorCodes.Unavailable);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
    }

    [Fact]
    public void Endpoints_OpenToAnybody_AreThoseOfTheHostOnly()
    {
        var open = _host.Services.GetRequiredService<ApiEndpoints>().All.Where(endpoint => endpoint.Rule == AccessRule.Anybody);

        Assert.Equal(["/healthz", "/openapi.json", "/readyz"], open.Select(endpoint => endpoint.Pattern).Order());
        var signed = _host.Services.GetRequiredService<ApiEndpoints>().All.Where(endpoint => endpoint.Rule.IsSigned);
        Assert.Equal(
            ["/hooks/github", "/runs/{run_id}/agents/{agent_step}/{agent_round}"], signed.Select(endpoint => endpoint.Pattern).Order());
    }

    [Fact]
    public void Create_Tokens_AreWellFormedAndDiffer()
    {
        var tokens = Enumerable.Range(0, 100).Select(_ => BearerToken.Create()).ToList();

        Assert.All(tokens, token => Assert.True(BearerToken.IsWellFormed(token)));
        Assert.Equal(100, tokens.Distinct().Count());
    }
}
