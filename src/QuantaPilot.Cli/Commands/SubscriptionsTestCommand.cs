using System.CommandLine;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;

namespace QuantaPilot.Cli.Commands;

internal static class SubscriptionsTestCommand
{
    public static Command Create(CommandBuilder builder)
    {
        var id = SubscriptionsCommand.IdArgument();
        var command = new Command("test", "Send a test event and show what the receiver answers; exit 1 if it did not take it.") { id };
        return builder.Connected(command, async call =>
        {
            var answer = await call.Client.TestSubscriptionAsync(call.Parse.GetRequiredValue(id), call.CancellationToken);
            var result = answer.Value;
            if (call.Json)
            {
                call.Environment.Out.Json(answer.Json);
            }
            else
            {
                var status = result.HttpStatus is { } http ? $"HTTP {http}" : "no answer";
                call.Environment.Out.Line(
                    (result.Code, result.Delivered ? Styles.Good : Styles.Bad), ($": {status} after {result.DurationMs} ms", Styles.Plain));
                if (!string.IsNullOrWhiteSpace(result.Body)) call.Environment.Out.Line(ConsoleLines.Clean(result.Body.Trim()));
            }
            return result.Delivered ? ExitCodes.Done : ExitCodes.Failed;
        });
    }
}
