using System.Globalization;
using QuantaPilot.Cli.Client;
using Spectre.Console;

namespace QuantaPilot.Cli.Output;

/// <summary>Shows events, a line each: as text or as the JSON that came.</summary>
/// <param name="console">Where to.</param>
/// <param name="time">Its time zone is the reader's.</param>
/// <param name="json">True for JSON lines.</param>
/// <param name="showRun">True if events of several runs are shown.</param>
internal sealed class EventLines(IAnsiConsole console, TimeProvider time, bool json, bool showRun = false)
{
    public void Write(ReceivedEvent e)
    {
        if (json)
        {
            console.Json(e.Json);
            return;
        }
        var local = TimeZoneInfo.ConvertTime(e.Time, time.LocalTimeZone).ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        var run = showRun ? e.RunId + "  " : "";
        var text = Describe(e);
        console.Line(($"{local}  {run}", Styles.Dim), (text.Length == 0 ? e.Name : $"{e.Name,-24}", StyleOf(e)), (text, Styles.Plain));
    }

    private static Style StyleOf(ReceivedEvent e) => e.Name switch
    {
        "run_failed" => Styles.Bad,
        "gate_decision" => e["approved"] == "true" ? Styles.Good : Styles.Bad,
        "gate_requested" or "run_paused" => Styles.Ask,
        "run_completed" or "milestone_completed" => Styles.Good,
        _ => Styles.Plain,
    };

    private static string Describe(ReceivedEvent e) => e.Name switch
    {
        "run_started" => $"{e["repo_url"]} ({e["branch"]})",
        "documentation_generated" => $"pull request #{e["pr_number"]}, branch {e["docs_branch"]}",
        "gate_requested" => $"{e["gate"]}: {e["description"]}",
        "gate_decision" => $"{e["gate"]} {(e["approved"] == "true" ? "approved" : "rejected")}{After(": ", e["reason"])}",
        "milestone_completed" => e["milestone_id"],
        "run_paused" => e["reason"],
        "run_resumed" or "run_completed" => "",
        "run_failed" => $"{e["error_code"]}: {e["message"]}",
        _ => e.Data.ToJsonString(),
    };

    private static string After(string separator, string text) => text.Length == 0 ? "" : separator + text;
}
