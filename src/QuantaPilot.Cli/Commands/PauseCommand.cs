using System.CommandLine;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;

namespace QuantaPilot.Cli.Commands;

internal static class PauseCommand
{
    public static Command Create(CommandBuilder builder)
    {
        var run = RunArgument.Create();
        var reason = RunArgument.Reason("Why, for the record.");
        return builder.Connected(new Command("pause", "Pause a run once the step in hand ends.") { run, reason }, async call =>
        {
            var id = await call.FindRunAsync(run);
            var answer = await call.Client.ControlAsync(id, "pause", call.Parse.GetValue(reason), call.CancellationToken);
            if (call.Json) call.Environment.Out.Json(answer.Json);
            else call.Environment.Out.Line($"Run {id}: pause requested.");
            call.Environment.Error.Line($"Go on with: {call.Hint($"resume {id}")}");
            return ExitCodes.Done;
        });
    }
}
