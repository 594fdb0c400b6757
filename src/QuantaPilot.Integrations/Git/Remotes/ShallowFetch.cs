using System.Globalization;
using System.Text;

namespace QuantaPilot.Integrations.Git.Remotes;

/// <summary>
/// Adds to a fetch request that only so many commits are wanted, and takes out of the answer where the history was cut
/// (git's pack protocol, "deepen" and "shallow"). LibGit2Sharp can limit the depth of a clone, which takes every branch,
/// but not of a fetch. Right only for a fetch into an empty repository: then there is one request and nothing to negotiate.
/// </summary>
internal static class ShallowFetch
{
    private const string Flush = "0000";
    private const int PrefixLength = 4;

    /// <summary>The request with its depth limited: the wish goes before the flush that ends the list of wanted commits.</summary>
    public static Stream LimitDepth(Stream request, int depth)
    {
        using var reader = new StreamReader(request, Encoding.ASCII, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        var text = reader.ReadToEnd();
        var position = 0;
        while (text.AsSpan(position, PrefixLength) is not Flush) position += Length(text.AsSpan(position, PrefixLength));
        var wish = $"deepen {depth}\n";
        return new MemoryStream(Encoding.ASCII.GetBytes(text.Insert(position, $"{wish.Length + PrefixLength:x4}{wish}")));
    }

    /// <summary>Reads the first section of the answer, up to its flush.</summary>
    /// <returns>The commits whose parents were left out.</returns>
    /// <exception cref="IOException">The answer is not one of git's.</exception>
    public static async Task<IReadOnlyList<string>> ReadBoundaryAsync(Stream answer, CancellationToken cancellationToken)
    {
        var boundary = new List<string>();
        while (await ReadLineAsync(answer, cancellationToken) is { } line)
        {
            const string Keyword = "shallow ";
            if (!line.StartsWith(Keyword, StringComparison.Ordinal))
            {
                throw new IOException("The remote answered a shallow fetch with something else.");
            }
            boundary.Add(line[Keyword.Length..].TrimEnd('\n'));
        }
        return boundary;
    }

    private static async Task<string?> ReadLineAsync(Stream stream, CancellationToken cancellationToken)
    {
        var prefix = new byte[PrefixLength];
        await stream.ReadExactlyAsync(prefix, cancellationToken);
        var length = Length(Encoding.ASCII.GetString(prefix));
        if (length == 0) return null;
        var line = new byte[length - PrefixLength];
        await stream.ReadExactlyAsync(line, cancellationToken);
        return Encoding.ASCII.GetString(line);
    }

    private static int Length(ReadOnlySpan<char> prefix) =>
        int.TryParse(prefix, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var length)
            && (length == 0 || length >= PrefixLength)
            ? length
            : throw new IOException("The remote's answer is not in git's packet format.");
}
