using System.Globalization;
using System.Text;

namespace QuantaPilot.Integrations.Git.Remotes;

/// <summary>
/// Picks from the answer to a push what is meant for people: the side band 2, where hooks write. libgit2 reads it and
/// offers no way to see it.
/// </summary>
internal sealed class RemoteWords
{
    private const int MaxBytes = 64 * 1024;
    private readonly List<byte> _answer = [];

    public void Clear() => _answer.Clear();

    public void Add(ReadOnlySpan<byte> part) => _answer.AddRange(part[..Math.Min(part.Length, MaxBytes - _answer.Count)]);

    /// <summary>The words so far; empty if there were none.</summary>
    public override string ToString()
    {
        var answer = _answer.ToArray().AsSpan();
        var words = new StringBuilder();
        while (answer.Length >= 4 && int.TryParse(Encoding.ASCII.GetString(answer[..4]), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var length))
        {
            length = Math.Min(Math.Max(length, 4), answer.Length);
            if (length > 5 && answer[4] is 2 or 3) words.Append(Encoding.UTF8.GetString(answer[5..length]));
            answer = answer[length..];
        }
        return words.ToString().Trim();
    }
}
