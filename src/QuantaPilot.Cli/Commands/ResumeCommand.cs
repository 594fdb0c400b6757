using System.CommandLine;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;
using QuantaPilot.Cli.Runs;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Cli.Commands;

internal static class ResumeCommand
{
    public static Command Create(CommandBuilder builder)
    {
        var run = RunArgument.Create();
        var command = new Command("resume", "Go on with a run that was paused, or that stopped with its process.") { run };
        var limits = new LimitOptions();
        limits.AddTo(command);
        return builder.Connected(command, async call =>
        {
            var id = await call.FindRunAsync(run);
            if (call.Connection.InProcess) return await CarryOnAsync(call, id, limits.Read(call.Parse));

            var answer = await call.Client.ResumeAsync(id, limits.Read(call.Parse), call.CancellationToken);
            if (call.Json) call.Environment.Out.Json(answer.Json);
            else call.Environment.Out.Line($"Run {id}: resumed.");
            call.Environment.Error.Line($"Follow it with: {call.Hint($"watch {id}")}");
            return ExitCodes.Done;
        });
    }

    /// <summary>The server lives in this process, so the run does too: it is watched to its end.</summary>
    private static async Task<int> CarryOnAsync(CommandCall call, RunId id, LimitsResource? limits)
    {
        var run = (await call.Client.GetRunAsync(id, call.CancellationToken)).Value;
        if (run.Status is RunStatus.Paused or RunStatus.Pausing) await call.Client.ResumeAsync(id, limits, call.CancellationToken);
        return await Foreground.WatchAsync(call, id);
    }
}
