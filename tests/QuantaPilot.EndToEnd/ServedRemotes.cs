namespace QuantaPilot.EndToEnd;

/// <summary>A git server over a directory, and a server of ours that may use what lies there, for all tests of a class.</summary>
/// <param name="options">Those of <c>qp serve</c>.</param>
#pragma warning disable CA1001 // xunit disposes it through IAsyncLifetime.
public abstract class ServedRemotes(params string[] options) : IAsyncLifetime
#pragma warning restore CA1001
{
    private ServerProcess? _server;
    private QpClient? _client;
    private GitHttpServer? _remote;

    internal TempDirectory Directory { get; } = new();

    internal QpClient Client => _client!;

    internal GitHttpServer Remote => _remote!;

    public async Task InitializeAsync()
    {
        _remote = await GitHttpServer.StartAsync(Directory.Path);
        _server = new ServerProcess(Directory.Combine("data"), options);
        _client = await _server.StartAndWaitAsync();
    }

    public async Task DisposeAsync()
    {
        _client?.Dispose();
        if (_server is not null) await _server.DisposeAsync();
        if (_remote is not null) await _remote.DisposeAsync();
        Directory.Dispose();
    }
}
