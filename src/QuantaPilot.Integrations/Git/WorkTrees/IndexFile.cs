using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace QuantaPilot.Integrations.Git.WorkTrees;

/// <summary>
/// Writes a repository's index (gitformat-index, version 2) for files that were just written, with what their directory says of
/// them: without it, the first look at the working directory would read every file again.
/// </summary>
internal static class IndexFile
{
    private const int FixedLength = 62;
    private const int LongestNoted = 0xfff;

    /// <summary>Writes it to a new repository.</summary>
    /// <param name="path">The file; it must not be there yet.</param>
    /// <param name="entries">All entries of one commit.</param>
    public static void Write(string path, IReadOnlyCollection<WorkTreeEntry> entries)
    {
        var sorted = entries.Select(entry => (Name: Encoding.UTF8.GetBytes(entry.Path), Entry: entry)).ToArray();
        // The order is that of the bytes.
        Array.Sort(sorted, (one, other) => one.Name.AsSpan().SequenceCompareTo(other.Name));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 256 * 1024);
        var header = new byte[12];
        "DIRC"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), 2);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(8), sorted.Length);
        Append(header);
        var buffer = ArrayPool<byte>.Shared.Rent(8 * 1024);
        foreach (var (name, entry) in sorted)
        {
            var length = (FixedLength + name.Length + 8) / 8 * 8;
            var bytes = buffer.AsSpan(0, length);
            bytes.Clear();
            Fill(bytes, name, entry);
            Append(bytes);
        }
        ArrayPool<byte>.Shared.Return(buffer);
        file.Write(hash.GetHashAndReset());

        void Append(ReadOnlySpan<byte> bytes)
        {
            hash.AppendData(bytes);
            file.Write(bytes);
        }
    }

    private static void Fill(Span<byte> bytes, byte[] name, WorkTreeEntry entry)
    {
        var status = entry.Status;
        ReadOnlySpan<uint> numbers =
        [
            status.Changed.Seconds, status.Changed.Nanoseconds, status.Modified.Seconds, status.Modified.Nanoseconds,
            status.Device, status.Inode, entry.IndexMode, status.User, status.Group, status.Size,
        ];
        for (var i = 0; i < numbers.Length; i++) BinaryPrimitives.WriteUInt32BigEndian(bytes[(4 * i)..], numbers[i]);
        entry.Id.RawId.CopyTo(bytes[40..]);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[60..], (ushort)Math.Min(name.Length, LongestNoted));
        name.CopyTo(bytes[FixedLength..]);
    }
}
