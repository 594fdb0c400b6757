using System.CommandLine;
using QuantaPilot.Cli.Client;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Core.Contracts;

namespace QuantaPilot.Cli.Commands;

internal static class RetryCommand
{
    public static Command Create(CommandBuilder builder)
    {
        var run = RunArgument.Create();
        const string Description = "Start a run that failed or was cancelled again, at its first unfinished step, and follow it.";
        var command = new Command("retry", Description)
        {
            run, builder.Options.Allow, builder.Options.AllowCommands,
        };
        builder.AddClientOptions(command);
        command.SetAction(async (parse, cancellationToken) =>
        {
            var target = builder.RequestFor(parse);
            var failed = await FindAsync(builder, target, parse.GetRequiredValue(run), cancellationToken);
            var allow = parse.GetValue(builder.Options.Allow) ?? [];
            var allowCommands = parse.GetValue(builder.Options.AllowCommands) ?? [];
            target = target with
            {
                Grant = RunCommand.GrantFor(failed.RepoUrl, allow, allowCommands),
                AllowedRepositories = allow,
                AllowedCommands = allowCommands,
            };
            await using var connection = await ServerConnection.OpenAsync(builder.Environment, target, cancellationToken);
            var call = new CommandCall(builder.Environment, connection, parse, parse.GetValue(builder.Options.Json), cancellationToken);
            return await RunCommand.FollowAsync(
                call, target, failed.RepoUrl, () => call.Client.RetryRunAsync(failed.RunId, cancellationToken));
        });
        return command;
    }

    /// <summary>The run, for what a server in this process must be allowed to do is known only by its repository.</summary>
    private static async Task<RunResource> FindAsync(
        CommandBuilder builder, ConnectionRequest target, string run, CancellationToken cancellationToken)
    {
        await using var connection = await ServerConnection.OpenAsync(builder.Environment, target, cancellationToken);
        var id = await RunIdPrefix.ResolveAsync(connection.Client, run, cancellationToken);
        return (await connection.Client.GetRunAsync(id, cancellationToken)).Value;
    }
}
