using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Hooks;

/// <summary>A comment that is a vote: its first line begins with <c>/approve</c> or <c>/reject</c>.</summary>
/// <param name="Approved">Yes or no.</param>
/// <param name="HeadSha">The commit that was reviewed, or its first digits, as it was written; null if none was.</param>
/// <param name="Reason">What else was written; null if nothing was.</param>
internal sealed record CommentCommand(bool Approved, string? HeadSha, string? Reason)
{
    /// <summary>Fewer digits could be those of another commit.</summary>
    private const int MinShaLength = 7;

    private const int MaxShaLength = 64;

    /// <returns>Null if the comment is none.</returns>
    public static CommentCommand? Read(string? comment)
    {
        if (comment is null) return null;
        var text = comment.ReplaceLineEndings("\n").Trim();
        var (word, rest) = Split(text);
        return word switch
        {
            "/approve" => ReadApproval(rest),
            "/reject" => new CommentCommand(false, null, rest.Length == 0 ? null : rest),
            _ => null,
        };
    }

    /// <summary>The whole commit id if the digits given are its first; else what was given, which is then of another commit.</summary>
    public string? Complete(Gate gate) =>
        HeadSha is not null && gate.Review.HeadSha.StartsWith(HeadSha, StringComparison.Ordinal) ? gate.Review.HeadSha : HeadSha;

    private static CommentCommand ReadApproval(string text)
    {
        var (word, rest) = Split(text);
        var sha = word.ToLowerInvariant();
        return sha.Length is >= MinShaLength and <= MaxShaLength && sha.All(char.IsAsciiHexDigitLower)
            ? new CommentCommand(true, sha, rest.Length == 0 ? null : rest)
            : new CommentCommand(true, null, text.Length == 0 ? null : text);
    }

    private static (string Word, string Others) Split(string text)
    {
        var end = text.AsSpan().IndexOfAny(" \t\n");
        return end < 0 ? (text, "") : (text[..end], text[end..].Trim());
    }
}
