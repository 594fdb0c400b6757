using System.Globalization;
using System.Text.Json;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using Spectre.Console;

namespace QuantaPilot.Cli.Output;

/// <summary>Shows entries of a log: as text, with a heading wherever somebody else begins to write, or as JSON lines.</summary>
/// <param name="console">Where to.</param>
/// <param name="time">Its time zone is the reader's.</param>
/// <param name="json">True for JSON lines.</param>
internal sealed class LogLines(IAnsiConsole console, TimeProvider time, bool json)
{
    private RunLogEntry? _last;

    public void Write(RunLogEntry entry)
    {
        if (json)
        {
            console.Json(JsonSerializer.Serialize(entry, CoreJson.Default.RunLogEntry));
            return;
        }
        if (_last is null || (entry.Step, entry.Round, entry.Source) != (_last.Step, _last.Round, _last.Source))
        {
            var local = TimeZoneInfo.ConvertTime(entry.At, time.LocalTimeZone).ToString("HH:mm:ss", CultureInfo.InvariantCulture);
            var round = entry.Round == 1 ? "" : $", round {entry.Round}";
            console.Line(($"── {local}  {entry.Step}{round}: {entry.Source}", Styles.Dim));
        }
        foreach (var line in entry.Text.Split('\n')) console.Line(line);
        _last = entry;
    }
}
