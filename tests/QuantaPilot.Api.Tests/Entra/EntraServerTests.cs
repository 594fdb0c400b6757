using System.Net;
using System.Net.Http.Headers;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Host.Server;

namespace QuantaPilot.Api.Tests.Entra;

/// <summary>The whole standalone host, told of an issuer by its settings.</summary>
public sealed class EntraServerTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Start_WithAnIssuer_TakesItsTokensAndAuditsTheirHolders()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var server = await QuantaPilotServer.StartAsync(Options() with { Entra = issuer.Options }, default);
        var token = issuer.Token(new Dictionary<string, object?>
        {
            ["roles"] = new[] { "admin" },
            ["nbf"] = null,
            ["exp"] = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds(),
        });
        using var client = new HttpClient { BaseAddress = new Uri(server.Url) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

        using var made = await client.PostAsync("/tokens", ApiHost.Json("""{"name":"robot","roles":["consumer"]}"""));

        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        using var listed = await client.GetAsync("/audit");
        var entry = Assert.Single((await listed.OkAsync(CoreJson.Default.ResourcePageAuditEntry)).Items);
        Assert.Equal((AuditAction.CreateToken, AuditOutcome.Accepted), (entry.Action, entry.Outcome));
        Assert.Equal(("olga@example.com", $"entra:{OidcIssuer.Olga}"), (entry.Actor, entry.ActorId));
    }

    [Fact]
    public async Task Start_WithAnIssuerThatIsNotAccepted_IsRefusedByName()
    {
        await using var issuer = await OidcIssuer.StartAsync();

        var e = await Assert.ThrowsAsync<FormatException>(() => QuantaPilotServer.StartAsync(
            Options() with { Entra = issuer.Options with { Authority = "https://login.example.com/common" } }, default));

        Assert.Contains("'https://login.example.com/common' must be the https URL of one tenant", e.Message, StringComparison.Ordinal);
    }

    private ServerOptions Options() => new() { DataDirectory = _directory.File("data"), Url = "http://127.0.0.1:0" };
}
