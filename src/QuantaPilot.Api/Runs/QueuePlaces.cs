using QuantaPilot.Core.Admission;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Runs;

/// <summary>Shows runs, those that are queued with their places in the queue.</summary>
internal sealed class QueuePlaces(Admissions admissions, ConcurrencyLimits limits)
{
    public async Task<RunResource> ShowAsync(RunSnapshot run, CancellationToken cancellationToken) =>
        (await ShowAsync([run], cancellationToken))[0];

    public async Task<IReadOnlyList<RunResource>> ShowAsync(IReadOnlyList<RunSnapshot> runs, CancellationToken cancellationToken)
    {
        // Without limits nobody waits for more than the moment of the start.
        if (!limits.Any || !runs.Any(run => run.Status == RunStatus.Queued)) return [.. runs.Select(RunResource.From)];
        var book = await admissions.ReadAsync(cancellationToken);
        return [.. runs.Select(run => Show(run, run.Status == RunStatus.Queued ? admissions.FindPlace(book, run.RunId) : null))];
    }

    private static RunResource Show(RunSnapshot run, QueuePlace? place) => RunResource.From(run) with
    {
        QueuePosition = place?.Position,
        QueuedFor = place?.Limit,
    };
}
