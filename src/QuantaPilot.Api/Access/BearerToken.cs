using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace QuantaPilot.Api.Access;

/// <summary>The text of an API token: <c>qp_</c> and 256 random bits in base64url.</summary>
public static class BearerToken
{
    private const string Prefix = "qp_";
    private const int Bytes = 32;
    private const int Length = 46;

    public static string Create() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    public static bool IsWellFormed(ReadOnlySpan<char> text) =>
        text.Length == Length && text.StartsWith(Prefix, StringComparison.Ordinal) && Base64Url.IsValid(text[Prefix.Length..]);

    /// <summary>What is stored of it: SHA-256. A slow hash would add nothing to 256 random bits.</summary>
    public static byte[] Hash(string token) => SHA256.HashData(Encoding.ASCII.GetBytes(token));
}
