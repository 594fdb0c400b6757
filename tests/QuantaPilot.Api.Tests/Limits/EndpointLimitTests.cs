using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;
using QuantaPilot.Api.Limits;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests.Limits;

/// <summary>What every endpoint that there is tells of its limit, streams and batches included.</summary>
public sealed partial class EndpointLimitTests : IAsyncLifetime
{
    private ApiHost _host = null!;
    private RunId _run;

    public async Task InitializeAsync()
    {
        _host = await ApiHost.StartAsync(new RateLimitOptions
        {
            TriggersPerMinute = 1,
            DecisionsPerMinute = 1,
            WritesPerMinute = 1,
            ReadsPerMinute = 1,
            FailedAuthenticationsPerMinute = 1,
        });
        _run = await _host.AddRunAsync(Scenario.Run(), Scenario.Started(), Scenario.AnchorRequested());
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Endpoints_All_SayWhereTheTokenStandsAndWhenToComeBack()
    {
        foreach (var endpoint in LimitedEndpoints())
        {
            using var client = await _host.ClientAsync("somebody", TokenRole.Admin);
            var name = endpoint.Kind switch
            {
                RequestKind.Trigger => "triggers",
                RequestKind.Decision => "decisions",
                RequestKind.Write => "writes",
                _ => "reads",
            };

            using var taken = await SendAsync(client, endpoint);
            using var refused = await SendAsync(client, endpoint);

            Assert.True(taken.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.InternalServerError), endpoint.Name);
            AssertFields(taken, endpoint, name);
            AssertFields(refused, endpoint, name);
            await refused.ProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.RateLimited);
            Assert.Equal(TimeSpan.FromMinutes(1), refused.Headers.RetryAfter?.Delta);
        }
    }

    [Fact]
    public async Task Endpoints_AllWithoutAToken_SayWhenToComeBack()
    {
        using var client = _host.Anonymous();
        await (await client.GetAsync("/runs")).ProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.Unauthenticated);

        foreach (var endpoint in LimitedEndpoints())
        {
            using var refused = await SendAsync(client, endpoint);

            await refused.ProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.RateLimited);
            AssertFields(refused, endpoint, "failed-authentications");
            Assert.Equal(TimeSpan.FromMinutes(1), refused.Headers.RetryAfter?.Delta);
        }
    }

    [Fact]
    public async Task DecideMany_OfFifty_CountsAsOneRequest()
    {
        await using var host = await ApiHost.StartAsync(new RateLimitOptions { DecisionsPerMinute = 3 });
        var runs = new List<RunId>();
        for (var i = 0; i < 50; i++) runs.Add(await host.AddRunAsync(Scenario.Run(), Scenario.Started(), Scenario.AnchorRequested()));
        var decisions = string.Join(',', runs.Select(run => $$"""{"run_id":"{{run}}","gate":"anchor","approved":true}"""));

        using var answer = await host.Admin.PostAsync("/gates:decide", ApiHost.Json($$"""{"decisions":[{{decisions}}]}"""));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(["\"decisions\";r=2;t=20"], answer.Headers.GetValues("RateLimit"));
        foreach (var run in runs) Assert.Equal(GateStatus.Approved, (await host.Store.GetAsync(run, default))!.Gates[0].Status);
    }

    private IEnumerable<ApiEndpoint> LimitedEndpoints() =>
        _host.Services.GetRequiredService<ApiEndpoints>().All
            .Where(endpoint => endpoint.Rule != AccessRule.Anybody && !endpoint.Rule.IsSigned);

    private Task<HttpResponseMessage> SendAsync(HttpClient client, ApiEndpoint endpoint)
    {
        var path = endpoint.Pattern.Replace("{run_id}", $"{_run}", StringComparison.Ordinal);
        var request = new HttpRequestMessage(new HttpMethod(endpoint.Method), PathValue().Replace(path, "anchor"));
        if (endpoint.Method == "POST") request.Content = ApiHost.Json("{}");
        // Endpoints that can stream do so, and a stream has no end to wait for.
        request.Headers.Accept.ParseAdd("text/event-stream");
        return client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static void AssertFields(HttpResponseMessage answer, ApiEndpoint endpoint, string name)
    {
        Assert.True(answer.Headers.TryGetValues("RateLimit-Policy", out var policy), $"{endpoint.Name} shows no limit.");
        Assert.Equal([$"\"{name}\";q=1;w=60"], policy);
        Assert.Equal([$"\"{name}\";r=0;t=60"], answer.Headers.GetValues("RateLimit"));
    }

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex PathValue();
}
