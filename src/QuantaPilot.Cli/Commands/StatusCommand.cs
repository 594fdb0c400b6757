using System.CommandLine;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Cli.Commands;

internal static class StatusCommand
{
    public static Command Create(CommandBuilder builder)
    {
        var run = RunArgument.Create();
        return builder.Connected(new Command("status", "Show a run.") { run }, async call =>
        {
            var answer = await call.Client.GetRunAsync(await call.FindRunAsync(run), call.CancellationToken);
            if (call.Json)
            {
                call.Environment.Out.Json(answer.Json);
                return ExitCodes.Done;
            }
            RunText.Write(call.Environment.Out, answer.Value, call.Environment.Time);
            foreach (var gate in answer.Value.Gates.Where(gate => gate.Status == GateStatus.Pending && !answer.Value.Status.HasEnded()))
            {
                GateText.Write(call.Environment.Error, gate, answer.Value.RepoUrl, answer.Value.Branch, call.Environment.Time);
                call.Environment.Error.Line($"Decide with: {call.Hint($"approve {answer.Value.RunId} {gate.Gate}")}");
            }
            return ExitCodes.Done;
        });
    }
}
