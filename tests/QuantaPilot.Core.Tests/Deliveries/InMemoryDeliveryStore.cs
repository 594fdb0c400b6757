using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Deliveries;

/// <summary>Deliveries in a dictionary. It applies each change twice, as a store may.</summary>
internal sealed class InMemoryDeliveryStore : IDeliveryStore
{
    private readonly Dictionary<DeliveryId, Delivery> _deliveries = [];

    public IReadOnlyList<Delivery> All => [.. _deliveries.Values.OrderBy(delivery => delivery.Sequence)];

    /// <summary>Thrown by the next write.</summary>
    public Exception? Fault { get; set; }

    public Delivery this[long sequence] => _deliveries.Values.Single(delivery => delivery.Sequence == sequence);

    public Task<IReadOnlyList<Delivery>> FindAsync(DeliveryBatch batch, CancellationToken cancellationToken) =>
        Task.FromResult(Find(batch));

    public Task<IReadOnlyList<Delivery>> UpdateAsync(
        DeliveryBatch batch, Func<long, Delivery?, Delivery?> change, CancellationToken cancellationToken)
    {
        if (Fault is { } fault)
        {
            Fault = null;
            throw fault;
        }
        foreach (var sequence in batch.Sequences.Concat(batch.Sequences))
        {
            var id = new DeliveryId(batch.RunId, sequence, batch.Sink);
            if (change(sequence, _deliveries.GetValueOrDefault(id)) is { } changed) _deliveries[id] = changed;
        }
        return Task.FromResult(Find(batch));
    }

    public Task<DeliveryPage> ListAsync(DeliveryQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task DeleteOfRunAsync(RunId runId, CancellationToken cancellationToken)
    {
        foreach (var id in _deliveries.Keys.Where(id => id.RunId == runId).ToList()) _deliveries.Remove(id);
        return Task.CompletedTask;
    }

    private IReadOnlyList<Delivery> Find(DeliveryBatch batch) => [.. batch.Sequences
        .Select(sequence => _deliveries.GetValueOrDefault(new DeliveryId(batch.RunId, sequence, batch.Sink))).OfType<Delivery>()];
}
