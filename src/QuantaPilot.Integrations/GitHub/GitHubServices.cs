using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Core.Ports;
using QuantaPilot.Integrations.Git;

namespace QuantaPilot.Integrations.GitHub;

/// <summary>The forge of a host: GitHub where the settings name it, git for all else.</summary>
public static class GitHubServices
{
    /// <param name="services">Must get <see cref="GitForgeOptions"/> and what <see cref="GitForge"/> needs.</param>
    /// <param name="hosts">The hosts of GitHub's with their credentials. Default elsewhere: none.</param>
    /// <exception cref="FormatException">When the forge is made: a host is not accepted, or named twice.</exception>
    public static IServiceCollection AddForges(this IServiceCollection services, IReadOnlyList<GitHubHost> hosts)
    {
        services.AddSingleton<GitForge>();
        services.AddSingleton<IForge, RoutingForge>();
        if (hosts.Count == 0) return services;
        services.AddSingleton(provider => new GitHubHosts(hosts, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IGitCredentialSource>(provider => provider.GetRequiredService<GitHubHosts>());
        services.AddSingleton<IHostedForge, GitHubForge>();
        return services;
    }
}
