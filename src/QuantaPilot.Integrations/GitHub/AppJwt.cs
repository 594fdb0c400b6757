using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace QuantaPilot.Integrations.GitHub;

/// <summary>What a GitHub App proves itself with: a JWT of its own making.</summary>
internal sealed class AppJwt(string appId, string privateKey, TimeProvider timeProvider)
{
    /// <summary>GitHub takes at most ten minutes, by its own clock.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(9);

    /// <summary>GitHub advises to date it back so far, for clocks that differ.</summary>
    public static readonly TimeSpan Backdating = TimeSpan.FromSeconds(60);

    public string Create()
    {
        var now = timeProvider.GetUtcNow();
        var claims = new Dictionary<string, object>
        {
            ["iat"] = (now - Backdating).ToUnixTimeSeconds(),
            ["exp"] = (now + Life).ToUnixTimeSeconds(),
            ["iss"] = appId,
        };
        var text = $"{Encode("""{"alg":"RS256","typ":"JWT"}"""u8)}.{Encode(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        using var rsa = RSA.Create();
        rsa.ImportFromPem(privateKey);
        return $"{text}.{Encode(rsa.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);
}
