using System.CommandLine;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;

namespace QuantaPilot.Cli.Commands;

internal static class SubscriptionsListCommand
{
    public static Command Create(CommandBuilder builder) =>
        builder.Connected(new Command("list", "List subscriptions, newest first."), async call =>
        {
            var answer = await call.Client.ListSubscriptionsAsync(call.CancellationToken);
            if (call.Json)
            {
                call.Environment.Out.Json(answer.Json);
                return ExitCodes.Done;
            }
            foreach (var subscription in answer.Value.Items)
                SubscriptionText.Write(call.Environment.Out, subscription, call.Environment.Time);
            return ExitCodes.Done;
        });
}
