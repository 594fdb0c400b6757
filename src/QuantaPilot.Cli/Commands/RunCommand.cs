using System.CommandLine;
using QuantaPilot.Cli.Client;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;
using QuantaPilot.Cli.Runs;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;
using Spectre.Console;

namespace QuantaPilot.Cli.Commands;

internal static class RunCommand
{
    public static Command Create(CommandBuilder builder)
    {
        var repo = new Option<string?>("--repo") { Description = "URL of the git repository, or a local path.", HelpName = "url" };
        var branch = new Option<string?>("--branch") { Description = "The branch to work on and to merge into.", HelpName = "name" };
        var correlationId = new Option<string?>("--correlation-id") { Description = "A UUID of yours that events carry.", HelpName = "uuid" };
        correlationId.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !Guid.TryParse(result.Tokens[0].Value, out _))
                result.AddError($"--correlation-id '{result.Tokens[0].Value}' is not a UUID.");
        });
        var config = new Option<string?>("--config")
        {
            Description = "Path of the pipeline's file in the repository. Default: quantapilot.yml, if there is one.",
            HelpName = "path",
        };
        var command = new Command("run", "Start a run and follow it to its end.")
        {
            repo, branch, correlationId, config, builder.Options.Allow, builder.Options.AllowCommands,
        };
        builder.AddClientOptions(command);
        command.SetAction(async (parse, cancellationToken) =>
        {
            var request = await CompleteAsync(builder.Environment, parse.GetValue(repo), parse.GetValue(branch), cancellationToken);
            var run = new RunRequest(request.RepoUrl, request.Branch, parse.GetValue(config), parse.GetValue(correlationId));
            var allow = parse.GetValue(builder.Options.Allow) ?? [];
            var allowCommands = parse.GetValue(builder.Options.AllowCommands) ?? [];
            var target = builder.RequestFor(parse) with
            {
                Grant = GrantFor(request.RepoUrl, allow, allowCommands),
                AllowedRepositories = allow,
                AllowedCommands = allowCommands,
            };
            await using var connection = await ServerConnection.OpenAsync(builder.Environment, target, cancellationToken);
            var call = new CommandCall(builder.Environment, connection, parse, parse.GetValue(builder.Options.Json), cancellationToken);
            return await FollowAsync(call, target, request.RepoUrl, () => call.Client.StartRunAsync(run, cancellationToken));
        });
        return command;
    }

    /// <summary>Starts a run and follows it to its end.</summary>
    public static async Task<int> FollowAsync(
        CommandCall call, ConnectionRequest target, string repoUrl, Func<Task<Answer<RunAccepted>>> start)
    {
        if (!call.Connection.InProcess && target.AllowedRepositories.Count + target.AllowedCommands.Count > 0)
        {
            call.Environment.Error.Line((
                $"--allow and --allow-commands have no effect here: the server at {call.Client.Url} has its own settings.", Styles.Ask));
        }
        RunAccepted accepted;
        try
        {
            accepted = (await start()).Value;
        }
        catch (ProblemException e) when (e.Problem.ErrorCode == ErrorCodes.RepositoryNotAllowed)
        {
            var flag = $"--allow {Shell.Quote(repoUrl)}";
            throw new ProblemException(e.Problem, e.Json)
            {
                Advice = call.Connection.InProcess ? $"Allow it with {flag}" : $"Whoever runs the server allows it with {flag}",
            };
        }
        call.Environment.Error.Line(("run ", Styles.Dim), (accepted.RunId.ToString(), Styles.Strong));
        return await Foreground.WatchAsync(call, accepted.RunId);
    }

    /// <summary>Asks for what is missing if a person is there.</summary>
    private static async Task<(string RepoUrl, string Branch)> CompleteAsync(
        CliEnvironment environment, string? repo, string? branch, CancellationToken cancellationToken)
    {
        if (!environment.Interactive)
        {
            List<string> missing = [];
            if (string.IsNullOrWhiteSpace(repo)) missing.Add("--repo");
            if (string.IsNullOrWhiteSpace(branch)) missing.Add("--branch");
            if (missing.Count > 0)
            {
                throw new UsageException($"{string.Join(" and ", missing)} {(missing.Count > 1 ? "are" : "is")} missing.");
            }
        }
        if (string.IsNullOrWhiteSpace(repo))
        {
            var ask = new TextPrompt<string>("Repository (URL or path):").Validate(text =>
                RepositoryPath.FindFault(text, environment.WorkingDirectory) is { } fault
                    ? ValidationResult.Error(Markup.Escape(fault))
                    : ValidationResult.Success());
            repo = await environment.Error.AskAsync(ask, cancellationToken);
        }
        var url = RepositoryPath.ToUrl(repo, environment.WorkingDirectory);
        if (string.IsNullOrWhiteSpace(branch))
            branch = await environment.Error.AskAsync(new TextPrompt<string>("Branch").DefaultValue("main"), cancellationToken);
        return (url, branch);
    }

    /// <summary>
    /// The permission that the command line gives by naming the repository: one on this machine is allowed by that very
    /// act, another if a glob covers it.
    /// </summary>
    public static LocalGrant? GrantFor(string repoUrl, string[] allow, string[] allowCommands)
    {
        // The API names what is wrong with a URL; there is nothing to grant.
        if (!RepositoryUrl.TryParse(repoUrl, out var url, out _)) return null;
        var commands = Policy("--allow-commands", allowCommands).Allows(url);
        return url.IsFile || commands || Policy("--allow", allow).Allows(url) ? new LocalGrant(url.Value, commands) : null;
    }

    private static RepositoryPolicy Policy(string option, string[] globs)
    {
        try
        {
            return new RepositoryPolicy(globs);
        }
        catch (FormatException e)
        {
            throw new UsageException($"{option}: {e.Message}");
        }
    }
}
