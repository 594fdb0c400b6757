using System.CommandLine;
using System.CommandLine.Parsing;
using QuantaPilot.Cli.Client;
using QuantaPilot.Cli.Commands;
using QuantaPilot.Cli.Output;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Cli.CommandLine;

/// <summary><c>qp</c>: its commands, and what becomes of their faults.</summary>
internal static class QpCommandLine
{
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] args, CliEnvironment environment, CancellationToken cancellationToken)
    {
        var options = new CommonOptions();
        var root = Create(new CommandBuilder(environment, options));
        var parse = root.Parse(args);
        var json = args.Contains(options.Json.Name);
        if (args.Length == 0)
        {
            await root.Parse(["--help"]).InvokeAsync(
                new InvocationConfiguration { Output = environment.Error.Profile.Out.Writer }, cancellationToken);
            return ExitCodes.WrongUse;
        }
        if (parse.Errors.Count > 0) return Refuse(environment, parse);
        try
        {
            var configuration = new InvocationConfiguration
            {
                Output = environment.Out.Profile.Out.Writer,
                Error = environment.Error.Profile.Out.Writer,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parse.InvokeAsync(configuration, cancellationToken);
        }
        catch (ProblemException e)
        {
            ProblemText.Write(environment.Error, e, json);
            return ExitCodes.Failed;
        }
        catch (CliException e)
        {
            Tell(environment, e.Message);
            if (e is UsageException) environment.Error.Line(Usage(environment, parse));
            return e.ExitCode;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
    }

    private static RootCommand Create(CommandBuilder builder) =>
        new("QuantaPilot: durable, human-gated pipeline runs over git repositories.")
        {
            DemoCommand.Create(builder),
            RunCommand.Create(builder),
            ServeCommand.Create(builder),
            InitCommand.Create(builder),
            ValidateCommand.Create(builder),
            ListCommand.Create(builder),
            StatusCommand.Create(builder),
            WatchCommand.Create(builder),
            EventsCommand.Create(builder),
            LogsCommand.Create(builder),
            GatesCommand.Create(builder),
            ApproveCommand.Create(builder),
            RejectCommand.Create(builder),
            PauseCommand.Create(builder),
            ResumeCommand.Create(builder),
            CancelCommand.Create(builder),
            RetryCommand.Create(builder),
            TokenCommand.Create(builder),
            SubscriptionsCommand.Create(builder),
            AuditCommand.Create(builder),
            DoctorCommand.Create(builder),
        };

    private static int Refuse(CliEnvironment environment, ParseResult parse)
    {
        foreach (var message in parse.Errors.Select(error => error.Message).Distinct())
        {
            Tell(environment, message);
        }
        environment.Error.Line(Usage(environment, parse));
        return ExitCodes.WrongUse;
    }

    /// <summary>Messages repeat what was given, which may be a secret in the wrong place; and output ends in others' logs.</summary>
    private static void Tell(CliEnvironment environment, string message) => environment.Error.Line(
        ("error: ", Styles.Bad), (Redactor.HoldsSecret(message) ? Redactor.Redact(message) : message, Styles.Plain));

    private static string Usage(CliEnvironment environment, ParseResult parse)
    {
        var names = "";
        for (var result = parse.CommandResult; result.Parent is CommandResult parent; result = parent)
            names = $" {result.Command.Name}{names}";
        return $"See: {environment.SelfName}{names} --help";
    }
}
