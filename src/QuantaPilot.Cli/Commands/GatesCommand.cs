using System.CommandLine;
using System.Text.Json;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;
using QuantaPilot.Core.Contracts;

namespace QuantaPilot.Cli.Commands;

internal static class GatesCommand
{
    public static Command Create(CommandBuilder builder) =>
        builder.Connected(new Command("gates", "List what waits for a decision."), async call =>
        {
            var environment = call.Environment;
            var gates = new List<GateResource>();
            string? cursor = null;
            do
            {
                var page = (await call.Client.ListPendingGatesAsync(cursor, call.CancellationToken)).Value;
                gates.AddRange(page.Items);
                cursor = page.NextCursor;
            }
            while (cursor is not null);
            if (call.Json)
            {
                environment.Out.Json(JsonSerializer.Serialize(
                    new ResourcePage<GateResource>(gates, null), CoreJson.Default.ResourcePageGateResource));
                return ExitCodes.Done;
            }
            foreach (var gate in gates)
            {
                var run = (await call.Client.GetRunAsync(gate.RunId, call.CancellationToken)).Value;
                GateText.Write(environment.Out, gate, run.RepoUrl, run.Branch, environment.Time);
                environment.Out.Line(("  Decide with   ", Styles.Dim), (call.Hint($"approve {gate.RunId} {gate.Gate}"), Styles.Plain));
            }
            if (gates.Count == 0) environment.Error.Line("Nothing waits for a decision.");
            return ExitCodes.Done;
        });
}
