using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Admission;

/// <summary>
/// Lets runs work within the limits. The book is changed first, then those that it admits are told by an external event; what a crash
/// keeps from them is told by whoever repeats the change, or at the next <see cref="RecoverAsync"/>.
/// </summary>
public sealed class Admissions(
    IAdmissionStore store, ConcurrencyLimits limits, IRunStore runs, IOrchestrationClient client, ILogger<Admissions> logger)
{
    /// <summary>Asks for a slot for a run.</summary>
    /// <returns>False if it waits: it is told once it is admitted.</returns>
    public async Task<bool> TakeAsync(RunId runId, AdmissionKey key, int ticket, CancellationToken cancellationToken)
    {
        var book = await store.UpdateAsync(present => present.Take(runId, key, ticket, limits), cancellationToken);
        await TellAsync(book, cancellationToken);
        return book.Find(runId) is { State: AdmissionState.Working } entry && entry.Ticket == ticket;
    }

    /// <summary>Gives a run's slot, or its place in the queue, to others.</summary>
    public async Task GiveBackAsync(RunId runId, int ticket, CancellationToken cancellationToken) =>
        await TellAsync(await store.UpdateAsync(present => present.GiveBack(runId, ticket, limits), cancellationToken), cancellationToken);

    /// <summary>Takes a run that has ended out of the book.</summary>
    public async Task LeaveAsync(RunId runId, CancellationToken cancellationToken) =>
        await TellAsync(await store.UpdateAsync(present => present.Leave(runId, limits), cancellationToken), cancellationToken);

    /// <summary>The book, to look up places in.</summary>
    public Task<AdmissionBook> ReadAsync(CancellationToken cancellationToken) => store.ReadAsync(cancellationToken);

    /// <summary>The place of a run in the queue by a book; null if it does not wait.</summary>
    public QueuePlace? FindPlace(AdmissionBook book, RunId runId) => book.FindPlace(runId, limits);

    /// <summary>
    /// Takes out runs that have ended, or whose orchestrations no longer go on, admits others by the limits that hold now, and tells all
    /// that may not know it. For a host at its start, and from time to time where one of several may crash.
    /// </summary>
    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        var book = await store.ReadAsync(cancellationToken);
        if (book.Entries.Count == 0) return;
        var lost = new List<RunId>();
        foreach (var entry in book.Entries)
        {
            if (await IsLostAsync(entry.RunId, cancellationToken)) lost.Add(entry.RunId);
        }
        if (lost.Count > 0) Logs.SlotsRecovered(logger, lost.Count);
        book = await store.UpdateAsync(
            present => lost.Aggregate(present, (left, run) => left.Leave(run, limits)).Admit(limits), cancellationToken);
        await TellAsync(book, cancellationToken);
    }

    private async Task<bool> IsLostAsync(RunId runId, CancellationToken cancellationToken) =>
        await runs.GetAsync(runId, cancellationToken) is not { } run
        || run.Status.HasEnded()
        || await client.GetAsync(runId.ToString(), cancellationToken) is not { Status: OrchestrationStatus.Running };

    private async Task TellAsync(AdmissionBook book, CancellationToken cancellationToken)
    {
        var busy = new HashSet<RunId>();
        while (book.Untold.Where(entry => !busy.Contains(entry.RunId)).ToList() is { Count: > 0 } untold)
        {
            var (told, ended) = (new List<AdmissionEntry>(), new List<AdmissionEntry>());
            foreach (var entry in untold)
            {
                try
                {
                    var signal = new RunSignal(RunSignalKind.Admitted) { Ticket = entry.Ticket };
                    var takes = await client.RaiseEventAsync(entry.RunId.ToString(), RunSignal.EventName, signal, cancellationToken);
                    (takes ? told : ended).Add(entry);
                }
                catch (OrchestrationBusyException)
                {
                    // The book still says that it does not know.
                    busy.Add(entry.RunId);
                }
            }
            book = await store.UpdateAsync(
                present => ended.Aggregate(
                    told.Aggregate(present, (next, entry) => next.Tell(entry.RunId, entry.Ticket)),
                    (next, entry) => next.Leave(entry.RunId, limits)),
                cancellationToken);
        }
    }
}
