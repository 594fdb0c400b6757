using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace QuantaPilot.Api.Hooks;

/// <summary><c>X-Hub-Signature-256</c>: <c>sha256=</c> and the HMAC of the body, in lower-case hexadecimal digits.</summary>
internal sealed class GitHubSignature
{
    private const string Prefix = "sha256=";
    private static readonly SearchValues<char> _digits = SearchValues.Create("0123456789abcdef");
    private readonly byte[] _mac;

    private GitHubSignature(byte[] mac) => _mac = mac;

    /// <returns>Null if the header holds no signature.</returns>
    public static GitHubSignature? Read(string? header)
    {
        if (header is null || !header.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        var digits = header.AsSpan(Prefix.Length);
        return digits.Length == 2 * HMACSHA256.HashSizeInBytes && !digits.ContainsAnyExcept(_digits)
            ? new GitHubSignature(Convert.FromHexString(digits))
            : null;
    }

    /// <summary>True if it was made of the body with one of the secrets. Takes as long whichever it is, and however wrong it is.</summary>
    public bool IsOf(ReadOnlySpan<byte> body, IReadOnlyList<string> secrets)
    {
        var matches = false;
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        foreach (var secret in secrets)
        {
            HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body, mac);
            matches |= CryptographicOperations.FixedTimeEquals(mac, _mac);
        }
        return matches;
    }
}
