using System.CommandLine;
using System.Text.Json.Nodes;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;

namespace QuantaPilot.Cli.Commands;

internal static class SubscriptionsDeleteCommand
{
    public static Command Create(CommandBuilder builder)
    {
        var id = SubscriptionsCommand.IdArgument();
        return builder.Connected(new Command("delete", "Delete a subscription: it gets no more events.") { id }, async call =>
        {
            var deleted = call.Parse.GetRequiredValue(id);
            await call.Client.DeleteSubscriptionAsync(deleted, call.CancellationToken);
            if (call.Json) call.Environment.Out.Json(new JsonObject { ["id"] = deleted, ["deleted"] = true }.ToJsonString());
            else call.Environment.Out.Line($"Subscription {deleted} is deleted.");
            return ExitCodes.Done;
        });
    }
}
