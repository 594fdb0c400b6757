using System.CommandLine;
using QuantaPilot.Cli.CommandLine;

namespace QuantaPilot.Cli.Commands;

/// <summary>What only admins may do.</summary>
internal static class TokenCommand
{
    public static Command Create(CommandBuilder builder) => new("token", "Make, list and revoke API tokens (with an admin's token).")
    {
        TokenCreateCommand.Create(builder),
        TokenListCommand.Create(builder),
        TokenRevokeCommand.Create(builder),
    };
}
