using System.Globalization;
using System.Text;

namespace QuantaPilot.Integrations.Outline.Writing;

/// <summary>Makes Markdown of text that isn't trusted: what comes from a repository is shown, and never becomes markup.</summary>
internal static class Markup
{
    private const string Special = "\\`*_[]<>&~#$!|{}";

    /// <summary>One line of prose, <paramref name="most"/> characters at most.</summary>
    public static string Text(string text, int most = 300)
    {
        var plain = OneLine(text, most);
        var escaped = new StringBuilder(plain.Length + 16);
        for (var i = 0; i < plain.Length; i++)
        {
            // A zero-width space keeps forges from taking repository text for a mention or for "closes #1".
            if (Special.Contains(plain[i], StringComparison.Ordinal)) escaped.Append('\\');
            escaped.Append(plain[i]);
            if (plain[i] is '@' or '#' && i + 1 < plain.Length && char.IsLetterOrDigit(plain[i + 1])) escaped.Append('\u200b');
            if (plain[i] == ':' && i + 2 < plain.Length && plain[i + 1] == '/' && plain[i + 2] == '/') escaped.Append('\u200b');
        }
        return escaped.ToString();
    }

    /// <summary>A code span; its fence is longer than any run of backticks inside.</summary>
    public static string Code(string text, int most = 120)
    {
        var plain = OneLine(text, most);
        if (plain.Length == 0) return "`(empty)`";
        var fence = new string('`', LongestRun(plain) + 1);
        var space = plain[0] is '`' or ' ' || plain[^1] is '`' or ' ' ? " " : "";
        return $"{fence}{space}{plain}{space}{fence}";
    }

    /// <summary>A fenced block; control characters other than line ends are shown as U+FFFD.</summary>
    public static string Block(string text, int mostLines)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        var body = string.Join('\n', lines.Take(mostLines).Select(l => Visible(l.TrimEnd(), 200)));
        var fence = new string('`', Math.Max(3, LongestRun(body) + 1));
        return $"{fence}\n{body}\n{fence}{(lines.Length > mostLines ? $"\n\n… {lines.Length - mostLines} more lines in the source." : "")}";
    }

    /// <summary>A path of the repository as the target of a link from a document <paramref name="depth"/> folders down.</summary>
    public static string Target(string path, int? line, int depth) =>
        string.Concat(Enumerable.Repeat("../", depth)) + (depth == 0 ? "./" : "")
        + string.Join('/', path.Split('/').Select(Uri.EscapeDataString)) + (
            line is null ? "" : string.Create(CultureInfo.InvariantCulture, $"#L{line}"));

    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string Size(long bytes) => bytes switch
    {
        < 1024 => $"{bytes} B",
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024):0.#} MiB"),
    };

    /// <summary><c>1 file</c>, <c>2 files</c>.</summary>
    public static string Count(long number, string one, string? many = null) =>
        $"{Number(number)} {(number == 1 ? one : many ?? one + "s")}";

    private static string OneLine(string text, int most) =>
        Visible(string.Join(' ', text.Split([' ', '\t', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)), most);

    /// <summary>Control, format and unpaired surrogate characters as U+FFFD: they could hide or reorder what a reviewer reads.</summary>
    private static string Visible(string text, int most)
    {
        var visible = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (visible.Length >= most)
            {
                visible.Append('…');
                break;
            }
            var hidden = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse;
            visible.Append(hidden && rune.Value != '\t' ? "\uFFFD" : rune.ToString());
        }
        return visible.ToString();
    }

    private static int LongestRun(string text)
    {
        var run = 0;
        var longest = 0;
        foreach (var c in text)
        {
            run = c == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }
        return longest;
    }
}
