using System.Text.RegularExpressions;

namespace QuantaPilot.Integrations.RunLogs;

/// <summary>Makes of what a program writes what can be shown anywhere.</summary>
internal static partial class LogLine
{
    /// <summary>Characters of a line that are shown; the longest lines are machine-made (minified code, encoded files).</summary>
    public const int MaxShown = 4 * 1024;

    /// <summary>Characters that are looked at: more, since of a secret that is cut a half is not known for one.</summary>
    public const int MaxRead = 4 * MaxShown;

    /// <summary>
    /// One line as a terminal shows it in the end: without colours, control characters, and what a carriage return went back over.
    /// </summary>
    public static string Clean(string line)
    {
        if (!line.Any(char.IsControl)) return line;
        line = line.TrimEnd('\r');
        line = EscapeSequence().Replace(line[(line.LastIndexOf('\r') + 1)..], "");
        return string.Concat(line.Where(c => c == '\t' || !char.IsControl(c)));
    }

    /// <summary>A line that has been redacted, within what is shown.</summary>
    public static string Shorten(string line) => line.Length <= MaxShown
        ? line
        : $"{line[..(char.IsHighSurrogate(line[MaxShown - 1]) ? MaxShown - 1 : MaxShown)]}… the rest of this line is left out";

    // Colours and cursor moves (CSI), titles and links (OSC), and the short ones.
    [GeneratedRegex(@"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\|$)|[ -/]*[0-~])|\x9b[0-?]*[ -/]*[@-~]")]
    private static partial Regex EscapeSequence();
}
