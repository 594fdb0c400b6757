using System.CommandLine;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;
using QuantaPilot.Core.Contracts;

namespace QuantaPilot.Cli.Commands;

internal static class SubscriptionsCreateCommand
{
    public static Command Create(CommandBuilder builder)
    {
        var url = new Argument<string>("url") { Description = "Where events are posted to: https://…" };
        var events = new Option<string[]>("--event") { Description = "Only these events. May be repeated. Default: all." };
        events.AcceptOnlyFromAmong([.. EventData.Names]);
        var projects = new Option<string[]>("--project")
        {
            Description = "Only of these repositories, e.g. 'https://github.com/my-org/*'. May be repeated. Default: those of your token.",
            HelpName = "glob",
        };
        var run = new Option<string?>("--run") { Description = "Only of this run.", HelpName = "id" };
        var header = new Option<bool>("--secret-header")
        {
            Description = "Also send a plain secret in X-QuantaPilot-Secret, for receivers that can't verify signatures.",
        };
        var command = new Command("create", "Subscribe a URL. Its secrets go to stdout, and are shown this once.")
        {
            url, events, projects, run, header,
        };
        return builder.Connected(command, async call =>
        {
            var filter = new SubscriptionFilterRequest(
                Given(call.Parse.GetValue(events)), Given(call.Parse.GetValue(projects)), call.Parse.GetValue(run));
            var request = new SubscriptionRequest(call.Parse.GetValue(url), filter, call.Parse.GetValue(header));
            var answer = await call.Client.CreateSubscriptionAsync(request, call.CancellationToken);
            var created = answer.Value;
            if (call.Json) call.Environment.Out.Json(answer.Json);
            else SubscriptionText.WriteSecrets(call.Environment.Out, created.Secret, created.SecretHeader);
            call.Environment.Error.Line($"{created.Id}: {SubscriptionText.Filter(created.Filter)}, signed by Standard Webhooks.");
            var test = call.Hint($"subscriptions test {created.Id}");
            call.Environment.Error.Line($"Keep the secret: it can't be shown again. Try it with: {test}");
            return ExitCodes.Done;
        });
    }

    private static string[]? Given(string[]? values) => values is { Length: > 0 } ? values : null;
}
