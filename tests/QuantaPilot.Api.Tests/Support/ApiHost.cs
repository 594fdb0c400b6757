using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Health;
using QuantaPilot.Api.Limits;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Subscriptions;
using QuantaPilot.Engine.Storage;
using QuantaPilot.Host.Sqlite;
using QuantaPilot.Integrations.Http;
using QuantaPilot.Integrations.RunLogs;

namespace QuantaPilot.Api.Tests.Support;

/// <summary>
/// The real API over the real store in a temporary directory; only the engine is a recorder and the clock stands still. A test
/// in which it sent anything else than openapi.json and the schemas have fails at its end.
/// </summary>
internal sealed class ApiHost : IAsyncDisposable
{
    private readonly TempDirectory _directory;
    private readonly ContractCheck _contract = new();
    private readonly SqliteFile _file;
    private readonly WebApplication _app;

    private ApiHost(TempDirectory directory, SqliteFile file, RateLimitOptions limits, Action<IServiceCollection>? configure)
    {
        _directory = directory;
        _file = file;
        Store = new SqliteRunStore(_file);
        Tokens = new SqliteTokenStore(_file);
        Deliveries = new SqliteDeliveryStore(_file);
        Subscriptions = new SqliteSubscriptionStore(_file);
        Audit = new SqliteAuditLog(_file);
        Admission = new SqliteAdmissionStore(_file);
        RunLogs = new SqliteRunLogStore(_file);
        AgentTasks = new SqliteAgentTaskStore(_file);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseTestServer();
        // The lines that the standalone host lets through.
        builder.Services.AddLogging(logging => logging
            .AddProvider(new CheckedLogs()).AddFilter("Microsoft", LogLevel.Warning).AddFilter("QuantaPilot", LogLevel.Information));
        builder.Services.AddSingleton<IRunStore>(Store);
        builder.Services.AddSingleton<ITokenStore>(Tokens);
        builder.Services.AddSingleton<IDeliveryStore>(Deliveries);
        builder.Services.AddSingleton<ISubscriptionStore>(Subscriptions);
        builder.Services.AddSingleton(new WebhookTargets(["receiver.internal"]));
        builder.Services.AddSingleton<IWebhookSender>(Webhooks);
        builder.Services.AddSingleton<IAuditLog>(Audit);
        builder.Services.AddSingleton<IAdmissionStore>(Admission);
        builder.Services.AddSingleton<IRunLogStore>(RunLogs);
        builder.Services.AddSingleton<IRunLogs, StoredRunLogs>();
        builder.Services.AddSingleton<IAgentTaskStore>(AgentTasks);
        builder.Services.AddSingleton(AgentScenario.Endpoints());
        builder.Services.AddSingleton<PublicUrl>();
        builder.Services.AddSingleton<IAgentEndpoints, HttpAgentClient>();
        builder.Services.AddSingleton(new EventSinks([Sink]));
        builder.Services.AddSingleton<IOrchestrationClient>(Engine);
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.Services.AddSingleton(new RepositoryPolicy(["https://example.com/*"]));
        builder.Services.AddSingleton(limits);
        builder.Services.AddQuantaPilotApi();
        configure?.Invoke(builder.Services);
        _app = builder.Build();
        _app.Use(_contract.InvokeAsync);
        _app.UseQuantaPilotApi();
    }

    public SqliteRunStore Store { get; }

    public SqliteTokenStore Tokens { get; }

    public SqliteDeliveryStore Deliveries { get; }

    public SqliteSubscriptionStore Subscriptions { get; }

    /// <summary>What sends test deliveries.</summary>
    public RecordingWebhookSender Webhooks { get; } = new();

    public SqliteAuditLog Audit { get; }

    public SqliteAdmissionStore Admission { get; }

    public SqliteRunLogStore RunLogs { get; }

    /// <summary>Tasks of the agent that the settings name <see cref="AgentScenario.Endpoint"/>.</summary>
    public SqliteAgentTaskStore AgentTasks { get; }

    /// <summary>The one sink there is, named lifecycle.</summary>
    public AttentiveSink Sink { get; } = new("lifecycle");

    public RecordingClient Engine { get; } = new();

    public FakeTimeProvider Time { get; } = new(Scenario.Start);

    public Readiness Readiness => _app.Services.GetRequiredService<Readiness>();

    public IServiceProvider Services => _app.Services;

    /// <summary>For requests that no HTTP client would send.</summary>
    public TestServer Server => _app.GetTestServer();

    /// <summary>With a token of every role, named admin.</summary>
    public HttpClient Admin { get; private set; } = null!;

    /// <param name="limits">Other limits than the default.</param>
    /// <param name="configure">Called last, to put other services in the place of the standard ones.</param>
    public static async Task<ApiHost> StartAsync(RateLimitOptions? limits = null, Action<IServiceCollection>? configure = null)
    {
        var directory = new TempDirectory();
        var file = SqliteFile.Open(directory.File("test.db"), RunsSchema.Scripts);
        try
        {
            var host = new ApiHost(directory, file, limits ?? new RateLimitOptions(), configure);
            await host._app.StartAsync();
            host.Admin = await host.ClientAsync("admin", TokenRole.Admin);
            return host;
        }
        catch
        {
            // Limits that are refused, which some tests are about.
            file.Dispose();
            directory.Dispose();
            throw;
        }
    }

    public HttpClient Anonymous() => _app.GetTestClient();

    public Task<HttpClient> ClientAsync(string name, params TokenRole[] roles) => ClientAsync(name, roles, ["*"], null);

    public async Task<HttpClient> ClientAsync(string name, TokenRole[] roles, string[] projects, DateTimeOffset? expiresAt)
    {
        var text = BearerToken.Create();
        await Tokens.CreateAsync(
            new ApiToken(
                Guid.NewGuid().ToString("N"), name, BearerToken.Hash(text), roles, projects, Time.GetUtcNow(), expiresAt, null), default);
        var client = _app.GetTestClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", text);
        return client;
    }

    /// <summary>Stores a run that the engine knows, with events.</summary>
    public async Task<RunId> AddRunAsync(RunSnapshot run, params RunEvent[] events)
    {
        await Store.CreateAsync(run, default);
        await Store.AppendAsync(run.RunId, events, default);
        await Engine.StartAsync(
            "run", run.RunId.ToString(), new Core.Orchestrations.RunInput(run.RunId, run.RepoUrl, run.Branch, null), default);
        return run.RunId;
    }

    public static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _file.Dispose();
        _directory.Dispose();
        _contract.AssertKept();
    }
}
