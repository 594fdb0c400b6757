using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Api;
using QuantaPilot.Api.Telemetry;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Agents;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Limits;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Subscriptions;
using QuantaPilot.Engine;
using QuantaPilot.Engine.Storage;
using QuantaPilot.Host.Sqlite;
using QuantaPilot.Integrations.Chat;
using QuantaPilot.Integrations.Command;
using QuantaPilot.Integrations.EventGrid;
using QuantaPilot.Integrations.Git;
using QuantaPilot.Integrations.GitHub;
using QuantaPilot.Integrations.Http;
using QuantaPilot.Integrations.Outline;
using QuantaPilot.Integrations.RunLogs;
using QuantaPilot.Integrations.Webhooks;

namespace QuantaPilot.Host.Server;

/// <summary>What the standalone host is made of.</summary>
internal static class ServerServices
{
    public static void AddQuantaPilot(this IServiceCollection services, ServerOptions options, DataDirectory directory, SqliteFile file)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(new RepositoryPolicy(options.AllowedRepositories));

        services.AddSingleton(file);
        services.AddSingleton<IRunStore, SqliteRunStore>();
        services.AddSingleton<IPullRequestStore, SqlitePullRequestStore>();
        services.AddSingleton<ITokenStore, SqliteTokenStore>();
        services.AddSingleton<IAuditLog, SqliteAuditLog>();
        services.AddSingleton<IAdmissionStore, SqliteAdmissionStore>();
        services.AddSingleton<IRunLogStore, SqliteRunLogStore>();
        services.AddSingleton<IRunLogs, StoredRunLogs>();
        services.AddSingleton<IUsageStore, SqliteUsageStore>();
        services.AddSingleton(options.DailyLimits);
        services.AddSingleton<DailyBudget>();

        services.AddSingleton(new GitForgeOptions { AllowedRepositories = options.AllowedRepositories, TempRoot = directory.Work });
        services.AddForges(options.GitHub);
        services.AddSingleton(new CommandOptions { AllowedRepositories = options.AllowedCommands, HomeRoot = directory.Work });
        services.AddSingleton<IAgent, OutlineAgent>();
        services.AddSingleton<IAgent, CommandAgent>();
        services.AddSingleton(new ChatEndpoints(options.ChatEndpoints));
        services.AddSingleton<IAgent, ChatAgent>();
        services.AddSingleton<ICheckRunner, CommandCheckRunner>();
        services.AddRemoteAgents(options);

        services.AddEventDelivery(options);
        services.AddSingleton<RunActivities>();
        services.AddSingleton<AdmissionActivities>();
        services.AddSingleton<StuckRuns>();
        services.AddSingleton(provider => new EngineOptions
        {
            Json = CoreJson.Default.Options,
            Observer = provider.GetRequiredService<StuckRuns>(),
            Interceptor = new MeasuredActivities(provider.GetRequiredService<StepTelemetry>()),
        });
        services.AddSingleton(Register);
        services.AddSingleton<EmbeddedEngine>();
        services.AddSingleton<IOrchestrationClient>(provider => provider.GetRequiredService<EmbeddedEngine>());

