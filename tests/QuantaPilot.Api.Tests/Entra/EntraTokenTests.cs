using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;
using QuantaPilot.Api.Access.Entra;
using QuantaPilot.Api.Limits;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests.Entra;

/// <summary>Tokens of a real issuer on loopback, as the API judges them.</summary>
public sealed class EntraTokenTests : IAsyncLifetime
{
    private const string Run = """{"repo_url":"https://example.com/org/project","branch":"main"}""";

    private OidcIssuer _issuer = null!;
    private ApiHost _host = null!;

    public async Task InitializeAsync()
    {
        _issuer = await OidcIssuer.StartAsync();
        _host = await ApiHost.StartAsync(
            new RateLimitOptions { FailedAuthenticationsPerMinute = 5 }, services => services.AddEntraTokens(_issuer.Options));
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _issuer.DisposeAsync();
    }

    [Theory]
    [InlineData("consumer", true, false, false, false)]
    [InlineData("operator", true, true, false, false)]
    [InlineData("approver", true, false, true, false)]
    [InlineData("admin", true, true, true, true)]
    [InlineData("Admin", false, false, false, false)]
    [InlineData("king", false, false, false, false)]
    public async Task Token_OfARole_MayDoWhatTheRoleMay(string role, bool reads, bool starts, bool decides, bool administers)
    {
        var run = await _host.AddRunAsync(Scenario.Run(), Scenario.Started(), Scenario.AnchorRequested());
        using var client = Client(_issuer.TokenFor(role));

        using var read = await client.GetAsync("/runs");
        using var start = await client.PostAsync("/run", ApiHost.Json(Run));
        using var decide = await client.PostAsync($"/runs/{run}/gates/anchor", ApiHost.Json("""{"approved":true}"""));
        using var administer = await client.GetAsync("/tokens");

        HttpResponseMessage[] answers = [read, start, decide, administer];
        Assert.Equal([reads, starts, decides, administers], answers.Select(answer => answer.IsSuccessStatusCode));
        foreach (var refused in answers.Where(answer => !answer.IsSuccessStatusCode))
            await refused.ProblemAsync(HttpStatusCode.Forbidden, ErrorCodes.Forbidden);
    }

    [Fact]
    public async Task Token_WithoutRoles_IsKnownAndMayDoNothing()
    {
        using var client = Client(_issuer.Token(new Dictionary<string, object?> { ["roles"] = null }));

        await (await client.GetAsync("/runs")).ProblemAsync(HttpStatusCode.Forbidden, ErrorCodes.Forbidden);
    }

    [Fact]
    public async Task Token_OfEachAlgorithm_IsAccepted()
    {
        var curve = OidcIssuer.NewEc("ec-1");
        _issuer.Keys.Add(curve);
        string[] tokens =
        [
            _issuer.Token(),
            _issuer.Token(algorithm: SecurityAlgorithms.RsaSsaPssSha256),
            _issuer.Token(key: curve, algorithm: SecurityAlgorithms.EcdsaSha256),
        ];

        foreach (var token in tokens) Assert.Equal(HttpStatusCode.OK, await GetAsync(token));
    }

    [Theory]
    [InlineData("audience", "for another audience")]
    [InlineData("issuer", "from another issuer")]
    [InlineData("none", "an algorithm that is accepted: RS256, PS256, ES256")]
    [InlineData("public key", "an algorithm that is accepted")]
    [InlineData("RS512", "an algorithm that is accepted")]
    [InlineData("signature", "signature is wrong")]
    [InlineData("other key of the same id", "signature is wrong")]
    [InlineData("unknown key", "a key that the issuer does not publish")]
    [InlineData("expired", "has expired")]
    [InlineData("not yet", "not valid yet")]
    [InlineData("no end", "has no end (exp)")]
    [InlineData("no subject", "names no subject")]
    public async Task Token_ThatIsWrong_IsRefusedByName(string fault, string words)
    {
        var token = Faulty(fault);
        using var client = Client(token);

        using var answer = await client.GetAsync("/runs");

        var problem = await answer.ProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.Unauthenticated);
        Assert.Contains(words, problem.Detail, StringComparison.Ordinal);
        var challenge = Assert.Single(answer.Headers.WwwAuthenticate);
        Assert.Contains("error=\"invalid_token\"", challenge.Parameter, StringComparison.Ordinal);
        Assert.Contains(words, challenge.Parameter, StringComparison.Ordinal);
        var said = await answer.Content.ReadAsStringAsync() + challenge;
        foreach (var secret in new[] { _issuer.Url, OidcIssuer.Audience, "rsa-1", "olga", OidcIssuer.Olga, token.Split('.')[0] })
            Assert.DoesNotContain(secret, said, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a.b.c")]
    [InlineData("e30.e30.")]
    [InlineData("bnVsbA.bnVsbA.AA")]
    [InlineData("eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYS0xIn0.W10.AAAA")]
    [InlineData("eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYS0xIn0.eyJleHAiOjFlNDAwfQ.AAAA")]
    [InlineData("eyJhbGciOiJSUzI1NiIsImtpZCI6N30.e30.AAAA")]
    [InlineData("eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAA.AAAA.AAAA")]
    public async Task Token_ThatIsNone_IsRefused(string text) => Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(text));

