using System.Text.RegularExpressions;

namespace QuantaPilot.Integrations.Outline.Reading;

/// <summary>Learns one kind of thing from files. Each file is read once and offered to every reader, in the order of the paths.</summary>
internal interface IFileReader
{
    /// <summary>Told from the path alone; <see cref="FileRole.Foreign"/> files are offered to no reader.</summary>
    bool Reads(TreeFile file);

    void Read(TreeFile file, string text, Findings findings);
}

internal static class Patterns
{
    /// <summary>
    /// A pattern that runs in time linear in the text, whatever the text: repositories are not trusted, and a time-out
    /// would make the outcome depend on the machine.
    /// </summary>
    public static Regex Linear(string pattern, RegexOptions more = RegexOptions.None) =>
        new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | more);

    /// <summary>
    /// As <see cref="In"/>, without what stands in comments and Python's documentation strings: an example is not the thing.
    /// </summary>
    public static IEnumerable<(Match Match, int Line)> InCode(
        this Regex pattern, TreeFile file, string text, int most = Findings.MostEntries)
    {
        var quotes = 0;
        var position = 0;
        foreach (var (match, line) in pattern.In(text, most))
        {
            var start = match.Index;
            while (start < match.Index + match.Length && text[start] is '\n' or ' ' or '\t') start++;
            if (file.Extension == ".py")
            {
                quotes += text.AsSpan(position, start - position).Count("\"\"\"");
                position = start;
            }
            var lineStart = start == 0 ? 0 : text.LastIndexOf('\n', start - 1) + 1;
            var lead = text.AsSpan(lineStart).TrimStart();
            var hashed = file.Extension is ".py" or ".rb" && lead.StartsWith("#", StringComparison.Ordinal);
            var slashed = lead.StartsWith("//", StringComparison.Ordinal) || lead.StartsWith("*", StringComparison.Ordinal)
                || lead.StartsWith("/*", StringComparison.Ordinal);
            var opened = text.StartsWith("/*", StringComparison.Ordinal) ? 0 : -1;
            opened = Math.Max(opened, text.AsSpan(0, start).LastIndexOf("\n/*", StringComparison.Ordinal));
            var inBlock = opened >= 0 && !text.AsSpan(opened, start - opened).Contains("*/", StringComparison.Ordinal);
            if (quotes % 2 == 0 && !hashed && !slashed && !inBlock) yield return (match, line);
        }
    }

    /// <summary>The matches with their lines, counted from 1, <paramref name="most"/> at most.</summary>
    public static IEnumerable<(Match Match, int Line)> In(this Regex pattern, string text, int most = Findings.MostEntries)
    {
        var line = 1;
        var position = 0;
        foreach (Match match in pattern.Matches(text).Take(most))
        {
            var start = match.Index;
            while (start < match.Index + match.Length && text[start] is '\n' or ' ' or '\t') start++;
            line += text.AsSpan(position, start - position).Count('\n');
            position = start;
            yield return (match, line);
        }
    }
}
