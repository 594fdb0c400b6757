using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Retention;

/// <summary>
/// Deletes runs that ended long ago, with all that is kept of them. The run itself goes last, since it is what the next sweep
/// finds: one that is cut short at any point, or that runs twice at once, leaves nothing behind for good.
/// </summary>
public sealed class RetentionSweep(
    IRunStore store,
    IOrchestrationClient client,
    DeliveryRetention deliveries,
    IRunLogStore logs,
    IAgentTaskStore tasks,
    TimeProvider time,
    ILogger<RetentionSweep> logger)
{
    /// <summary>Small, so that a sweep that is cut short has not read much for nothing.</summary>
    private const int PortionSize = 50;

    /// <summary>The store hands out at most 200 at once: with more than these in the way it would show none of the others.</summary>
    private const int MaxSkipped = 150;

    /// <summary>By then it is not the runs that are at fault.</summary>
    private const int MaxFailuresInARow = 5;

    /// <summary>Deletes as many as there is time for, those that ended first before the others.</summary>
    /// <param name="keep">For how long a run is kept after its end; longer than zero.</param>
    /// <param name="budget">No run is begun after this time.</param>
    /// <param name="cancellationToken">Ends the sweep.</param>
    /// <exception cref="ArgumentOutOfRangeException">Runs are to be kept for no time.</exception>
    public async Task<RetentionResult> SweepAsync(TimeSpan keep, TimeSpan budget, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(keep, TimeSpan.Zero);
        var start = time.GetTimestamp();
        var before = time.GetUtcNow() - keep;
        var skipped = new HashSet<RunId>();
        var (deleted, failures) = (0, 0);
        while (true)
        {
            var found = await store.FindEndedAsync(before, PortionSize + skipped.Count, cancellationToken);
            var portion = found.Where(id => !skipped.Contains(id)).ToList();
            if (portion.Count == 0) return Result(finished: true);
            foreach (var id in portion)
            {
                if (time.GetElapsedTime(start) >= budget) return Result(finished: false);
                if (await TryDeleteAsync(id, cancellationToken))
                {
                    deleted++;
                    failures = 0;
                }
                else
                {
                    skipped.Add(id);
                    if (++failures == MaxFailuresInARow || skipped.Count == MaxSkipped) return Result(finished: false);
                }
            }
        }

        RetentionResult Result(bool finished)
        {
            if (deleted > 0 || skipped.Count > 0) Logs.RetentionSwept(logger, deleted, skipped.Count);
            return new RetentionResult(deleted, skipped.Count, finished);
        }
    }

    private async Task<bool> TryDeleteAsync(RunId id, CancellationToken cancellationToken)
    {
        try
        {
            if (!await PurgeAsync($"{id}", cancellationToken))
            {
                Logs.RetentionPutOff(logger, id);
                return false;
            }
            if (!await deliveries.RemoveAsync(id, cancellationToken))
            {
                Logs.RetentionPutOff(logger, id);
                return false;
            }
            await logs.DeleteOfRunAsync(id, cancellationToken);
            await tasks.DeleteOfRunAsync(id, cancellationToken);
            await store.DeleteAsync(id, cancellationToken);
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // One run that can't be deleted must not keep all others; the log has the fault.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Logs.RetentionFailed(logger, e, id);
            return false;
        }
    }

    /// <summary>Removes the orchestration. One that has not ended, although its run has, is stuck for good and is ended first.</summary>
    /// <returns>False if it takes longer than this call, as on backends that end orchestrations in the background.</returns>
    private async Task<bool> PurgeAsync(string instanceId, CancellationToken cancellationToken)
    {
        if (await client.PurgeAsync(instanceId, cancellationToken)) return true;
        if (await client.GetAsync(instanceId, cancellationToken) is null) return true;
        await client.TerminateAsync(instanceId, "The run ended long ago.", cancellationToken);
        return await client.PurgeAsync(instanceId, cancellationToken);
    }
}

/// <summary>What a sweep did.</summary>
/// <param name="Deleted">Runs that are gone.</param>
/// <param name="Skipped">Runs that could not be deleted now; the log says which.</param>
/// <param name="Finished">False if there was no time for all.</param>
public sealed record RetentionResult(int Deleted, int Skipped, bool Finished);
