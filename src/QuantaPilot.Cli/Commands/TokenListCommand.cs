using System.CommandLine;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;

namespace QuantaPilot.Cli.Commands;

internal static class TokenListCommand
{
    public static Command Create(CommandBuilder builder)
    {
        var all = new Option<bool>("--all") { Description = "Also those that have expired or were revoked." };
        return builder.Connected(new Command("list", "List tokens, newest first, with their last use.") { all }, async call =>
        {
            var environment = call.Environment;
            var answer = await call.Client.ListTokensAsync(call.CancellationToken);
            if (call.Json)
            {
                environment.Out.Json(answer.Json);
                return ExitCodes.Done;
            }
            var now = environment.Time.GetUtcNow();
            var shown = answer.Value.Items.Where(token => call.Parse.GetValue(all) || TokenText.IsValid(token, now)).ToList();
            foreach (var token in shown) TokenText.Write(environment.Out, token, environment.Time);
            var hidden = answer.Value.Items.Count - shown.Count;
            if (hidden > 0) environment.Error.Line($"{hidden} more have expired or were revoked: give --all.");
            return ExitCodes.Done;
        });
    }
}
