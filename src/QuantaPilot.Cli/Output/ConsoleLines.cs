using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace QuantaPilot.Cli.Output;

internal static class Styles
{
    public static readonly Style Plain = Style.Plain;
    public static readonly Style Good = new(Color.Green);
    public static readonly Style Bad = new(Color.Red);
    public static readonly Style Ask = new(Color.Yellow);
    public static readonly Style Strong = new(decoration: Decoration.Bold);
    public static readonly Style Dim = new(decoration: Decoration.Dim);
}

internal static class ConsoleLines
{
    /// <summary>Writes one line as it is: never wrapped, so that commands in it can be pasted and pipes get whole lines.</summary>
    public static void Line(this IAnsiConsole console, params (string Text, Style Style)[] parts) =>
        console.Write(new UnwrappedLine(parts));

    public static void Line(this IAnsiConsole console, string text = "") => console.Line((text, Styles.Plain));

    /// <summary>Writes a result for machines.</summary>
    public static void Json(this IAnsiConsole console, string json) => console.Profile.Out.Writer.WriteLine(json);

    /// <summary>
    /// Text without control characters: what comes from repositories and other people must not steer the terminal.
    /// </summary>
    public static string Clean(string text)
    {
        if (!text.Any(char.IsControl)) return text;
        var clean = new StringBuilder(text.Length);
        foreach (var c in text.ReplaceLineEndings("\n")) clean.Append(c is '\t' or '\n' ? ' ' : char.IsControl(c) ? '�' : c);
        return clean.ToString();
    }

    /// <summary>The lines of a text of several lines.</summary>
    public static IEnumerable<string> SplitLines(string text) => text.Trim().ReplaceLineEndings("\n").Split('\n');

    /// <summary>
    /// Breaks a line between words, so that none of its parts is wider than that unless it is one word. Those after the first of a list's
    /// entry are indented.
    /// </summary>
    public static IEnumerable<string> Wrap(string line, int width)
    {
        var indent = line.StartsWith("- ", StringComparison.Ordinal) ? "  " : "";
        while (line.Length > width)
        {
            var start = line.Length - line.TrimStart().Length;
            var end = line.LastIndexOf(' ', width);
            // A word that is wider than a line is left to the terminal.
            if (end <= start + 1) end = line.IndexOf(' ', Math.Max(width, start));
            if (end < 0) break;
            yield return line[..end].TrimEnd();
            line = indent + line[end..].TrimStart();
        }
        yield return line;
    }

    private sealed class UnwrappedLine((string Text, Style Style)[] parts) : Renderable
    {
        protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
            [.. parts.Select(part => new Segment(Clean(part.Text), part.Style)), Segment.LineBreak];
    }
}
