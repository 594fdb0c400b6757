using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Deliveries;

/// <summary>Removes what was kept of the deliveries of a run.</summary>
public sealed class DeliveryRetention(IDeliveryStore store, IOrchestrationClient client)
{
    private const int PageSize = 200;

    /// <summary>Removes the orchestrations that delivered events of a run, then the deliveries. Idempotent.</summary>
    /// <param name="runId">The run; its events are no longer needed.</param>
    /// <param name="cancellationToken">Ends the call; a repeat removes what is left.</param>
    /// <returns>
    /// False if an orchestration is still being ended, as on backends that do so in the background: the deliveries are there
    /// until a repeat.
    /// </returns>
    public async Task<bool> RemoveAsync(RunId runId, CancellationToken cancellationToken)
    {
        var query = new DeliveryQuery(RunId: runId, Limit: PageSize);
        do
        {
            var page = await store.ListAsync(query, cancellationToken);
            foreach (var instance in page.Items.SelectMany(delivery => delivery.InstanceIds).Distinct())
            {
                if (!await RemoveAsync(instance, cancellationToken)) return false;
            }
            query = query with { Cursor = page.NextCursor };
        }
        while (query.Cursor is not null);
        await store.DeleteOfRunAsync(runId, cancellationToken);
        return true;
    }

    private async Task<bool> RemoveAsync(string instanceId, CancellationToken cancellationToken)
    {
        if (await client.PurgeAsync(instanceId, cancellationToken)) return true;
        if (await client.GetAsync(instanceId, cancellationToken) is null) return true;
        await client.TerminateAsync(instanceId, "The run is removed.", cancellationToken);
        return await client.PurgeAsync(instanceId, cancellationToken);
    }
}
