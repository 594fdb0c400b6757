using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Runs;

/// <summary>
/// Closes the gap that a crash leaves between a fact in the store and the word of it to the orchestration. Telling twice
/// does no harm: a start finds the instance, and a decision that was recorded is passed over.
/// </summary>
internal sealed class UntoldRuns(IRunStore store, RunSignals signals, ILogger<UntoldRuns> logger)
{
    private const int PageSize = 200;

    /// <summary>Tells all again.</summary>
    /// <param name="pausedToo">
    /// False where this is done again and again: a paused run acts on nothing before it is resumed, and each telling makes its
    /// history longer. It is told after that.
    /// </param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task TellAsync(bool pausedToo, CancellationToken cancellationToken)
    {
        string? cursor = null;
        var count = 0;
        do
        {
            var page = await store.ListAsync(new RunQuery(Untold: true, Limit: PageSize, Cursor: cursor), cancellationToken);
            var runs = page.Items.Where(run => pausedToo || run.Status != RunStatus.Paused).ToList();
            // Together, so that they share commits.
            await Task.WhenAll(runs.Select(run => TellAsync(run, cancellationToken)));
            count += runs.Count;
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        if (count > 0) Logs.ToldAgain(logger, count);
    }

    private async Task TellAsync(RunSnapshot run, CancellationToken cancellationToken)
    {
        try
        {
            if (run.Revision == 0) await signals.StartAsync(run, cancellationToken);
            foreach (var gate in run.Gates)
            {
                if (gate is { Decision: { } decision, DecisionRecorded: false })
                    await signals.RaiseAsync(run, new RunSignal(RunSignalKind.Decision, Decision: decision), cancellationToken);
            }
        }
        catch (OrchestrationBusyException)
        {
            // The store still holds it, so that it is told the next time; the others are told now.
            Logs.NotToldYet(logger, run.RunId);
        }
    }
}
