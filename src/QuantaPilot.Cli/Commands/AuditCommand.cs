using System.CommandLine;
using System.Text.Json;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Cli.Commands;

internal static class AuditCommand
{
    private const int PageSize = 50;

    public static Command Create(CommandBuilder builder)
    {
        var after = Time("--after", "Only what was begun since: so long ago, e.g. 7d, or at a time, e.g. 2027-01-31T00:00:00Z.");
        var before = Time("--before", "Only what was begun earlier; as for --after.");
        var actor = new Option<string?>("--actor") { Description = "Only what this caller did.", HelpName = "name" };
        var action = new Option<string?>("--action") { Description = "Only this." };
        action.AcceptOnlyFromAmong([.. Enum.GetValues<AuditAction>().Select(RunText.Word)]);
        var run = new Option<string?>("--run") { Description = "Only what was done to this run (its whole id).", HelpName = "id" };
        run.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !RunId.TryParse(text, out _))
                result.AddError($"--run '{text}' is not a run id: give its 32 hexadecimal digits.");
        });
        var all = new Option<bool>("--all") { Description = $"All entries, not only the newest {PageSize}." };
        var command = new Command("audit", "Show who did what when, newest first (with an admin's token).")
        {
            after, before, actor, action, run, all,
        };
        return builder.Connected(command, async call =>
        {
            var time = call.Environment.Time;
            var filters = new[]
            {
                ("after", call.Parse.GetValue(after) is { } from ? TimeText.Ago(from, time) : null),
                ("before", call.Parse.GetValue(before) is { } to ? TimeText.Ago(to, time) : null),
                ("actor", call.Parse.GetValue(actor)),
                ("action", call.Parse.GetValue(action)),
                ("run_id", call.Parse.GetValue(run)),
            };
            var entries = new List<AuditEntry>();
            string? cursor = null;
            do
            {
                var page = await call.Client.ListAuditAsync(filters, PageSize, cursor, call.CancellationToken);
                entries.AddRange(page.Value.Items);
                cursor = page.Value.NextCursor;
            }
            while (cursor is not null && call.Parse.GetValue(all));
            Write(call, new ResourcePage<AuditEntry>(entries, cursor));
            return ExitCodes.Done;
        });
    }

    private static Option<string?> Time(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "when" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !TimeText.IsAccepted(text))
                result.AddError($"{name} '{text}' is not accepted: give {TimeText.Accepted}.");
        });
        return option;
    }

    private static void Write(CommandCall call, ResourcePage<AuditEntry> page)
    {
        var environment = call.Environment;
        if (call.Json)
        {
            environment.Out.Json(JsonSerializer.Serialize(page, CoreJson.Default.ResourcePageAuditEntry));
            return;
        }
        foreach (var entry in page.Items)
        {
            var about = string.Join(' ', new[] { entry.RunId?.ToString(), entry.Gate, entry.ResourceId }.OfType<string>());
            environment.Out.Line(
                ($"{RunText.LocalTime(entry.At, environment.Time)}  ", Styles.Plain),
                ($"{entry.Actor,-20}", Styles.Strong),
                ($"  {RunText.Word(entry.Action),-14} ", Styles.Plain),
                ($"{RunText.Word(entry.Outcome),-9}", entry.Outcome == AuditOutcome.Accepted ? Styles.Plain : Styles.Bad),
                ($" {about}", Styles.Plain));
        }
        if (page.Items.Count == 0) environment.Error.Line("No entries.");
        if (page.NextCursor is not null) environment.Error.Line("There are more: give --all.");
    }
}
