using System.CommandLine;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;
using QuantaPilot.Cli.Runs;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Cli.Commands;

internal static class ResumeCommand
{
    public static Command Create(CommandBuilder builder)
    {
        var run = RunArgument.Create();
        var command = new Command("resume", "Go on with a run that was paused, or that stopped with its process.") { run };
        return builder.Connected(command, async call =>
        {
            var id = await call.FindRunAsync(run);
            if (call.Connection.InProcess) return await CarryOnAsync(call, id);

            var answer = await call.Client.ControlAsync(id, "resume", null, call.CancellationToken);
            if (call.Json) call.Environment.Out.Json(answer.Json);
            else call.Environment.Out.Line($"Run {id}: resumed.");
            call.Environment.Error.Line($"Follow it with: {call.Hint($"watch {id}")}");
            return ExitCodes.Done;
        });
    }

    /// <summary>The server lives in this process, so the run does too: it is watched to its end.</summary>
    private static async Task<int> CarryOnAsync(CommandCall call, RunId id)
    {
        var run = (await call.Client.GetRunAsync(id, call.CancellationToken)).Value;
        if (run.Status is RunStatus.Paused or RunStatus.Pausing) await call.Client.ControlAsync(id, "resume", null, call.CancellationToken);
        return await Foreground.WatchAsync(call, id);
    }
}
