using QuantaPilot.Engine.Storage;
using QuantaPilot.Host.Server;

namespace QuantaPilot.Cli.CommandLine;

/// <summary>Starts a server in this process.</summary>
/// <exception cref="CliException">It can't start; the message says why.</exception>
internal delegate Task<ILocalServer> ServerStarter(ServerOptions options, CancellationToken cancellationToken);

/// <summary>A server in this process. Disposing it stops it.</summary>
internal interface ILocalServer : IAsyncDisposable
{
    Uri Url { get; }

    string AdminToken { get; }

    /// <summary>Completes when the server has been asked to stop, by the token or otherwise.</summary>
    Task WaitForShutdownAsync(CancellationToken cancellationToken);
}

/// <summary>The real one.</summary>
internal sealed class LocalServer : ILocalServer
{
    private readonly QuantaPilotServer _server;

    private LocalServer(QuantaPilotServer server) => _server = server;

    public Uri Url => new(_server.Url);

    public string AdminToken => _server.AdminToken;

    public static async Task<ILocalServer> StartAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return new LocalServer(await QuantaPilotServer.StartAsync(options, cancellationToken));
        }
        catch (FormatException e)
        {
            throw new UsageException(e.Message);
        }
        catch (Exception e) when (e is SqliteFileException or IOException or UnauthorizedAccessException)
        {
            throw new CliException($"No server can start over {options.DataDirectory}: {e.Message}", inner: e);
        }
    }

    public Task WaitForShutdownAsync(CancellationToken cancellationToken) => _server.WaitForShutdownAsync(cancellationToken);

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
