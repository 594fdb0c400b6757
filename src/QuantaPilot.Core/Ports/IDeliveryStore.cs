using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Ports;

/// <summary>
/// What became of events on their way to sinks. The events themselves are in the log of their run. Every write is durable
/// when it returns.
/// </summary>
public interface IDeliveryStore
{
    /// <summary>Those deliveries of the batch that there are, by sequence number.</summary>
    Task<IReadOnlyList<Delivery>> FindAsync(DeliveryBatch batch, CancellationToken cancellationToken);

    /// <summary>Changes the deliveries of a batch; none is lost to a change by somebody else at the same time.</summary>
    /// <param name="batch">Which.</param>
    /// <param name="change">
    /// Gets a sequence number and the delivery, or null if there is none yet; answers what is to be stored, or null to leave
    /// it. Must be pure and give the same when it is applied again (<see cref="DeliveryChanges"/>): it may be called several
    /// times, and a repeat after a fault may find its own result.
    /// </param>
    /// <param name="cancellationToken">Ends the call; some of the batch may have been changed.</param>
    /// <returns>The deliveries as they stand after it, by sequence number.</returns>
    Task<IReadOnlyList<Delivery>> UpdateAsync(
        DeliveryBatch batch, Func<long, Delivery?, Delivery?> change, CancellationToken cancellationToken);

    /// <summary>Deliveries, newest first.</summary>
    /// <exception cref="InvalidCursorException">The cursor was not handed out by this store.</exception>
    Task<DeliveryPage> ListAsync(DeliveryQuery query, CancellationToken cancellationToken);

    /// <summary>Removes all deliveries of a run, for retention. Idempotent; a repeat after a crash removes what is left.</summary>
    Task DeleteOfRunAsync(RunId runId, CancellationToken cancellationToken);
}

/// <summary>Which deliveries to list. Every member that is set must match.</summary>
/// <param name="Sink">The sink.</param>
/// <param name="Status">The status.</param>
/// <param name="RunId">The run.</param>
/// <param name="Limit">At most so many; 1 to 200.</param>
/// <param name="Cursor">From <see cref="DeliveryPage.NextCursor"/>.</param>
public sealed record DeliveryQuery(
    string? Sink = null, DeliveryStatus? Status = null, RunId? RunId = null, int Limit = 50, string? Cursor = null);

/// <param name="Items">The deliveries.</param>
/// <param name="NextCursor">Opaque; null on the last page.</param>
public sealed record DeliveryPage(IReadOnlyList<Delivery> Items, string? NextCursor);

public static class DeliveryStoreExtensions
{
    /// <summary>One delivery, or null.</summary>
    public static async Task<Delivery?> GetAsync(this IDeliveryStore store, DeliveryId id, CancellationToken cancellationToken) =>
        (await store.FindAsync(id.Batch, cancellationToken)).SingleOrDefault();
}
