using System.CommandLine;
using QuantaPilot.Cli.Client;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;
using QuantaPilot.Cli.Runs;

namespace QuantaPilot.Cli.Commands;

internal static class WatchCommand
{
    public static Command Create(CommandBuilder builder)
    {
        var run = RunArgument.Create();
        run.Arity = ArgumentArity.ZeroOrOne;
        run.Description += " Without it: all runs, from now on.";
        return builder.Connected(new Command("watch", "Show events as they happen.") { run }, async call =>
        {
            var environment = call.Environment;
            if (call.Parse.GetValue(run) is null) return await WatchAllAsync(call);

            var id = await call.FindRunAsync(run);
            // Asked first, so that a wrong id or a server that is away fails at once.
            await call.Client.GetRunAsync(id, call.CancellationToken);
            var watcher = new RunWatcher(call, new EventLines(environment.Out, environment.Time, call.Json), answer: null)
            {
                // A line that is rewritten would be torn by what another program makes of the events and writes to the same terminal.
                ShowsProgress = environment.Out.Profile.Out.IsTerminal || !environment.Error.Profile.Out.IsTerminal,
            };
            var ended = await watcher.WatchAsync(id);
            return ExitCodes.For(ended.Value);
        });
    }

    private static async Task<int> WatchAllAsync(CommandCall call)
    {
        var environment = call.Environment;
        await call.Client.ListRunsAsync(null, null, 1, null, call.CancellationToken);
        environment.Error.Line(("Watching all runs. Stop with Ctrl+C.", Styles.Dim));
        var lines = new EventLines(environment.Out, environment.Time, call.Json, showRun: true);
        var stream = new EventStream(call.Client, environment.Time, text => environment.Error.Line((text, Styles.Dim)));
        await foreach (var e in stream.ReadAsync("events", call.CancellationToken)) lines.Write(e);
        return ExitCodes.Done;
    }
}
