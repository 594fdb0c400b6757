using System.CommandLine;
using System.CommandLine.Parsing;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Cli.Commands;

internal static class TokenCreateCommand
{
    public static Command Create(CommandBuilder builder)
    {
        var name = new Argument<string>("name") { Description = "Whom the token is for; votes are recorded under it." };
        var roles = new Option<string[]>("--role") { Description = "What it may do. May be repeated.", Required = true };
        roles.AcceptOnlyFromAmong([.. Enum.GetValues<TokenRole>().Select(RunText.Word)]);
        var projects = new Option<string[]>("--project")
        {
            Description = "Only for these repositories, e.g. 'https://github.com/my-org/*'. May be repeated. Default: those of yours.",
            HelpName = "glob",
        };
        var expires = new Option<string?>("--expires")
        {
            Description = "When it ends: after e.g. 12h or 90d, or at e.g. 2027-01-31T00:00:00Z. Default: never.",
            HelpName = "when",
        };
        expires.Validators.Add(result => CheckExpiry(result));
        var command = new Command("create", "Make a token. It goes to stdout, and is shown this once.") { name, roles, projects, expires };
        return builder.Connected(command, async call =>
        {
            var request = new TokenRequest(
                call.Parse.GetValue(name),
                call.Parse.GetValue(roles),
                call.Parse.GetValue(projects) is { Length: > 0 } globs ? globs : null,
                call.Parse.GetValue(expires) is { } text ? TimeText.FromNow(text, call.Environment.Time) : null);
            var answer = await call.Client.CreateTokenAsync(request, call.CancellationToken);
            var token = answer.Value;
            if (call.Json) call.Environment.Out.Json(answer.Json);
            else call.Environment.Out.Line(token.Token);
            var ends = token.ExpiresAt is { } end ? $"until {RunText.LocalTime(end, call.Environment.Time)}" : "without an end";
            call.Environment.Error.Line(
                $"For {token.Name} as {TokenText.Roles(token.Roles)} on {string.Join(", ", token.Projects)}, {ends}.");
            call.Environment.Error.Line($"Keep it: it can't be shown again. Revoke it with: {call.Hint($"token revoke {token.Id}")}");
            return ExitCodes.Done;
        });
    }

    private static void CheckExpiry(OptionResult result)
    {
        if (result.Tokens is not [{ Value: var text }] || TimeText.IsAccepted(text)) return;
        result.AddError($"--expires '{text}' is not accepted: give {TimeText.Accepted}.");
    }
}
