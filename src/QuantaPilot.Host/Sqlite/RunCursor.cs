using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Host.Sqlite;

/// <summary>Where a page of runs ended, as an opaque text. The check bytes tell a typing error from a cursor; they keep no secret.</summary>
internal static class RunCursor
{
    private const int PositionBytes = sizeof(long);
    private const int CheckBytes = 4;

    public static string Encode(long position)
    {
        Span<byte> bytes = stackalloc byte[PositionBytes + CheckBytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, position);
        WriteCheck(bytes);
        return Base64Url.EncodeToString(bytes);
    }

    /// <exception cref="InvalidCursorException">The text is not from <see cref="Encode"/>.</exception>
    public static long Decode(string text)
    {
        Span<byte> bytes = stackalloc byte[PositionBytes + CheckBytes];
        Span<byte> expected = stackalloc byte[PositionBytes + CheckBytes];
        if (text.Length != 16 || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var written) || written != bytes.Length)
            throw new InvalidCursorException();
        bytes[..PositionBytes].CopyTo(expected);
        WriteCheck(expected);
        if (!bytes.SequenceEqual(expected)) throw new InvalidCursorException();
        return BinaryPrimitives.ReadInt64BigEndian(bytes);
    }

    private static void WriteCheck(Span<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..PositionBytes], hash);
        hash[..CheckBytes].CopyTo(bytes[PositionBytes..]);
    }
}
