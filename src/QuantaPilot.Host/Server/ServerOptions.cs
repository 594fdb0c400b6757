using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Api.Access.Entra;
using QuantaPilot.Api.Limits;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Limits;
using QuantaPilot.Integrations.EventGrid;

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

    /// <summary>What the runs of a project may use up in a day (UTC); one that has several must keep to all. Default: as much as they take.</summary>
    public IReadOnlyList<DailyLimit> DailyLimits { get; init; } = [];

    /// <summary>How many requests are taken.</summary>
    public RateLimitOptions RateLimits { get; init; } = new();

    /// <summary>The Entra ID tokens that are accepted besides API tokens. Default: none.</summary>
    public EntraOptions? Entra { get; init; }

    /// <summary>What connections may ask, and for how long.</summary>
    public ConnectionLimits Connections { get; init; } = new();

    /// <summary>For how many days runs are kept after their end, with events and history. Default: 0, for ever.</summary>
    public int RetentionDays { get; init; }

    /// <summary>
    /// Settings of OpenTelemetry by the names of its specification. With <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> spans, metrics and
    /// log lines are sent there. Default: those in the environment of the process.
    /// </summary>
    public IReadOnlyDictionary<string, string?>? OpenTelemetry { get; init; }

    /// <summary>The Event Grid topics that get events. Default: none.</summary>
    public IReadOnlyList<EventGridTopic> EventGridTopics { get; init; } = [];

    /// <summary>
    /// Hosts that webhooks may be sent to wherever they are, also over http. Default: none, only public addresses over https.
    /// </summary>
    public IReadOnlyList<string> AllowedWebhookHosts { get; init; } = [];

    /// <summary>Time limits of event delivery.</summary>
    public DeliveryOptions Delivery { get; init; } = new();

    /// <summary>Called last, to put other services in the place of the standard ones.</summary>
    public Action<IServiceCollection>? ConfigureServices { get; init; }
}
