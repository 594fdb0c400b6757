using System.CommandLine;
using QuantaPilot.Cli.Client;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Cli.Commands;

internal static class CancelCommand
{
    /// <summary>
    /// How long a server in this process is given to end the run before it is stopped itself. The next one goes on with it.
    /// </summary>
    private static readonly TimeSpan LocalPatience = TimeSpan.FromSeconds(20);

    public static Command Create(CommandBuilder builder)
    {
        var run = RunArgument.Create();
        var reason = RunArgument.Reason("Why, for the record.");
        return builder.Connected(new Command("cancel", "Cancel a run: work in progress is stopped.") { run, reason }, async call =>
        {
            var id = await call.FindRunAsync(run);
            var answer = await call.Client.ControlAsync(id, "cancel", call.Parse.GetValue(reason), call.CancellationToken);
            if (call.Connection.InProcess)
            {
                answer = await call.Client.AwaitRunAsync(id, LocalPatience, call.CancellationToken);
                await LocalGrants.PruneAsync(call.Connection.DataDirectory, call.Client, call.CancellationToken);
            }
            if (call.Json) call.Environment.Out.Json(answer.Json);
            else call.Environment.Out.Line(
                answer.Value.Status.HasEnded() ? $"Run {id}: {RunText.Word(answer.Value.Status)}." : $"Run {id}: cancel requested.");
            return ExitCodes.Done;
        });
    }
}
