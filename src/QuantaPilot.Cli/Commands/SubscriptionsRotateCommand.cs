using System.CommandLine;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;
using QuantaPilot.Core.Contracts;

namespace QuantaPilot.Cli.Commands;

internal static class SubscriptionsRotateCommand
{
    public static Command Create(CommandBuilder builder)
    {
        var id = SubscriptionsCommand.IdArgument();
        var overlap = new Option<string?>("--overlap")
        {
            Description = "How long the former secret still counts, e.g. 0s, 12h or 7d. Default: 24h.",
            HelpName = "duration",
        };
        var header = new Option<bool>("--secret-header") { Description = "Also a new plain secret, which replaces the former at once." };
        var command = new Command("rotate", "Give a new secret. It goes to stdout, and is shown this once.") { id, overlap, header };
        return builder.Connected(command, async call =>
        {
            var request = new RotationRequest(call.Parse.GetValue(overlap), call.Parse.GetValue(header));
            var answer = await call.Client.RotateSubscriptionAsync(call.Parse.GetRequiredValue(id), request, call.CancellationToken);
            var rotated = answer.Value;
            if (call.Json) call.Environment.Out.Json(answer.Json);
            else SubscriptionText.WriteSecrets(call.Environment.Out, rotated.Secret, rotated.SecretHeader);
            var end = RunText.LocalTime(rotated.FormerSecretsEndAt, call.Environment.Time);
            call.Environment.Error.Line($"{rotated.Id}: requests are signed with the former secret as well until {end}.");
            return ExitCodes.Done;
        });
    }
}