    [Fact]
    public async Task Token_OverTheLargestLength_IsRefusedUnread()
    {
        var token = _issuer.Token(new Dictionary<string, object?> { ["groups"] = new string('g', 20_000) });

        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(token));
        Assert.Equal(0, _issuer.Asked);
    }

    [Theory]
    [InlineData("nbf", 300, HttpStatusCode.OK)]
    [InlineData("nbf", 301, HttpStatusCode.Unauthorized)]
    [InlineData("exp", -299, HttpStatusCode.OK)]
    [InlineData("exp", -300, HttpStatusCode.Unauthorized)]
    public async Task Token_AtTheEdgeOfItsTime_HasFiveMinutesForTheClocks(string claim, int seconds, HttpStatusCode expected)
    {
        var times = new Dictionary<string, object?>
        {
            ["nbf"] = Scenario.Start.AddDays(-1).ToUnixTimeSeconds(),
            [claim] = Scenario.Start.AddSeconds(seconds).ToUnixTimeSeconds(),
        };

        Assert.Equal(expected, await GetAsync(_issuer.Token(times)));
    }

    [Fact]
    public async Task Token_RefusedTooOften_CountsForItsAddress()
    {
        for (var i = 0; i < 5; i++) Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(Faulty("expired")));

        Assert.Equal(HttpStatusCode.TooManyRequests, await GetAsync(Faulty("expired")));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(_issuer.Token()));
    }

    [Fact]
    public async Task Stream_WhenItsTokenExpires_Ends()
    {
        await _host.AddRunAsync(Scenario.Run(), Scenario.Started());
        using var client = Client(_issuer.Token());
        using var stream = await client.GetAsync("/events?after=0", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new EventReader(await stream.Content.ReadAsStreamAsync());
        await reader.TakeAsync(1);

        _host.Time.Advance(TimeSpan.FromHours(1) + EntraTokens.Skew);
        var rest = reader.ToEndAsync();
        // The stream may set its timer at any moment: time goes by until it has gone off.
        while (!rest.IsCompleted)
        {
            _host.Time.Advance(TimeSpan.FromSeconds(15));
            await Task.Yield();
        }

        Assert.Empty(await rest);
    }

    [Fact]
    public async Task Token_WhereNoneIsConfigured_IsRefused()
    {
        await using var host = await ApiHost.StartAsync();
        using var client = host.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _issuer.Token());

        await (await client.GetAsync("/runs")).ProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.Unauthenticated);
        Assert.Equal(0, _issuer.Asked);
    }

    [Fact]
    public async Task Projects_OfTheSettings_BoundWhatHoldersReach()
    {
        await using var host = await ApiHost.StartAsync(
            configure: services => services.AddEntraTokens(_issuer.Options with { Projects = ["https://example.com/ours/*"] }));
        var theirs = await host.AddRunAsync(Scenario.Run("https://example.com/theirs/b"), Scenario.Started());
        using var client = host.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _issuer.TokenFor("admin"));

        await (await client.GetAsync($"/runs/{theirs}")).ProblemAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        using var start = await client.PostAsync("/run", ApiHost.Json("""{"repo_url":"https://example.com/ours/a","branch":"main"}"""));
        Assert.Equal(HttpStatusCode.Accepted, start.StatusCode);
    }

    private string Faulty(string fault) => fault switch
    {
        "audience" => With("aud", "api://another"),
        "issuer" => With("iss", "https://login.example.com/other"),
        "none" => _issuer.Unsigned(),
        "public key" => _issuer.SignedWithThePublicKey(),
        "RS512" => _issuer.Token(algorithm: SecurityAlgorithms.RsaSha512),
        "signature" => Tampered(_issuer.Token()),
        "other key of the same id" => _issuer.Token(key: OidcIssuer.NewRsa("rsa-1")),
        "unknown key" => _issuer.Token(key: OidcIssuer.NewRsa("rsa-2")),
        "expired" => With("exp", Scenario.Start.AddMinutes(-6).ToUnixTimeSeconds(), ("nbf", null)),
        "not yet" => With("nbf", Scenario.Start.AddMinutes(6).ToUnixTimeSeconds()),
        "no end" => With("exp", null),
        "no subject" => With("oid", null, ("sub", null)),
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };

    private string With(string claim, object? value, params (string Name, object? Value)[] others)
    {
        var claims = others.ToDictionary(other => other.Name, other => other.Value);
        claims[claim] = value;
        return _issuer.Token(claims);
    }

    /// <summary>The claims of an admin behind the signature of a consumer.</summary>
    private string Tampered(string token)
    {
        var (signed, admin) = (token.Split('.'), _issuer.TokenFor("admin").Split('.'));
        return $"{signed[0]}.{admin[1]}.{signed[2]}";
    }

    private HttpClient Client(string token)
    {
        var client = _host.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    private async Task<HttpStatusCode> GetAsync(string token)
    {
        using var client = Client(token);
        using var answer = await client.GetAsync("/runs");
        return answer.StatusCode;
    }
}
