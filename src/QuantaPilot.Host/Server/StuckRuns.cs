using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Engine;

namespace QuantaPilot.Host.Server;

/// <summary>Shows in the run what the engine says of its orchestration.</summary>
internal sealed class StuckRuns(IRunStore store, ILogger<StuckRuns> logger) : IEngineObserver
{
    public void OnStuck(string instanceId, ReplayMismatch mismatch) => _ = SetAsync(instanceId, mismatch.ToString());

    public void OnUnstuck(string instanceId) => _ = SetAsync(instanceId, null);

    private async Task SetAsync(string instanceId, string? reason)
    {
        if (!RunId.TryParse(instanceId, out var runId)) return;
        try
        {
            await store.SetStuckAsync(runId, reason, CancellationToken.None);
        }
#pragma warning disable CA1031 // Nobody awaits this call: the log is where its fault can be seen.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Logs.StuckNotShown(logger, e, runId);
        }
    }
}
