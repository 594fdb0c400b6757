using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Api.Access.Entra;
using QuantaPilot.Api.Hooks;
using QuantaPilot.Api.Limits;
using QuantaPilot.Core.Admission;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Limits;
using QuantaPilot.Integrations.Chat;
using QuantaPilot.Integrations.EventGrid;
using QuantaPilot.Integrations.GitHub;
using QuantaPilot.Integrations.Http;

namespace QuantaPilot.Host.Server;

/// <summary>Settings of <see cref="QuantaPilotServer"/>.</summary>
public sealed record ServerOptions
{
    /// <summary>What is allowed where the settings name no repositories.</summary>
    public static IReadOnlyList<string> DefaultRepositories { get; } = ["https://*"];

    /// <summary>Where everything is kept; made if it is missing. Used by one process at a time.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Where to listen, plain HTTP: put a proxy with TLS in front of anything but loopback. Port 0 takes a free one.</summary>
    public string Url { get; init; } = "http://127.0.0.1:7071";

    /// <summary>Globs of the repositories that runs may use. Default: <c>https://*</c>.</summary>
    public IReadOnlyList<string> AllowedRepositories { get; init; } = DefaultRepositories;

    /// <summary>Globs of the repositories that may start programs here (the <c>command</c> agent and checks). Default: none.</summary>
    public IReadOnlyList<string> AllowedCommands { get; init; } = [];

    /// <summary>
    /// Hosts of GitHub's, with credentials: pull requests of their repositories are GitHub's own. Default: none; repositories there are
    /// plain git remotes then.
    /// </summary>
    public IReadOnlyList<GitHubHost> GitHub { get; init; } = [];

    /// <summary>
    /// What the runs of a project may use up in a day (UTC); one that has several must keep to all. Default: as much as they take.
    /// </summary>
    public IReadOnlyList<DailyLimit> DailyLimits { get; init; } = [];

    /// <summary>How many requests are taken.</summary>
    public RateLimitOptions RateLimits { get; init; } = new();

    /// <summary>How many runs work at the same time. Default: no limit.</summary>
    public ConcurrencyLimits Concurrency { get; init; } = new();

    /// <summary>The Entra ID tokens that are accepted besides API tokens. Default: none.</summary>
    public EntraOptions? Entra { get; init; }

    /// <summary>The secrets of GitHub's webhooks, and whose comments are votes. Default: no webhooks are taken.</summary>
    public GitHubHookOptions? GitHubHooks { get; init; }

    /// <summary>What connections may ask, and for how long.</summary>
    public ConnectionLimits Connections { get; init; } = new();

    /// <summary>For how many days runs are kept after their end, with events and history. Default: 0, for ever.</summary>
    public int RetentionDays { get; init; }

    /// <summary>
    /// Settings of OpenTelemetry by the names of its specification. With <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> spans, metrics and
    /// log lines are sent there. Default: those in the environment of the process.
    /// </summary>
    public IReadOnlyDictionary<string, string?>? OpenTelemetry { get; init; }

    /// <summary>True to count what happens and have <c>GET /metrics</c> tell it. Default: false, the endpoint answers 404.</summary>
    public bool Metrics { get; init; }

    /// <summary>The Event Grid topics that get events. Default: none.</summary>
    public IReadOnlyList<EventGridTopic> EventGridTopics { get; init; } = [];

    /// <summary>The models that agents of type <c>chat</c> may use. Default: none, such agents are refused.</summary>
    public IReadOnlyList<ChatEndpoint> ChatEndpoints { get; init; } = [];

    /// <summary>
    /// Hosts that webhooks may be sent to wherever they are, also over http. Default: none, only public addresses over https.
    /// </summary>
    public IReadOnlyList<string> AllowedWebhookHosts { get; init; } = [];

    /// <summary>Agents elsewhere that tasks may be given to. Their hosts are checked as those of webhooks are. Default: none.</summary>
    public IReadOnlyList<HttpAgentEndpoint> Agents { get; init; } = [];

    /// <summary>Where agents elsewhere reach this host. Default: <see cref="Url"/>, with the port that it really has.</summary>
    public string? PublicUrl { get; init; }

    /// <summary>Time limits of event delivery.</summary>
    public DeliveryOptions Delivery { get; init; } = new();

    /// <summary>Called last, to put other services in the place of the standard ones.</summary>
    public Action<IServiceCollection>? ConfigureServices { get; init; }
}
