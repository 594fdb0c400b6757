using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Host.Sqlite;

/// <summary>
/// Where a page of a list ended, as an opaque text. The check bytes tell a typing error or another list's cursor from one
/// of this list; they keep no secret.
/// </summary>
/// <param name="list">The name of the list.</param>
internal sealed class ListCursor(string list)
{
    public static readonly ListCursor Runs = new("runs");
    public static readonly ListCursor Deliveries = new("deliveries");
    public static readonly ListCursor Audit = new("audit");

    private const int PositionBytes = sizeof(long);
    private const int CheckBytes = 4;

    public string Encode(long position)
    {
        Span<byte> bytes = stackalloc byte[PositionBytes + CheckBytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, position);
        WriteCheck(bytes);
        return Base64Url.EncodeToString(bytes);
    }

    /// <exception cref="InvalidCursorException">The text is not from <see cref="Encode"/>.</exception>
    public long Decode(string text)
    {
        Span<byte> bytes = stackalloc byte[PositionBytes + CheckBytes];
        Span<byte> expected = stackalloc byte[PositionBytes + CheckBytes];
        if (text.Length != 16 || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var written)
            || written != bytes.Length)
            throw new InvalidCursorException();
        bytes[..PositionBytes].CopyTo(expected);
        WriteCheck(expected);
        if (!bytes.SequenceEqual(expected)) throw new InvalidCursorException();
        return BinaryPrimitives.ReadInt64BigEndian(bytes);
    }

    private void WriteCheck(Span<byte> bytes)
    {
        var hash = SHA256.HashData([.. Encoding.ASCII.GetBytes(list), .. bytes[..PositionBytes]]);
        hash.AsSpan(0, CheckBytes).CopyTo(bytes[PositionBytes..]);
    }
}
