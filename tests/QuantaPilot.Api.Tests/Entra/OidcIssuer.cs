using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using QuantaPilot.Api.Access.Entra;

namespace QuantaPilot.Api.Tests.Entra;

/// <summary>An issuer of tokens on loopback, with the documents of OpenID Connect and keys that change.</summary>
internal sealed class OidcIssuer : IAsyncDisposable
{
    public const string Audience = "api://quantapilot";
    public const string Olga = "00000000-0000-0000-0000-00000000016a";

    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly WebApplication _app;
    private int _asked;

    private OidcIssuer(WebApplication app) => _app = app;

    /// <summary>The issuer as tokens name it, and the authority of the settings.</summary>
    public string Url => _app.Urls.First();

    public EntraOptions Options => new() { Authority = Url, Audience = Audience };

    /// <summary>The keys that are published.</summary>
    public List<SecurityKey> Keys { get; } = [];

    public RsaSecurityKey Rsa { get; } = NewRsa("rsa-1");

    /// <summary>How often the keys were asked for.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>Answers with a fault instead.</summary>
    public bool IsDown { get; set; }

    public static async Task<OidcIssuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var issuer = new OidcIssuer(app);
        issuer.Keys.Add(issuer.Rsa);
        app.Use((context, next) => issuer.IsDown ? FailAsync(context) : next());
        app.MapGet("/.well-known/openid-configuration", () => Results.Json(new { issuer = issuer.Url, jwks_uri = issuer.Url + "/keys" }));
        app.MapGet("/keys", issuer.Publish);
        await app.StartAsync();
        return issuer;
    }

    public static RsaSecurityKey NewRsa(string id) => new(RSA.Create(2048)) { KeyId = id };

    public static ECDsaSecurityKey NewEc(string id) => new(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = id };

    /// <summary>A token that is good at <see cref="Scenario.Start"/> for an hour, but for the claims that are given.</summary>
    public string Token(
        IReadOnlyDictionary<string, object?>? claims = null, SecurityKey? key = null, string algorithm = SecurityAlgorithms.RsaSha256) =>
        _handler.CreateToken(Payload(claims), new SigningCredentials(key ?? Rsa, algorithm));

    public string TokenFor(params string[] roles) => Token(new Dictionary<string, object?> { ["roles"] = roles });

    /// <summary>A token that says of itself that it is not signed.</summary>
    public string Unsigned() => $"{Encode("""{"alg":"none","kid":"rsa-1"}""")}.{Encode(Payload(null))}.";

    /// <summary>The classic forgery: signed with HMAC, and the key is what everybody can read.</summary>
    public string SignedWithThePublicKey()
    {
        var text = $"{Encode("""{"alg":"HS256","kid":"rsa-1"}""")}.{Encode(Payload(null))}";
        var publicKey = Encoding.ASCII.GetBytes(Rsa.Rsa.ExportSubjectPublicKeyInfoPem());
        return $"{text}.{Base64Url.EncodeToString(HMACSHA256.HashData(publicKey, Encoding.ASCII.GetBytes(text)))}";
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static Task FailAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        return Task.CompletedTask;
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private string Payload(IReadOnlyDictionary<string, object?>? claims)
    {
        var payload = new Dictionary<string, object?>
        {
            ["iss"] = Url,
            ["aud"] = Audience,
            ["sub"] = "pairwise-olga",
            ["oid"] = Olga,
            ["preferred_username"] = "olga@example.com",
            ["name"] = "Olga the Great",
            ["roles"] = new[] { "consumer" },
            ["iat"] = Scenario.Start.ToUnixTimeSeconds(),
            ["nbf"] = Scenario.Start.ToUnixTimeSeconds(),
            ["exp"] = Scenario.Start.AddHours(1).ToUnixTimeSeconds(),
        };
        foreach (var (name, value) in claims ?? new Dictionary<string, object?>())
        {
            if (value is null) payload.Remove(name);
            else payload[name] = value;
        }
        return JsonSerializer.Serialize(payload);
    }

    private IResult Publish()
    {
        Interlocked.Increment(ref _asked);
        return Results.Json(new { keys = Keys.Select(Public).ToList() });
    }

    private static Dictionary<string, string> Public(SecurityKey key)
    {
        if (key is RsaSecurityKey rsa)
        {
            var numbers = rsa.Rsa.ExportParameters(includePrivateParameters: false);
            return Describe(key, "RSA", ("n", numbers.Modulus!), ("e", numbers.Exponent!));
        }
        var point = ((ECDsaSecurityKey)key).ECDsa.ExportParameters(includePrivateParameters: false).Q;
        var description = Describe(key, "EC", ("x", point.X!), ("y", point.Y!));
        description["crv"] = "P-256";
        return description;
    }

    private static Dictionary<string, string> Describe(SecurityKey key, string type, params (string Name, byte[] Value)[] numbers)
    {
        var description = new Dictionary<string, string> { ["kty"] = type, ["use"] = "sig", ["kid"] = key.KeyId };
        foreach (var (name, value) in numbers) description[name] = Base64Url.EncodeToString(value);
        return description;
    }
}
