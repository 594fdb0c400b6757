using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Testing;

/// <summary>Deliveries to put into a store.</summary>
public static class DeliveryScenario
{
    public static readonly SinkAnswer Down = SinkAnswer.FailedTransiently(DeliveryCodes.Unavailable, 503);

    public static Delivery Pending(
        RunId runId, long sequence, string sink = "lifecycle", string project = "https://example.com/org/project") => new()
        {
            RunId = runId,
            Sequence = sequence,
            Sink = sink,
            Project = project,
            NextAttemptAt = Scenario.Start,
            InstanceIds = [$"delivery-{sink}-{runId}-{sequence}"],
            CreatedAt = Scenario.Start,
            UpdatedAt = Scenario.Start,
        };

    /// <summary>Stores one as it is.</summary>
    public static async Task<DeliveryId> AddAsync(this IDeliveryStore store, Delivery delivery)
    {
        await store.UpdateAsync(delivery.Id.Batch, (_, _) => delivery, default);
        return delivery.Id;
    }
}
