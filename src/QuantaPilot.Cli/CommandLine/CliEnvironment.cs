using Spectre.Console;

namespace QuantaPilot.Cli.CommandLine;

/// <summary>The world around a command.</summary>
internal sealed record CliEnvironment
{
    /// <summary>Results.</summary>
    public required IAnsiConsole Out { get; init; }

    /// <summary>Everything else: progress, questions, errors.</summary>
    public required IAnsiConsole Error { get; init; }

    /// <summary>What is read where a command takes <c>-</c> for a file.</summary>
    public required TextReader In { get; init; }

    /// <summary>True if a person is there to answer questions.</summary>
    public required bool Interactive { get; init; }

    public required Func<string, string?> Variable { get; init; }

    public required string WorkingDirectory { get; init; }

    public required TimeProvider Time { get; init; }

    public required ServerStarter StartServer { get; init; }

    /// <summary>What a person types for <c>qp</c> here.</summary>
    public required string SelfName { get; init; }

    public static CliEnvironment ForProcess() => new()
    {
        Out = CreateConsole(Console.Out),
        Error = CreateConsole(Console.Error),
        In = Console.In,
        Interactive = !Console.IsInputRedirected && !Console.IsErrorRedirected,
        Variable = Environment.GetEnvironmentVariable,
        WorkingDirectory = CommandLine.SelfName.WorkingDirectory(Environment.GetEnvironmentVariable, Environment.CurrentDirectory),
        Time = TimeProvider.System,
        StartServer = LocalServer.StartAsync,
        SelfName = CommandLine.SelfName.Find(
            Environment.GetEnvironmentVariable, Environment.ProcessPath, Environment.GetCommandLineArgs()[0], Environment.CurrentDirectory),
    };

    private static IAnsiConsole CreateConsole(TextWriter writer) =>
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
}
