using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Integrations.Tables;

/// <summary>
/// Where a page of runs ended, as an opaque text. The check bytes tell a typing error from a cursor; they keep no secret.
/// </summary>
internal static class RunCursor
{
    private const int CheckBytes = 4;

    /// <summary>19 digits of ticks, a dash, 32 digits of the run id.</summary>
    private const int KeyLength = 52;

    public static string Encode(string key)
    {
        var bytes = Encoding.ASCII.GetBytes(key);
        return Base64Url.EncodeToString([.. bytes, .. Check(bytes)]);
    }

    /// <exception cref="InvalidCursorException">The text is not from <see cref="Encode"/>.</exception>
    public static string Decode(string text)
    {
        var bytes = new byte[KeyLength + CheckBytes];
        if (!Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var written) || written != bytes.Length
            || !Check(bytes.AsSpan(0, KeyLength)).AsSpan().SequenceEqual(bytes.AsSpan(KeyLength)))
            throw new InvalidCursorException();
        return Encoding.ASCII.GetString(bytes, 0, KeyLength);
    }

    private static byte[] Check(ReadOnlySpan<byte> key) => SHA256.HashData(key)[..CheckBytes];
}
