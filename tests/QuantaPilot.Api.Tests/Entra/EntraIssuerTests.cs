using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Api.Access.Entra;
using QuantaPilot.Api.Limits;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests.Entra;

/// <summary>Keys that come and go, and an issuer that does not answer.</summary>
public sealed class EntraIssuerTests : IAsyncLifetime
{
    private OidcIssuer _issuer = null!;
    private ApiHost _host = null!;

    public async Task InitializeAsync()
    {
        _issuer = await OidcIssuer.StartAsync();
        _host = await ApiHost.StartAsync(
            new RateLimitOptions { FailedAuthenticationsPerMinute = 2 }, services => services.AddEntraTokens(_issuer.Options));
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _issuer.DisposeAsync();
    }

    [Fact]
    public async Task Key_ThatIsRotatedIn_IsAcceptedAtItsFirstToken()
    {
        await ExpectAsync(HttpStatusCode.OK, _issuer.Token());
        var next = OidcIssuer.NewRsa("rsa-2");
        _issuer.Keys.Add(next);
        _host.Time.Advance(TimeSpan.FromSeconds(30));

        await ExpectAsync(HttpStatusCode.OK, _issuer.Token(key: next));
        await ExpectAsync(HttpStatusCode.OK, _issuer.Token());
        Assert.Equal(2, _issuer.Asked);
    }

    [Fact]
    public async Task Key_ThatIsUnknown_IsAskedForAtMostTwiceAMinute()
    {
        var next = OidcIssuer.NewRsa("rsa-2");
        await ExpectAsync(HttpStatusCode.Unauthorized, _issuer.Token(key: next));
        _host.Time.Advance(TimeSpan.FromSeconds(29));
        _issuer.Keys.Add(next);

        // Refused without a question, so that key ids that somebody makes up cost the issuer nothing.
        await ExpectAsync(HttpStatusCode.Unauthorized, _issuer.Token(key: next));
        Assert.Equal(1, _issuer.Asked);
        _host.Time.Advance(TimeSpan.FromSeconds(1));
        await ExpectAsync(HttpStatusCode.OK, _issuer.Token(key: next));
    }

    [Fact]
    public async Task Key_ThatIsWithdrawn_IsRefusedWithinTheHour()
    {
        var token = _issuer.Token(new Dictionary<string, object?> { ["exp"] = Scenario.Start.AddDays(1).ToUnixTimeSeconds() });
        await ExpectAsync(HttpStatusCode.OK, token);
        _issuer.Keys[0] = OidcIssuer.NewRsa("rsa-2");
        _host.Time.Advance(TimeSpan.FromHours(1));

        // The first request after the hour asks the issuer and does not wait for it.
        await ExpectAsync(HttpStatusCode.OK, token);
        await _host.Services.GetRequiredService<EntraIssuer>().AskAsync();

        await ExpectAsync(HttpStatusCode.Unauthorized, token);
    }

    [Fact]
    public async Task Issuer_ThatWasNeverReached_LeavesTokensUnjudged()
    {
        _issuer.IsDown = true;
        using var client = Client(_issuer.Token());
        for (var i = 0; i < 3; i++)
        {
            using var answer = await client.GetAsync("/runs");
            var problem = await answer.ProblemAsync(HttpStatusCode.ServiceUnavailable, ErrorCodes.Unavailable);
            Assert.Contains("its issuer does not answer", problem.Detail, StringComparison.Ordinal);
            Assert.DoesNotContain(_issuer.Url, problem.Detail, StringComparison.Ordinal);
            Assert.Equal(TimeSpan.FromSeconds(30), answer.Headers.RetryAfter!.Delta);
        }
        Assert.Equal(HttpStatusCode.OK, (await _host.Admin.GetAsync("/runs")).StatusCode);

        _issuer.IsDown = false;
        _host.Time.Advance(TimeSpan.FromSeconds(30));
        await ExpectAsync(HttpStatusCode.OK, _issuer.Token());
    }

    [Fact]
    public async Task Issuer_ThatGoesAway_IsGoneByWhatItPublishedForADay()
    {
        var token = _issuer.Token(new Dictionary<string, object?> { ["exp"] = Scenario.Start.AddDays(9).ToUnixTimeSeconds() });
        await ExpectAsync(HttpStatusCode.OK, token);
        _issuer.IsDown = true;
        _host.Time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));

        await ExpectAsync(HttpStatusCode.OK, token);
        await _host.Services.GetRequiredService<EntraIssuer>().AskAsync();
        await ExpectAsync(HttpStatusCode.OK, token);
        // Whether this key is one of its own, only the issuer knows.
        await ExpectAsync(HttpStatusCode.ServiceUnavailable, _issuer.Token(key: OidcIssuer.NewRsa("rsa-2")));
        _host.Time.Advance(TimeSpan.FromSeconds(1));
        await ExpectAsync(HttpStatusCode.ServiceUnavailable, token);
    }

    [Fact]
    public async Task Issuer_WithoutKeys_CountsAsAway()
    {
        _issuer.Keys.Clear();

        await ExpectAsync(HttpStatusCode.ServiceUnavailable, _issuer.Token());
    }

    [Fact]
    public async Task Issuer_AskedByManyAtOnce_IsAskedOnce()
    {
        var tokens = Enumerable.Range(0, 20).Select(_ => _issuer.Token()).ToList();

        await Task.WhenAll(tokens.Select(token => ExpectAsync(HttpStatusCode.OK, token)));

        Assert.Equal(1, _issuer.Asked);
    }

    private HttpClient Client(string token)
    {
        var client = _host.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    private async Task ExpectAsync(HttpStatusCode status, string token)
    {
        using var client = Client(token);
        using var answer = await client.GetAsync("/runs");
        Assert.Equal(status, answer.StatusCode);
    }
}
