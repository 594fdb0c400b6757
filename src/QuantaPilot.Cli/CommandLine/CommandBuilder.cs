using System.CommandLine;
using QuantaPilot.Cli.Client;

namespace QuantaPilot.Cli.CommandLine;

/// <summary>Gives commands what all of them need.</summary>
internal sealed class CommandBuilder(CliEnvironment environment, CommonOptions options)
{
    public CliEnvironment Environment => environment;

    public CommonOptions Options => options;

    /// <summary>
    /// A command that talks to a server: the named one, the one that runs over the data directory, or one in this process.
    /// </summary>
    public Command Connected(Command command, Func<CommandCall, Task<int>> action)
    {
        AddClientOptions(command);
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var connection = await ServerConnection.OpenAsync(environment, RequestFor(parse), cancellationToken);
            return await action(new CommandCall(environment, connection, parse, parse.GetValue(options.Json), cancellationToken));
        });
        return command;
    }

    public void AddClientOptions(Command command)
    {
        command.Add(options.Server);
        command.Add(options.Token);
        command.Add(options.Data);
        command.Add(options.Json);
    }

    /// <summary>Which server the command line means.</summary>
    public ConnectionRequest RequestFor(ParseResult parse) => new(
        parse.GetValue(options.Server) ?? environment.Variable("QP_SERVER"),
        parse.GetValue(options.Token) ?? environment.Variable("QP_TOKEN"),
        options.DataDirectory(parse, environment));
}

/// <summary>A command in action.</summary>
internal sealed record CommandCall(
    CliEnvironment Environment, ServerConnection Connection, ParseResult Parse, bool Json, CancellationToken CancellationToken)
{
    public QpClient Client => Connection.Client;

    /// <summary>A command line to go on with, that reaches the same server.</summary>
    public string Hint(string arguments) => $"{Environment.SelfName} {arguments}{Connection.HintArguments}";

    /// <summary>The run that a positional argument names, by its id or the beginning of it.</summary>
    public Task<Core.Runs.RunId> FindRunAsync(Argument<string> argument) =>
        RunIdPrefix.ResolveAsync(Client, Parse.GetRequiredValue(argument), CancellationToken);
}
