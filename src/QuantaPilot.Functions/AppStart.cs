using Microsoft.Extensions.Hosting;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Health;
using QuantaPilot.Core.Ports;
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
        await CreateTablesAsync(cancellationToken);
        forge.CleanLeftovers();
        if (settings.BootstrapToken is { } token) await bootstrap.EnsureAsync(token, cancellationToken);
        readiness.IsReady = true;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        readiness.IsReady = false;
        return Task.CompletedTask;
    }

    /// <exception cref="StorageUnavailableException">Names the settings; it ends the worker, and the host's log shows it.</exception>
    private async Task CreateTablesAsync(CancellationToken cancellationToken)
    {
        try
        {
            await storage.CreateAsync(cancellationToken);
        }
        catch (StorageUnavailableException e)
        {
            var hint = e.IsRefusal
                ? "An identity needs the roles Storage Table Data Contributor and Storage Blob Data Contributor there."
                : "Look at the account's name and at the network in between.";
            throw new StorageUnavailableException(
                e.IsRefusal,
                $"{e.Message} Runs, events and tokens are kept there, as QuantaPilot__Storage__AccountName, "
                + $"QuantaPilot__Storage__ConnectionString or AzureWebJobsStorage says. {hint}",
                e);
        }
    }
}
