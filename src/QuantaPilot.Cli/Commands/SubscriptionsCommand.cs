using System.CommandLine;
using QuantaPilot.Cli.CommandLine;

namespace QuantaPilot.Cli.Commands;

/// <summary>Who gets events by webhook. Only admins may say so.</summary>
internal static class SubscriptionsCommand
{
    public static Command Create(CommandBuilder builder) => new("subscriptions", "Webhooks: who gets events (with an admin's token).")
    {
        SubscriptionsCreateCommand.Create(builder),
        SubscriptionsListCommand.Create(builder),
        SubscriptionsTestCommand.Create(builder),
        SubscriptionsRotateCommand.Create(builder),
        SubscriptionsSwitchCommands.CreateEnable(builder),
        SubscriptionsSwitchCommands.CreateDisable(builder),
        SubscriptionsDeleteCommand.Create(builder),
    };

    public static Argument<string> IdArgument() => new("id") { Description = "The id of the subscription, from qp subscriptions list." };
}
