using System.CommandLine;
using System.Text.Json.Nodes;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;

namespace QuantaPilot.Cli.Commands;

internal static class TokenRevokeCommand
{
    public static Command Create(CommandBuilder builder)
    {
        var id = new Argument<string>("id") { Description = "The id of the token, from qp token list." };
        return builder.Connected(new Command("revoke", "Revoke a token: it is refused at once.") { id }, async call =>
        {
            var revoked = call.Parse.GetRequiredValue(id);
            await call.Client.RevokeTokenAsync(revoked, call.CancellationToken);
            if (call.Json) call.Environment.Out.Json(new JsonObject { ["id"] = revoked, ["revoked"] = true }.ToJsonString());
            else call.Environment.Out.Line($"Token {revoked} is revoked.");
            return ExitCodes.Done;
        });
    }
}
