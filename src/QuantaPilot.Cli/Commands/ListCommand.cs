using System.CommandLine;
using System.Text.Json;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Cli.Commands;

internal static class ListCommand
{
    private const int PageSize = 50;

    public static Command Create(CommandBuilder builder)
    {
        var status = new Option<string?>("--status") { Description = "Only runs with this status." };
        status.AcceptOnlyFromAmong([.. Enum.GetValues<RunStatus>().Select(RunText.Word)]);
        var project = new Option<string?>("--project") { Description = "Only runs of this repository (URL without .git).", HelpName = "url" };
        var all = new Option<bool>("--all") { Description = $"All runs, not only the newest {PageSize}." };
        var command = new Command("list", "List runs, newest first.") { status, project, all };
        return builder.Connected(command, async call =>
        {
            var runs = new List<RunResource>();
            string? cursor = null;
            do
            {
                var page = await call.Client.ListRunsAsync(
                    call.Parse.GetValue(status), call.Parse.GetValue(project), PageSize, cursor, call.CancellationToken);
                runs.AddRange(page.Value.Items);
                cursor = page.Value.NextCursor;
            }
            while (cursor is not null && call.Parse.GetValue(all));
            Write(call, new ResourcePage<RunResource>(runs, cursor));
            return ExitCodes.Done;
        });
    }

    /// <summary>The place in the queue and the link to another run.</summary>
    private static string NoteOf(RunResource run) =>
        (RunText.QueueOf(run) is { } place ? $"  {place}" : "")
        + (run.RetryOf is { } of ? $"  retry of {of}" : "")
        + (run.RetriedBy is { } by ? $"  retried by {by}" : "");

    private static void Write(CommandCall call, ResourcePage<RunResource> page)
    {
        var environment = call.Environment;
        if (call.Json)
        {
            environment.Out.Json(JsonSerializer.Serialize(page, CoreJson.Default.ResourcePageRunResource));
            return;
        }
        foreach (var run in page.Items)
        {
            environment.Out.Line(
                ($"{run.RunId}  ", Styles.Plain),
                ($"{RunText.Word(run.Status),-10}", RunText.StyleOf(run.Status)),
                ($"  {RunText.LocalTime(run.CreatedAt, environment.Time)}  {run.Project} ({run.Branch})", Styles.Plain),
                (NoteOf(run), Styles.Dim));
        }
        if (page.Items.Count == 0) environment.Error.Line("No runs.");
        if (page.NextCursor is not null) environment.Error.Line("There are more: give --all.");
    }
}
