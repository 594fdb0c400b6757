using System.Net;
using System.Net.Http.Headers;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Limits;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests.Limits;

public sealed class RateLimitTests : IAsyncLifetime
{
    private const string Run = """{"repo_url":"https://example.com/o/p","branch":"main"}""";
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync(new RateLimitOptions
    {
        TriggersPerMinute = 2,
        DecisionsPerMinute = 3,
        WritesPerMinute = 4,
        ReadsPerMinute = 5,
        FailedAuthenticationsPerMinute = 6,
        TrustedProxies = 1,
    });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("triggers", 2, "POST", "/run", Run)]
    [InlineData("decisions", 3, "POST", "/runs/RUN/gates/anchor", """{"approved":true}""")]
    [InlineData("decisions", 3, "POST", "/gates:decide", """{"decisions":[{"run_id":"RUN","gate":"anchor","approved":true}]}""")]
    [InlineData("writes", 4, "POST", "/runs/RUN/pause", "{}")]
    [InlineData("writes", 4, "POST", "/tokens", """{"name":"x","roles":["consumer"]}""")]
    [InlineData("reads", 5, "GET", "/runs/RUN", null)]
    public async Task Request_OverItsLimit_IsToldWhenToComeBack(string limit, int count, string method, string path, string? body)
    {
        var run = $"{await _host.AddRunAsync(Scenario.Run(), Scenario.Started(), Scenario.AnchorRequested())}";
        path = path.Replace("RUN", run, StringComparison.Ordinal);
        body = body?.Replace("RUN", run, StringComparison.Ordinal);
        for (var i = 1; i <= count; i++)
        {
            using var taken = await SendAsync(_host.Admin, method, path, body);
            Assert.True(taken.IsSuccessStatusCode, $"{taken.StatusCode}");
            Assert.Equal([$"\"{limit}\";q={count};w=60"], taken.Headers.GetValues("RateLimit-Policy"));
            Assert.Equal([$"\"{limit}\";r={count - i};t={60 / count * i}"], taken.Headers.GetValues("RateLimit"));
        }

        using var refused = await SendAsync(_host.Admin, method, path, body);
        _host.Time.Advance(refused.Headers.RetryAfter!.Delta!.Value);
        using var later = await SendAsync(_host.Admin, method, path, body);

        var problem = await refused.ProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.RateLimited);
        Assert.Contains($"{count} {limit} per minute", problem.Detail, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(60 / count), refused.Headers.RetryAfter!.Delta);
        Assert.Equal([$"\"{limit}\";r=0;t={60 / count}"], refused.Headers.GetValues("RateLimit"));
        Assert.True(later.IsSuccessStatusCode, $"{later.StatusCode}");
    }

    [Fact]
    public async Task Request_OfAnotherToken_HasALimitOfItsOwn()
    {
        for (var i = 0; i < 3; i++) (await SendAsync(_host.Admin, "POST", "/run", Run)).Dispose();
        using var other = await _host.ClientAsync("other", TokenRole.Operator);

        using var answer = await SendAsync(other, "POST", "/run", Run);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
    }

    [Fact]
    public async Task Request_ThatTheRoleForbids_CountsToo()
    {
        using var client = await _host.ClientAsync("reader", TokenRole.Consumer);
        for (var i = 0; i < 2; i++)
            await (await SendAsync(client, "POST", "/run", Run)).ProblemAsync(HttpStatusCode.Forbidden, ErrorCodes.Forbidden);

        using var answer = await SendAsync(client, "POST", "/run", Run);

        await answer.ProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.RateLimited);
    }

    [Fact]
    public async Task FailedAuthentication_TooOften_IsRefusedForThatAddressAndNotForAValidToken()
    {
        using var guesser = _host.Anonymous();
        guesser.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.1, 198.51.100.7");
        for (var i = 0; i < 6; i++)
        {
            guesser.DefaultRequestHeaders.Authorization = i % 2 == 0 ? null : new AuthenticationHeaderValue("Bearer", BearerToken.Create());
            // What the client writes itself further left makes no difference.
            guesser.DefaultRequestHeaders.Remove("X-Forwarded-For");
            guesser.DefaultRequestHeaders.Add("X-Forwarded-For", $"203.0.113.{i}, 198.51.100.7");
            await (await guesser.GetAsync("/runs")).ProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.Unauthenticated);
        }

        using var refused = await guesser.GetAsync("/runs");
        guesser.DefaultRequestHeaders.Authorization = _host.Admin.DefaultRequestHeaders.Authorization;
        using var neighbour = await guesser.GetAsync("/runs");
        guesser.DefaultRequestHeaders.Authorization = null;
        guesser.DefaultRequestHeaders.Remove("X-Forwarded-For");
        guesser.DefaultRequestHeaders.Add("X-Forwarded-For", "198.51.100.8");
        using var elsewhere = await guesser.GetAsync("/runs");

        await refused.ProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.RateLimited);
        Assert.Equal(TimeSpan.FromSeconds(10), refused.Headers.RetryAfter!.Delta);
        Assert.Equal(["\"failed-authentications\";r=0;t=10"], refused.Headers.GetValues("RateLimit"));
        Assert.Equal(HttpStatusCode.OK, neighbour.StatusCode);
        await elsewhere.ProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.Unauthenticated);
    }

    [Fact]
    public async Task Limit_OfZero_IsNone()
    {
        await using var host = await ApiHost.StartAsync(new RateLimitOptions { ReadsPerMinute = 0, FailedAuthenticationsPerMinute = 0 });
        using var anonymous = host.Anonymous();
        for (var i = 0; i < 200; i++)
        {
            using var answer = await host.Admin.GetAsync("/runs");
            Assert.Equal((HttpStatusCode.OK, false), (answer.StatusCode, answer.Headers.Contains("RateLimit")));
            await (await anonymous.GetAsync("/runs")).ProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.Unauthenticated);
        }
    }

    [Fact]
    public void With_Settings_ChangesWhatTheyName()
    {
        var options = new RateLimitOptions().With(["triggers=1", "failed-authentications=0", "triggers=2"]);

        Assert.Equal(new RateLimitOptions { TriggersPerMinute = 2, FailedAuthenticationsPerMinute = 0 }, options);
    }

    [Theory]
    [InlineData("triggers")]
    [InlineData("triggers=")]
    [InlineData("triggers=-1")]
    [InlineData("triggers=1000001")]
    [InlineData("Triggers=1")]
    [InlineData("triggers=60/m")]
    public void With_NoSetting_SaysWhatIsAccepted(string setting)
    {
        var e = Assert.Throws<FormatException>(() => new RateLimitOptions().With([setting]));

        Assert.Contains($"'{setting}' is no rate limit: give NAME=COUNT", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Option_OutOfItsRange_IsNamedAtTheStart()
    {
        var e = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => ApiHost.StartAsync(new RateLimitOptions { DecisionsPerMinute = -1 }));

        Assert.Equal("DecisionsPerMinute", e.ParamName);
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, string method, string path, string? body) =>
        client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path) { Content = body is null ? null : ApiHost.Json(body) });
}
