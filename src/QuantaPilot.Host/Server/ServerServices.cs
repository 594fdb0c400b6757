using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Api;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Engine;
using QuantaPilot.Engine.Storage;
using QuantaPilot.Host.Sqlite;
using QuantaPilot.Integrations.Command;
using QuantaPilot.Integrations.Git;
using QuantaPilot.Integrations.Outline;

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

        services.AddSingleton(new GitForgeOptions { AllowedRepositories = options.AllowedRepositories, TempRoot = directory.Work });
        services.AddSingleton<IForge, GitForge>();
        services.AddSingleton(new CommandOptions { AllowedRepositories = options.AllowedCommands, HomeRoot = directory.Work });
        services.AddSingleton<IAgent, OutlineAgent>();
        services.AddSingleton<IAgent, CommandAgent>();
        services.AddSingleton<ICheckRunner, CommandCheckRunner>();

        services.AddSingleton<RunActivities>();
        services.AddSingleton<StuckRuns>();
        services.AddSingleton(provider => new EngineOptions
        {
            Json = CoreJson.Default.Options,
            Observer = provider.GetRequiredService<StuckRuns>(),
        });
        services.AddSingleton(provider => Register(provider.GetRequiredService<RunActivities>()));
        services.AddSingleton<EmbeddedEngine>();
        services.AddSingleton<IOrchestrationClient>(provider => provider.GetRequiredService<EmbeddedEngine>());

        services.AddQuantaPilotApi();
        options.ConfigureServices?.Invoke(services);
    }

    private static OrchestrationRegistry Register(RunActivities activities) => new OrchestrationRegistry()
        .AddOrchestration(RunOrchestration.Name, RunOrchestration.RunAsync)
        .AddActivity<PrepareRunInput, StepResult<PreparedRun>>(
            ActivityNames.PrepareRun, (call, input) => activities.PrepareRunAsync(input, call.CancellationToken))
        .AddActivity<WriteDocumentationInput, StepResult<ReviewableWork>>(
            ActivityNames.WriteDocumentation, (call, input) => activities.WriteDocumentationAsync(input, call.CancellationToken))
        .AddActivity<CarryOutTaskInput, StepResult<TaskDone>>(
            ActivityNames.CarryOutTask, (call, input) => activities.CarryOutTaskAsync(input, call.CancellationToken))
        .AddActivity<OpenMilestoneInput, StepResult<ReviewableWork>>(
            ActivityNames.OpenMilestone, (call, input) => activities.OpenMilestoneAsync(input, call.CancellationToken))
        .AddActivity<MergePullRequestInput, StepResult<MergeResult>>(
            ActivityNames.MergePullRequest, (call, input) => activities.MergePullRequestAsync(input, call.CancellationToken))
        .AddActivity<TimeOutGateInput, StepResult<GateTimeoutResult>>(
            ActivityNames.TimeOutGate, (call, input) => activities.TimeOutGateAsync(input, call.CancellationToken))
        .AddActivity<RecordEventsInput, StepResult<Done>>(
            ActivityNames.RecordEvents, (call, input) => activities.RecordEventsAsync(input, call.CancellationToken));
}
