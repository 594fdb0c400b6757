using Azure.Core.Serialization;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Api;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Functions.Durable;
using QuantaPilot.Integrations.Command;
using QuantaPilot.Integrations.Git;
using QuantaPilot.Integrations.Outline;
using QuantaPilot.Integrations.Tables;

namespace QuantaPilot.Functions;

/// <summary>What the app is made of.</summary>
internal static class AppServices
{
    private static readonly IReadOnlyList<string> _anyHttps = ["https://*"];

    public static void AddQuantaPilot(this IServiceCollection services, AppSettings settings)
    {
        var repositories = settings.AllowedRepositories.Count > 0 ? settings.AllowedRepositories : _anyHttps;
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(new RepositoryPolicy(repositories));

        var tables = settings.Storage.ToOptions();
        services.AddSingleton(tables);
        services.AddSingleton(new TablesStorage(tables));
        services.AddSingleton<IRunStore, TablesRunStore>();
        services.AddSingleton<IPullRequestStore, TablesPullRequestStore>();
        services.AddSingleton<ITokenStore, TablesTokenStore>();
        services.AddSingleton<IRateLimiter, TablesRateLimiter>();
        services.AddSingleton(settings.RateLimits);

        services.AddSingleton(new GitForgeOptions
        {
            AllowedRepositories = repositories,
            Credentials = settings.Git is { UrlPrefix: { } prefix, Username: { } user, Password: { } password }
                ? [new GitCredential(prefix, user, password)]
                : [],
            // Of this process alone: the host may run several.
            TempRoot = Path.Combine(Path.GetTempPath(), $"quantapilot-{Environment.ProcessId}"),
        });
        services.AddSingleton<IForge, GitForge>();
        // Programs of repositories never run here: no glob allows any.
        services.AddSingleton(new CommandOptions { AllowedRepositories = [] });
        services.AddSingleton<IAgent, OutlineAgent>();
        services.AddSingleton<IAgent, CommandAgent>();
        services.AddSingleton<ICheckRunner, CommandCheckRunner>();
        services.AddSingleton<RunActivities>();

        services.AddSingleton<DurableClientAccessor>();
        services.AddSingleton<IOrchestrationClient, DurableOrchestrationClient>();
        // Inputs and results are written as on the standalone host, and as the API writes them.
        services.Configure<WorkerOptions>(worker => worker.Serializer = new JsonObjectSerializer(WorkerJson.Options));

        services.AddSingleton(settings);
        services.AddQuantaPilotApi();
        services.AddHostedService<Startup>();
    }
}
