namespace QuantaPilot.Integrations.Chat;

/// <summary>What models like to put around an answer: they are not sent back for it.</summary>
internal static class ModelText
{
    private const string ThoughtStart = "<think>";
    private const string ThoughtEnd = "</think>";
    private const string Fence = "```";

    /// <summary>The answer with line feeds, without the thoughts before it and the code block that holds all of it.</summary>
    /// <param name="answer">What the model wrote.</param>
    /// <param name="languages">What the code block may be marked as, besides nothing.</param>
    public static string Unwrap(string answer, params ReadOnlySpan<string> languages)
    {
        var text = answer.ReplaceLineEndings("\n").Trim('\uFEFF', '\n', ' ');
        var end = text.StartsWith(ThoughtStart, StringComparison.Ordinal) ? text.IndexOf(ThoughtEnd, StringComparison.Ordinal) : -1;
        if (end >= 0) text = text[(end + ThoughtEnd.Length)..].Trim('\n', ' ');
        var first = text.IndexOf('\n', StringComparison.Ordinal);
        var isBlock = text.StartsWith(Fence, StringComparison.Ordinal) && text.EndsWith("\n" + Fence, StringComparison.Ordinal);
        if (first < 0 || !isBlock) return text;
        var language = text[Fence.Length..first].Trim();
        return language.Length == 0 || languages.Contains(language) ? text[first..^Fence.Length].Trim('\n') : text;
    }
}