        services.AddSingleton(options);
        services.AddSingleton(options.RateLimits);
        services.AddSingleton(options.Concurrency);
        services.AddQuantaPilotApi();
        if (options.Entra is { } entra) services.AddEntraTokens(entra);
        if (options.GitHubHooks is { } hooks) services.AddGitHubHooks(hooks);
        if (options.Metrics) services.AddQuantaPilotMetrics();
        if (options.RetentionDays > 0) services.AddHostedService<RetentionTimer>();
        options.ConfigureServices?.Invoke(services);
    }

    private static void AddRemoteAgents(this IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton<IAgentTaskStore, SqliteAgentTaskStore>();
        services.AddSingleton(provider => new HttpAgentEndpoints(options.Agents, provider.GetRequiredService<WebhookTargets>()));
        services.AddSingleton<PublicUrl>();
        services.AddSingleton<IAgentEndpoints, HttpAgentClient>();
        services.AddSingleton<IAgent, HttpAgent>();
        services.AddSingleton<RemoteAgents>();
    }

    private static void AddEventDelivery(this IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton<IDeliveryStore, SqliteDeliveryStore>();
        services.AddSingleton(options.Delivery);
        services.AddSingleton<EventSinks>();
        services.AddSingleton<SinkCircuits>();
        services.AddSingleton<SinkSender>();
        services.AddSingleton<EventHandover>();
        services.AddSingleton<DeliveryActivities>();
        services.AddSingleton<ISubscriptionStore, SqliteSubscriptionStore>();
        services.AddSingleton(new WebhookTargets(options.AllowedWebhookHosts));
        services.AddSingleton<IWebhookSender, WebhookSender>();
        services.AddSingleton<IEventSinkSource, WebhookSinks>();
        if (options.EventGridTopics.Count == 0) return;
        services.AddSingleton(options.EventGridTopics);
        services.AddSingleton<IEventSinkSource, EventGridSinks>();
    }

    /// <summary>The orchestrations and activities of this build. The provider is asked only once an activity runs.</summary>
    internal static OrchestrationRegistry Register(IServiceProvider provider)
    {
        // Made at the first call: they start orchestrations, so they need the engine, which needs this registry.
        var run = new Lazy<RunActivities>(provider.GetRequiredService<RunActivities>);
        var admission = new Lazy<AdmissionActivities>(provider.GetRequiredService<AdmissionActivities>);
        var delivery = new Lazy<DeliveryActivities>(provider.GetRequiredService<DeliveryActivities>);
        return new OrchestrationRegistry()
            .AddOrchestration(RunOrchestration.Name, RunOrchestration.RunAsync)
            .AddOrchestration(DeliveryOrchestration.Name, DeliveryOrchestration.RunAsync)
            .AddActivity<PrepareRunInput, StepResult<PreparedRun>>(
                ActivityNames.PrepareRun, (call, input) => run.Value.PrepareRunAsync(input, call.CancellationToken))
            .AddActivity<ReadPlanInput, StepResult<PlanRead>>(
                ActivityNames.ReadPlan, (call, input) => run.Value.ReadPlanAsync(input, call.CancellationToken))
            .AddActivity<WriteDocumentationInput, StepResult<ReviewableWork>>(
                ActivityNames.WriteDocumentation, (call, input) => run.Value.WriteDocumentationAsync(input, call.CancellationToken))
            .AddActivity<CarryOutTaskInput, StepResult<TaskDone>>(
                ActivityNames.CarryOutTask, (call, input) => run.Value.CarryOutTaskAsync(input, call.CancellationToken))
            .AddActivity<OpenMilestoneInput, StepResult<ReviewableWork>>(
                ActivityNames.OpenMilestone, (call, input) => run.Value.OpenMilestoneAsync(input, call.CancellationToken))
            .AddActivity<MergePullRequestInput, StepResult<MergeResult>>(
                ActivityNames.MergePullRequest, (call, input) => run.Value.MergePullRequestAsync(input, call.CancellationToken))
            .AddActivity<LookAtPullRequestInput, StepResult<PullRequestLook>>(
                ActivityNames.LookAtPullRequest, (call, input) => run.Value.LookAtPullRequestAsync(input, call.CancellationToken))
            .AddActivity<TimeOutGateInput, StepResult<GateTimeoutResult>>(
                ActivityNames.TimeOutGate, (call, input) => run.Value.TimeOutGateAsync(input, call.CancellationToken))
            .AddActivity<StartAgentInput, StepResult<AgentStarted>>(
                ActivityNames.StartAgent, (call, input) => run.Value.StartAgentAsync(input, call.CancellationToken))
            .AddActivity<StopAgentInput, StepResult<AgentStopped>>(
                ActivityNames.StopAgent, (call, input) => run.Value.StopAgentAsync(input, call.CancellationToken))
            .AddActivity<RecordEventsInput, StepResult<Done>>(
                ActivityNames.RecordEvents, (call, input) => run.Value.RecordEventsAsync(input, call.CancellationToken))
            .AddActivity<TakeSlotInput, StepResult<SlotAnswer>>(
                ActivityNames.TakeSlot, (call, input) => admission.Value.TakeSlotAsync(input, call.CancellationToken))
            .AddActivity<GiveBackSlotInput, StepResult<Done>>(
                ActivityNames.GiveBackSlot, (call, input) => admission.Value.GiveBackSlotAsync(input, call.CancellationToken))
            .AddActivity<AttemptDeliveryInput, DeliveryAttemptResult>(
                ActivityNames.AttemptDelivery, (call, input) => delivery.Value.AttemptDeliveryAsync(input, call.CancellationToken));
    }
}
