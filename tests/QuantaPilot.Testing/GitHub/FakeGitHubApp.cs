using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace QuantaPilot.Testing.GitHub;

/// <summary>
/// A GitHub App: proves itself by a JWT, and gets tokens that hold for an hour for the repositories where it is installed.
/// </summary>
public sealed class FakeGitHubApp : IDisposable
{
    private static readonly TimeSpan _longestJwt = TimeSpan.FromMinutes(10);

    private readonly RSA _key = RSA.Create(2048);
    private readonly TimeProvider _time;
    private readonly Dictionary<string, DateTimeOffset> _tokens = new(StringComparer.Ordinal);

    internal FakeGitHubApp(TimeProvider time) => _time = time;

    public const string Id = "4711";

    /// <summary>The key that it signs with, as GitHub lets it be downloaded.</summary>
    public string PrivateKey => _key.ExportRSAPrivateKeyPem();

    /// <summary>How many tokens were handed out.</summary>
    public int TokensMade { get; private set; }

    /// <summary>Takes back every token, as when the App is installed anew.</summary>
    public void RevokeTokens() => _tokens.Clear();

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    internal bool IsValid(string token) => _tokens.TryGetValue(token, out var end) && end > _time.GetUtcNow();

    /// <returns>Null if the request is not one that takes a JWT.</returns>
    internal FakeAnswer? TryAnswer(string method, string[] path, string token, JsonNode? body, FakeGitHubRepository? repository)
    {
        var (finds, makes) = (path is ["repos", _, _, "installation"], path is ["app", "installations", _, "access_tokens"]);
        if (!finds && !makes) return null;
        if (FindFault(token) is { } fault) return FakeAnswer.Refusal(StatusCodes.Status401Unauthorized, fault);
        if (finds && method == "GET")
        {
            return repository is { IsAppInstalled: true }
                ? FakeAnswer.Ok(new JsonObject { ["id"] = 99, ["app_id"] = 4711, ["target_type"] = "Organization" })
                : FakeAnswer.NotFound;
        }
        if (method != "POST" || body?["repositories"] is not JsonArray { Count: 1 }) return FakeAnswer.NotFound;
        var made = $"ghs_{++TokensMade:D36}";
        var end = _time.GetUtcNow().AddHours(1);
        _tokens[made] = end;
        return FakeAnswer.Created(new JsonObject { ["token"] = made, ["expires_at"] = end.ToString("yyyy-MM-ddTHH:mm:ssZ") });
    }

    private string? FindFault(string jwt)
    {
        const string Unreadable = "A JSON web token could not be decoded";
        if (jwt.Split('.') is not [var header, var claims, var signature]) return Unreadable;
        var signed = Encoding.ASCII.GetBytes($"{header}.{claims}");
        if (!_key.VerifyData(signed, Decode(signature), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)) return Unreadable;
        if (JsonDocument.Parse(Decode(header)).RootElement.GetProperty("alg").GetString() != "RS256") return Unreadable;

        var content = JsonDocument.Parse(Decode(claims)).RootElement;
        var issued = DateTimeOffset.FromUnixTimeSeconds(content.GetProperty("iat").GetInt64());
        var end = DateTimeOffset.FromUnixTimeSeconds(content.GetProperty("exp").GetInt64());
        if (content.GetProperty("iss").GetString() != Id) return "Integration not found";
        if (issued > _time.GetUtcNow()) return "'Issued at' claim ('iat') must be the time that the assertion was issued";
        return end <= _time.GetUtcNow() || end - _time.GetUtcNow() > _longestJwt
            ? "'Expiration time' claim ('exp') is too far in the future"
            : null;
    }

    private static byte[] Decode(string text) => System.Buffers.Text.Base64Url.DecodeFromChars(text);
}
