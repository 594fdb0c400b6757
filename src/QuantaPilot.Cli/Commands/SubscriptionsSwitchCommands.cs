using System.CommandLine;
using QuantaPilot.Cli.Client;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;
using QuantaPilot.Core.Contracts;

namespace QuantaPilot.Cli.Commands;

/// <summary>Whether a subscription gets events.</summary>
internal static class SubscriptionsSwitchCommands
{
    public static Command CreateEnable(CommandBuilder builder)
    {
        var id = SubscriptionsCommand.IdArgument();
        var command = new Command("enable", "Send events again: those from now on, and those that still wait.") { id };
        return builder.Connected(command, async call => Shown(
            call, await call.Client.EnableSubscriptionAsync(call.Parse.GetRequiredValue(id), call.CancellationToken)));
    }

    public static Command CreateDisable(CommandBuilder builder)
    {
        var id = SubscriptionsCommand.IdArgument();
        var reason = new Option<string?>("--reason") { Description = "Why; shown with the subscription.", HelpName = "text" };
        var command = new Command("disable", "Send no more events.") { id, reason };
        return builder.Connected(command, async call => Shown(
            call,
            await call.Client.DisableSubscriptionAsync(
                call.Parse.GetRequiredValue(id), call.Parse.GetValue(reason), call.CancellationToken)));
    }

    private static int Shown(CommandCall call, Answer<SubscriptionResource> answer)
    {
        if (call.Json) call.Environment.Out.Json(answer.Json);
        else SubscriptionText.Write(call.Environment.Out, answer.Value, call.Environment.Time);
        return ExitCodes.Done;
    }
}
