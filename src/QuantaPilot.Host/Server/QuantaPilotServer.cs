using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using QuantaPilot.Api;
using QuantaPilot.Api.Health;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;
using QuantaPilot.Engine;
using QuantaPilot.Engine.Storage;
using QuantaPilot.Host.Sqlite;
using QuantaPilot.Integrations.Command;
using QuantaPilot.Integrations.Git;
using QuantaPilot.Integrations.Http;

namespace QuantaPilot.Host.Server;

/// <summary>The standalone host: API, engine and store in one process, on one directory.</summary>
public sealed class QuantaPilotServer : IAsyncDisposable
{
    /// <summary>Bounds a stop: requests and activities in hand get this long each.</summary>
    private static readonly TimeSpan _stopTimeout = TimeSpan.FromSeconds(5);

    private readonly WebApplication _app;
    private readonly SqliteFile _file;
    private readonly DataDirectory _directory;
    private readonly ILogger _logger;
    private int _disposed;

    private QuantaPilotServer(WebApplication app, SqliteFile file, DataDirectory directory)
    {
        _app = app;
        _file = file;
        _directory = directory;
        _logger = app.Services.GetRequiredService<ILogger<QuantaPilotServer>>();
    }

    /// <summary>Where it listens, with the port that it really has.</summary>
    public string Url { get; private set; } = "";

    /// <summary>The token in <c>admin.token</c>.</summary>
    public string AdminToken { get; private set; } = "";

    /// <summary>The host's services.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Opens the directory, recovers what an earlier process left, and listens.</summary>
    /// <exception cref="SqliteFileException">Another process has the directory, or its file is from a newer version or damaged.</exception>
    /// <exception cref="FormatException">A glob, the URL, a host of GitHub's, an Event Grid topic, a host for webhooks or Entra ID's
    /// settings are not accepted.</exception>
    /// <exception cref="IOException">The address is in use, or the directory cannot be written.</exception>
    public static async Task<QuantaPilotServer> StartAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        RequireHttp(options.Url);
        var directory = new DataDirectory(options.DataDirectory);
        directory.RestrictDatabase();
        var file = SqliteFile.Open(directory.Database, EmbeddedEngine.Schema, RunsSchema.Scripts);
        WebApplication? app = null;
        try
        {
            app = Build(options, directory, file);
            var server = new QuantaPilotServer(app, file, directory);
            await server.StartAsync(cancellationToken);
            return server;
        }
        catch
        {
            if (app is not null) await app.DisposeAsync();
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Waits until the process is asked to stop (SIGTERM, SIGINT) or the token is cancelled. Dispose then stops the server.
    /// </summary>
    public async Task WaitForShutdownAsync(CancellationToken cancellationToken = default)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        await using var cancelled = cancellationToken.Register(() => asked.TrySetResult());
        await using var stopping = _app.Lifetime.ApplicationStopping.Register(() => asked.TrySetResult());
        await asked.Task;

        void Stop(PosixSignalContext context)
        {
            // Without this the runtime ends the process at once.
            context.Cancel = true;
            asked.TrySetResult();
        }
    }

    /// <summary>Stops: no new requests, streams end, activities are cancelled and run again at the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1) return;
        Services.GetRequiredService<Readiness>().IsReady = false;
        File.Delete(_directory.ServerUrl);
        using (var timeout = new CancellationTokenSource(_stopTimeout)) await _app.StopAsync(timeout.Token);
        using (var timeout = new CancellationTokenSource(_stopTimeout))
        {
            try
            {
                await Services.GetRequiredService<EmbeddedEngine>().StopAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                Logs.ActivitiesLeft(_logger);
            }
        }
        Logs.Stopped(_logger);
        await _app.DisposeAsync();
        _file.Dispose();
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        // Made now, so that settings of sinks and agents that are not accepted are refused here and not by the first run.
        Services.GetRequiredService<EventSinks>();
        Services.GetRequiredService<HttpAgentEndpoints>();
        var publicUrl = Services.GetRequiredService<PublicUrl>();
        if (Services.GetRequiredService<ServerOptions>().PublicUrl is { } given) publicUrl.Set(given);
        AdminToken = await AdminTokens.EnsureAsync(
            _directory, Services.GetRequiredService<ITokenStore>(), Services.GetRequiredService<TimeProvider>(), _logger, cancellationToken);
        CommandLeftovers.End(Services.GetRequiredService<CommandOptions>());
        Services.GetRequiredService<GitForge>().CleanLeftovers();
        await Services.GetRequiredService<EmbeddedEngine>().StartAsync(cancellationToken);
        await Services.TellUntoldRunsAsync(cancellationToken);
        Services.GetRequiredService<Readiness>().IsReady = true;
        await _app.StartAsync(cancellationToken);
        Url = _app.Urls.First();
        // Agents that are given a task while the host starts wait for this.
        publicUrl.Set(Url);
        DataDirectory.Write(_directory.ServerUrl, Url);
        Logs.Listening(_logger, Url);
    }

    private static WebApplication Build(ServerOptions options, DataDirectory directory, SqliteFile file)
    {
        // The empty builder: settings come from the options, not from whatever is in the environment.
        var builder = WebApplication.CreateEmptyBuilder(
            new WebApplicationOptions { ApplicationName = "qp", ContentRootPath = directory.Path });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options.Connections.ApplyTo).UseUrls(options.Url);
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("QuantaPilot", LogLevel.Information);
        // Standard output is for results.
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = _stopTimeout);
        TelemetryExport.AddIfAsked(builder, options.OpenTelemetry);
        builder.Services.AddSingleton<IHostLifetime, OwnersLifetime>();
        builder.Services.AddQuantaPilot(options, directory, file);
        var app = builder.Build();
        app.UseQuantaPilotApi();
        return app;
    }

    /// <exception cref="FormatException">The URL is not one to listen on.</exception>
    private static void RequireHttp(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp || uri.PathAndQuery != "/")
            throw new FormatException($"'{url}' is no URL to listen on: give http://host:port. For https, put a proxy in front.");
    }
}
