using Microsoft.Extensions.Hosting;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Health;
using QuantaPilot.Integrations.Tables;

namespace QuantaPilot.Functions;

/// <summary>What an instance does before it takes work: idempotent, also when several start at once.</summary>
internal sealed class Startup(TablesStorage storage, BootstrapToken bootstrap, AppSettings settings, Readiness readiness) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await storage.CreateAsync(cancellationToken);
        if (settings.BootstrapToken is { Length: > 0 } token) await bootstrap.EnsureAsync(token, cancellationToken);
        readiness.IsReady = true;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        readiness.IsReady = false;
        return Task.CompletedTask;
    }
}
