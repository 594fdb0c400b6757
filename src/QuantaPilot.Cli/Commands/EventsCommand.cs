using System.CommandLine;
using QuantaPilot.Cli.Client;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Cli.Commands;

internal static class EventsCommand
{
    public static Command Create(CommandBuilder builder)
    {
        var run = RunArgument.Create();
        var after = new Option<long>("--after") { Description = "Only events after this sequence number.", HelpName = "number" };
        after.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !(long.TryParse(result.Tokens[0].Value, out var number) && number >= 0))
                result.AddError("--after takes a sequence number, 0 or more.");
        });
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the run ends." };
        return builder.Connected(new Command("events", "Print the events of a run.") { run, after, follow }, async call =>
        {
            var id = await call.FindRunAsync(run);
            var lines = new EventLines(call.Environment.Out, call.Environment.Time, call.Json);
            var last = call.Parse.GetValue(after);
            while (await call.Client.ListEventsAsync(id, last, call.CancellationToken) is { Count: > 0 } events)
            {
                foreach (var e in events) lines.Write(e);
                last = events[^1].Sequence;
                if (events[^1].EndsRun) return ExitCodes.Done;
            }
            if (!call.Parse.GetValue(follow)) return ExitCodes.Done;
            // The stream of a run that has nothing more to say would end, and be opened again, without end.
            var state = (await call.Client.GetRunAsync(id, call.CancellationToken)).Value;
            if (state.Status.HasEnded() && state.LastSequence <= last) return ExitCodes.Done;

            var stream = new EventStream(call.Client, call.Environment.Time, text => call.Environment.Error.Line((text, Styles.Dim)));
            await foreach (var e in stream.ReadAsync($"runs/{id}/events?after={last}", call.CancellationToken))
            {
                lines.Write(e);
                if (e.EndsRun) break;
            }
            return ExitCodes.Done;
        });
    }
}
