namespace QuantaPilot.Integrations.Chat.Documents;

internal static class FrontMatterBlock
{
    /// <summary>Where the text below the front matter begins; 0 if there is none.</summary>
    public static int BodyStart(string text)
    {
        const string Line = "\n---\n";
        if (!text.StartsWith("---\n", StringComparison.Ordinal)) return 0;
        var end = text.IndexOf(Line, 3, StringComparison.Ordinal);
        return end < 0 ? 0 : end + Line.Length;
    }
}
