using System.CommandLine;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Cli.Commands;

internal static class LogsCommand
{
    /// <summary>How often a log that is followed is asked for: what is written is there after a second.</summary>
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);

    public static Command Create(CommandBuilder builder)
    {
        var run = RunArgument.Create();
        var step = new Option<string?>("--step")
        {
            Description = "Only what this step wrote, e.g. documentation, M-001 (its checks and tasks) or M-001/1.",
            HelpName = "step",
        };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the run ends." };
        return builder.Connected(new Command("logs", "Print what agents and checks of a run wrote.") { run, step, follow }, async call =>
        {
            var id = await call.FindRunAsync(run);
            var lines = new LogLines(call.Environment.Out, call.Environment.Time, call.Json);
            var last = 0L;
            while (true)
            {
                // Asked before the log: what was written before the end is in what is read after it.
                var ended = !call.Parse.GetValue(follow)
                    || (await call.Client.GetRunAsync(id, call.CancellationToken)).Value.Status.HasEnded();
                while (true)
                {
                    var page = (await call.Client.ListLogsAsync(id, call.Parse.GetValue(step), last, call.CancellationToken)).Value;
                    foreach (var entry in page.Items) lines.Write(entry);
                    if (page.Items.Count > 0) last = page.Items[^1].Sequence;
                    if (page.NextCursor is null) break;
                }
                if (ended) return ExitCodes.Done;
                await Task.Delay(_interval, call.Environment.Time, call.CancellationToken);
            }
        });
    }
}
