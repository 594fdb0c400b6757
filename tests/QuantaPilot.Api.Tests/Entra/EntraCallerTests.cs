using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Api.Access.Entra;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests.Entra;

/// <summary>Who a caller from Entra ID is to the product: a name, and one person however many tokens they hold.</summary>
public sealed class EntraCallerTests : IAsyncLifetime
{
    private const string Yes = """{"approved":true}""";

    private OidcIssuer _issuer = null!;
    private ApiHost _host = null!;

    public async Task InitializeAsync()
    {
        _issuer = await OidcIssuer.StartAsync();
        _host = await ApiHost.StartAsync(configure: services => services.AddEntraTokens(_issuer.Options));
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _issuer.DisposeAsync();
    }

    [Fact]
    public async Task Vote_OfOnePersonWithThreeTokens_CountsOnce()
    {
        var run = await _host.AddRunAsync(Scenario.Run(), Scenario.Started(), Scenario.AnchorRequested(approvals: 2));
        using var first = Client(("roles", new[] { "approver" }));
        using var renamed = Client(("roles", new[] { "approver" }), ("preferred_username", "olga.smith@example.com"));
        using var byApiToken = await _host.ClientAsync("Olga@example.com", TokenRole.Approver);
        using var another = Client(("roles", new[] { "approver" }), ("oid", "b0b"), ("preferred_username", "bob@example.com"));

        var answers = new List<DecisionAnswer>();
        foreach (var client in new[] { first, renamed, byApiToken, another })
        {
            using var answer = await client.PostAsync($"/runs/{run}/gates/anchor", ApiHost.Json(Yes));
            answers.Add(await answer.OkAsync(CoreJson.Default.DecisionAnswer));
        }

        Assert.Equal(
            [VoteResult.Recorded, VoteResult.Recorded, VoteResult.Recorded, VoteResult.Applied], answers.Select(answer => answer.Result));
        Assert.Equal(["olga@example.com", "bob@example.com"], answers[^1].Gate.Votes.Select(vote => vote.By));
        Assert.DoesNotContain(OidcIssuer.Olga, await _host.Admin.GetStringAsync($"/runs/{run}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Vote_OfTheRequesterUnderAnotherName_IsStillTheirOwn()
    {
        using var starter = Client(("roles", new[] { "operator" }));
        using var started = await starter.PostAsync("/run", ApiHost.Json("""{"repo_url":"https://example.com/o/p","branch":"main"}"""));
        var run = (await started.OkAsync(CoreJson.Default.RunAccepted, HttpStatusCode.Accepted)).RunId;
        await _host.Store.AppendAsync(run, [Scenario.Started(), Scenario.AnchorRequested(selfApproval: false)], default);
        using var renamed = Client(("roles", new[] { "approver" }), ("preferred_username", "olga.smith@example.com"));

        using var answer = await renamed.PostAsync($"/runs/{run}/gates/anchor", ApiHost.Json(Yes));

        await answer.ProblemAsync(HttpStatusCode.Forbidden, ErrorCodes.SelfApproval);
        var shown = await _host.Admin.GetStringAsync($"/runs/{run}");
        Assert.Contains("\"requested_by\":\"olga@example.com\"", shown, StringComparison.Ordinal);
        Assert.DoesNotContain(OidcIssuer.Olga, shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("preferred_username", "olga@example.com", "olga@example.com")]
    [InlineData("upn", "olga_else.com#EXT#@example.com", "olga_else.com#EXT#@example.com")]
    [InlineData("azp", "11111111-0000-0000-0000-000000000000", "11111111-0000-0000-0000-000000000000")]
    [InlineData("name", "Somebody Else", OidcIssuer.Olga)]
    [InlineData("upn", "bell\u0007", OidcIssuer.Olga)]
    public async Task Name_OfTheCaller_IsOneThatTheyDidNotChoose(string claim, string value, string name)
    {
        using var client = Client(("roles", new[] { "operator" }), ("preferred_username", null), ("name", null), (claim, value));

        using var started = await client.PostAsync("/run", ApiHost.Json("""{"repo_url":"https://example.com/o/p","branch":"main"}"""));

        var run = (await started.OkAsync(CoreJson.Default.RunAccepted, HttpStatusCode.Accepted)).RunId;
        Assert.Equal(name, (await _host.Store.GetAsync(run, default))!.RequestedBy);
    }

    [Fact]
    public async Task IdempotencyKey_OfOnePersonWithTwoTokens_GivesOneRun()
    {
        var runs = new List<RunId>();
        foreach (var issuedAt in new[] { Scenario.Start, Scenario.Start.AddMinutes(-1) })
        {
            using var client = Client(("roles", new[] { "operator" }), ("iat", issuedAt.ToUnixTimeSeconds()));
            client.DefaultRequestHeaders.Add("Idempotency-Key", "k");
            using var started = await client.PostAsync("/run", ApiHost.Json("""{"repo_url":"https://example.com/o/p","branch":"main"}"""));
            runs.Add((await started.OkAsync(CoreJson.Default.RunAccepted, HttpStatusCode.Accepted)).RunId);
        }

        Assert.Single(runs.Distinct());
    }

    [Theory]
    [InlineData("https://login.microsoftonline.com/tenant/v2.0", true)]
    [InlineData("http://127.0.0.1:5000", true)]
    [InlineData("http://login.example.com/tenant", false)]
    [InlineData("https://login.microsoftonline.com/common/v2.0", false)]
    [InlineData("https://login.microsoftonline.com/Organizations/", false)]
    [InlineData("https://user@login.example.com/", false)]
    [InlineData("https://login.example.com/?p=1", false)]
    [InlineData("login.example.com", false)]
    [InlineData("", false)]
    public void Authority_Text_IsOneTenantOverHttps(string text, bool accepted) =>
        Assert.Equal(accepted, EntraOptions.FindAuthorityFault(text) is null);

    [Fact]
    public void Options_NotAccepted_AreRefusedAtTheStart()
    {
        var good = _issuer.Options;
        EntraOptions[] bad =
        [
            good with { Authority = "x" },
            good with { Audience = "a b" },
            good with { Projects = ["ftp://x"] },
            good with { Projects = [] },
        ];

        Assert.All(bad, options => Assert.Throws<FormatException>(() => new ServiceCollection().AddEntraTokens(options)));
    }

    private HttpClient Client(params (string Claim, object? Value)[] claims)
    {
        var client = _host.Anonymous();
        var changed = new Dictionary<string, object?>();
        // Of a claim that is given twice, the last counts.
        foreach (var (claim, value) in claims) changed[claim] = value;
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _issuer.Token(changed));
        return client;
    }
}
