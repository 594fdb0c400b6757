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

    /// <summary>Tells all again. To be called once per start of the host, before it takes requests.</summary>
    public async Task TellAsync(CancellationToken cancellationToken)
    {
        string? cursor = null;
        var count = 0;
        do
        {
            var page = await store.ListAsync(new RunQuery(Untold: true, Limit: PageSize, Cursor: cursor), cancellationToken);
            // Together, so that they share commits.
            await Task.WhenAll(page.Items.Select(run => TellAsync(run, cancellationToken)));
            count += page.Items.Count;
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        if (count > 0) Logs.ToldAgain(logger, count);
    }

    private async Task TellAsync(RunSnapshot run, CancellationToken cancellationToken)
    {
        if (run.Revision == 0) await signals.StartAsync(run, cancellationToken);
        foreach (var gate in run.Gates)
        {
            if (gate is { Decision: { } decision, DecisionRecorded: false })
                await signals.RaiseAsync(run, new RunSignal(RunSignalKind.Decision, Decision: decision), cancellationToken);
        }
    }
}
