using System.Text;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.RunLogs;

/// <summary>Lines to the texts of entries.</summary>
internal static class LogEntries
{
    /// <summary>Without secrets, and as few as hold all of the lines.</summary>
    public static List<string> Of(IReadOnlyCollection<string> lines)
    {
        var entries = new List<string>();
        var entry = new StringBuilder();
        var bytes = 0;
        // Together, for some secrets span lines.
        foreach (var line in Redactor.Redact(string.Join('\n', lines)).Split('\n').Select(LogLine.Shorten))
        {
            var more = Encoding.UTF8.GetByteCount(line) + 1;
            if (bytes > 0 && bytes + more > IRunLogStore.MaxTextBytes)
            {
                entries.Add(entry.ToString());
                entry.Clear();
                bytes = 0;
            }
            if (bytes > 0) entry.Append('\n');
            entry.Append(line);
            bytes += more;
        }
        entries.Add(entry.ToString());
        return entries;
    }
}
