using QuantaPilot.Host;
using Spectre.Console;

namespace QuantaPilot.Cli.CommandLine;

/// <summary>Starts a server in this process.</summary>
internal delegate Task<ILocalServer> ServerStarter(ServerOptions options, CancellationToken cancellationToken);

/// <summary>A server in this process. Disposing it stops it.</summary>
internal interface ILocalServer : IAsyncDisposable
{
    Uri Url { get; }

    string AdminToken { get; }

    /// <summary>Completes when the server has been asked to stop, by the token or otherwise.</summary>
    Task WaitForShutdownAsync(CancellationToken cancellationToken);
}

/// <summary>The world around a command.</summary>
internal sealed record CliEnvironment
{
    /// <summary>Results.</summary>
    public required IAnsiConsole Out { get; init; }

    /// <summary>Everything else: progress, questions, errors.</summary>
    public required IAnsiConsole Error { get; init; }

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
        Interactive = !Console.IsInputRedirected && !Console.IsErrorRedirected,
        Variable = Environment.GetEnvironmentVariable,
        WorkingDirectory = Environment.CurrentDirectory,
        Time = TimeProvider.System,
        StartServer = async (options, cancellationToken) =>
            new LocalServer(await QuantaPilotServer.StartAsync(options, cancellationToken)),
        SelfName = CommandLine.SelfName.Find(
            Environment.GetEnvironmentVariable, Environment.ProcessPath, Environment.GetCommandLineArgs()[0], Environment.CurrentDirectory),
    };

    private static IAnsiConsole CreateConsole(TextWriter writer) =>
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });

    private sealed class LocalServer(QuantaPilotServer server) : ILocalServer
    {
        public Uri Url => server.Url;

        public string AdminToken => server.AdminToken;

        public Task WaitForShutdownAsync(CancellationToken cancellationToken) => server.WaitForShutdownAsync(cancellationToken);

        public ValueTask DisposeAsync() => server.DisposeAsync();
    }
}
