using Microsoft.Extensions.Hosting;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Health;
using QuantaPilot.Functions.Settings;
using QuantaPilot.Integrations.Git;
using QuantaPilot.Integrations.Tables;

namespace QuantaPilot.Functions;

/// <summary>What happens before the worker takes work, and before it stops to.</summary>
internal sealed class AppStart(
    AppSettings settings, TablesStorage storage, GitForge forge, BootstrapToken bootstrap, Readiness readiness) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await storage.CreateAsync(cancellationToken);
        forge.CleanLeftovers();
        if (settings.BootstrapToken is { } token) await bootstrap.EnsureAsync(token, cancellationToken);
        readiness.IsReady = true;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        readiness.IsReady = false;
        return Task.CompletedTask;
    }
}
