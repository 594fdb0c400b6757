using Azure.Core.Serialization;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Api;
using QuantaPilot.Api.Telemetry;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Agents;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Limits;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Functions.Durable;
using QuantaPilot.Functions.Settings;
using QuantaPilot.Integrations.Chat;
using QuantaPilot.Integrations.Command;
using QuantaPilot.Integrations.EventGrid;
using QuantaPilot.Integrations.Git;
using QuantaPilot.Integrations.GitHub;
using QuantaPilot.Integrations.Http;
using QuantaPilot.Integrations.Outline;
using QuantaPilot.Integrations.RunLogs;
using QuantaPilot.Integrations.Tables;
using QuantaPilot.Integrations.Webhooks;

namespace QuantaPilot.Functions;

/// <summary>What the Functions app is made of.</summary>
internal static class AppServices
{
    public static void AddQuantaPilot(this IServiceCollection services, AppSettings settings)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        services.AddSingleton(new RepositoryPolicy(settings.AllowedRepositories));

        services.AddSingleton(settings.Storage);
        services.AddSingleton<TablesStorage>();
        services.AddSingleton<IRunStore, TablesRunStore>();
        services.AddSingleton<IPullRequestStore, TablesPullRequestStore>();
        services.AddSingleton<ITokenStore, TablesTokenStore>();
        services.AddSingleton<IAuditLog, TablesAuditLog>();
        services.AddSingleton<IAdmissionStore, TablesAdmissionStore>();
        services.AddSingleton<IRunLogStore, TablesRunLogStore>();
        services.AddSingleton<IRunLogs, StoredRunLogs>();
        services.AddSingleton<IRateLimiter, TablesRateLimiter>();
        services.AddSingleton<IUsageStore, TablesUsageStore>();
        services.AddSingleton(settings.DailyLimits);
        services.AddSingleton<DailyBudget>();

        services.AddSingleton(_ => WorkDirectory.Take(Path.Combine(Path.GetTempPath(), "quantapilot")));
        services.AddSingleton(provider => new GitForgeOptions
        {
            AllowedRepositories = settings.AllowedRepositories,
            Credentials = settings.GitCredentials,
            TempRoot = provider.GetRequiredService<WorkDirectory>().Path,
        });
        services.AddForges(settings.GitHub);
        // No CommandAgent, and checks for no repository: programs of repositories are not run here, whatever the settings say.
        services.AddSingleton<IAgent, OutlineAgent>();
        services.AddSingleton(settings.ChatEndpoints);
        services.AddSingleton<IAgent, ChatAgent>();
        services.AddSingleton(new CommandOptions { AllowedRepositories = [] });
        services.AddSingleton<ICheckRunner, CommandCheckRunner>();
        services.AddRemoteAgents(settings);
        services.AddEventDelivery(settings);
        services.AddSingleton<RunActivities>();
        services.AddSingleton<AdmissionActivities>();

        services.AddSingleton<DurableClientAccessor>();
        services.AddSingleton<ActivityCalls>();
        services.AddSingleton<IOrchestrationClient, DurableOrchestrationClient>();
        // Durable Functions takes its converter for inputs, results and events from here, on both sides.
        services.Configure<WorkerOptions>(worker => worker.Serializer = new JsonObjectSerializer(WorkerJson.Options));

        services.AddSingleton(settings.RateLimits);
        services.AddSingleton(settings.Concurrency);
        services.AddQuantaPilotApi();
        if (settings.Entra is { } entra) services.AddEntraTokens(entra);
        if (settings.GitHubHooks is { } hooks) services.AddGitHubHooks(hooks);
        if (settings.Metrics) services.AddQuantaPilotMetrics();
        services.AddHostedService<AppStart>();
        services.AddTelemetry();
    }

    private static void AddRemoteAgents(this IServiceCollection services, AppSettings settings)
    {
        services.AddSingleton<IAgentTaskStore, TablesAgentTaskStore>();
        services.AddSingleton(settings.Agents.Endpoints);
        services.AddSingleton(settings.Agents.PublicUrl);
        services.AddSingleton<IAgentEndpoints, HttpAgentClient>();
        services.AddSingleton<IAgent, HttpAgent>();
        services.AddSingleton<RemoteAgents>();
    }

    private static void AddEventDelivery(this IServiceCollection services, AppSettings settings)
    {
        services.AddSingleton<IDeliveryStore, TablesDeliveryStore>();
        services.AddSingleton(new DeliveryOptions());
        services.AddSingleton<EventSinks>();
        services.AddSingleton<SinkCircuits>();
        services.AddSingleton<SinkSender>();
        services.AddSingleton<EventHandover>();
        services.AddSingleton<DeliveryActivities>();
        services.AddSingleton<ISubscriptionStore, TablesSubscriptionStore>();
        services.AddSingleton(settings.WebhookTargets);
        services.AddSingleton<IWebhookSender, WebhookSender>();
        services.AddSingleton<IEventSinkSource, WebhookSinks>();
        if (settings.EventGridTopics.Count == 0) return;
        services.AddSingleton(settings.EventGridTopics);
        services.AddSingleton<IEventSinkSource, EventGridSinks>();
    }
}
