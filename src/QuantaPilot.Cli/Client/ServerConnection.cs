using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Host.Server;

namespace QuantaPilot.Cli.Client;

/// <summary>Which server is meant.</summary>
/// <param name="Server">The URL, if one was named.</param>
/// <param name="Token">The token, if one was given.</param>
/// <param name="DataDirectory">Where the local server keeps everything.</param>
internal sealed record ConnectionRequest(string? Server, string? Token, string DataDirectory)
{
    /// <summary>The repository of the run that is about to start here, if the person at the command line allows it.</summary>
    public LocalGrant? Grant { get; init; }

    /// <summary>Globs that a server in this process allows; none stands for <see cref="ServerOptions.DefaultRepositories"/>.</summary>
    public IReadOnlyList<string> AllowedRepositories { get; init; } = [];

    /// <summary>Globs of the repositories whose programs a server in this process runs.</summary>
    public IReadOnlyList<string> AllowedCommands { get; init; } = [];
}

/// <summary>
/// The server that a command works with: the one that was named, else the one that runs over the data directory, else
/// one in this process for as long as the command takes.
/// </summary>
internal sealed class ServerConnection : IAsyncDisposable
{
    /// <summary>The file in the data directory that says where its server listens.</summary>
    public const string UrlFile = "server.url";

    /// <summary>The file in the data directory that holds the token of its owner.</summary>
    public const string TokenFile = "admin.token";

    private static readonly TimeSpan HealthTimeout = TimeSpan.FromSeconds(3);
    private readonly ILocalServer? _local;

    private ServerConnection(Uri url, string token, string hintArguments, string dataDirectory, ILocalServer? local = null)
    {
        Client = new QpClient(url, token);
        HintArguments = hintArguments;
        DataDirectory = dataDirectory;
        _local = local;
    }

    public QpClient Client { get; }

    /// <summary>
    /// True if the server ends with this process: runs stop then, and continue with the next server over the same directory.
    /// </summary>
    public bool InProcess => _local is not null;

    /// <summary>What a further command needs to reach the same server, with a leading space; empty if nothing.</summary>
    public string HintArguments { get; }

    public string DataDirectory { get; }

    /// <exception cref="UsageException">The URL is not one, or there is no token for it.</exception>
    public static async Task<ServerConnection> OpenAsync(
        CliEnvironment environment, ConnectionRequest request, CancellationToken cancellationToken)
    {
        var directory = request.DataDirectory;
        if (!string.IsNullOrWhiteSpace(request.Server))
        {
            var url = ParseUrl(request.Server);
            var token = request.Token ?? ReadFile(directory, TokenFile) ?? throw new UsageException(
                $"There is no token for {url}: give --token, or set QP_TOKEN.");
            return new ServerConnection(url, token, $" --server {Shell.Quote(request.Server)}", directory);
        }

        var hint = DirectoryHint(environment, directory);
        if (await FindRunningAsync(directory, cancellationToken) is { } running)
        {
            var token = request.Token ?? ReadFile(directory, TokenFile) ?? throw new UsageException(
                $"The server at {running} runs over {directory}, but there is no {TokenFile}: give --token, or set QP_TOKEN.");
            return new ServerConnection(running, token, hint, directory);
        }
        var local = await StartAsync(environment, request, cancellationToken);
        return new ServerConnection(local.Url, local.AdminToken, hint, directory, local);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_local is not null) await _local.DisposeAsync();
    }

    private static async Task<ILocalServer> StartAsync(
        CliEnvironment environment, ConnectionRequest request, CancellationToken cancellationToken)
    {
        var directory = request.DataDirectory;
        if (request.Grant is { } grant) LocalGrants.Add(directory, grant);
        // A run that goes on must find what it was started with allowed, or it would fail instead.
        var grants = LocalGrants.Read(directory);
        var options = new ServerOptions
        {
            DataDirectory = directory,
            Url = "http://127.0.0.1:0",
            AllowedRepositories = LocalGrants.Allow(request.AllowedRepositories, grants),
            AllowedCommands = [.. request.AllowedCommands, .. grants.Where(g => g.Commands).Select(g => g.Repository)],
            GitHub = GitHubServeOption.Default(environment),
            ChatEndpoints = ChatEndpointText.FromEnvironment(environment.Variable),
            ConfigureServices = services => services.Configure<LoggerFilterOptions>(KeepQuiet),
        };
        return await environment.StartServer(options, cancellationToken);
    }

    /// <summary>The person sees the run; the log of the server beside it would only be noise.</summary>
    private static void KeepQuiet(LoggerFilterOptions filter)
    {
        filter.Rules.Clear();
        filter.MinLevel = LogLevel.Error;
    }

    private static Uri ParseUrl(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            throw new UsageException($"--server '{text}' is not a URL: it begins with http:// or https://.");
        // Nothing would use them, and hints repeat the URL.
        if (url.UserInfo.Length > 0)
            throw new UsageException("--server must not hold a user name or a password: give a token with --token, or set QP_TOKEN.");
        return url;
    }

    private static string DirectoryHint(CliEnvironment environment, string directory) =>
        directory == CommonOptions.DefaultDirectory(environment) ? "" : $" --data {Shell.Quote(directory)}";

    private static string? ReadFile(string directory, string name)
    {
        var path = Path.Combine(directory, name);
        return File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } text ? text : null;
    }

    /// <summary>The server over the directory. The file outlives a server that was killed, so the server itself is asked.</summary>
    private static async Task<Uri?> FindRunningAsync(string directory, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(ReadFile(directory, UrlFile), UriKind.Absolute, out var url)) return null;
        using var http = new HttpClient { Timeout = HealthTimeout };
        try
        {
            using var response = await http.GetAsync(new Uri(url, "/healthz"), cancellationToken);
            return response.IsSuccessStatusCode ? url : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
