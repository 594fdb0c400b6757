using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Contracts;

/// <summary>A delivery as <c>GET /deliveries</c> shows it.</summary>
/// <param name="Id"><c>{run_id}:{sequence}:{sink}</c>.</param>
/// <param name="Sink">The sink.</param>
/// <param name="EventId">The event.</param>
/// <param name="RunId">The run.</param>
/// <param name="Project">The run's project.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Attempts">What was tried, oldest first; the last 25 at most.</param>
/// <param name="NextAttemptAt">When it is tried next, or soon after; absent once it is settled.</param>
/// <param name="Redeliveries">How often it was given back for delivery by hand after it had been settled.</param>
/// <param name="CreatedAt">When it was first to be delivered.</param>
/// <param name="UpdatedAt">When this last changed.</param>
public sealed record DeliveryResource(
    string Id,
    string Sink,
    string EventId,
    RunId RunId,
    string Project,
    DeliveryStatus Status,
    IReadOnlyList<DeliveryAttempt> Attempts,
    DateTimeOffset? NextAttemptAt,
    int Redeliveries,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt)
{
    public static DeliveryResource From(Delivery delivery) => new(
        delivery.Id.ToString(),
        delivery.Sink,
        delivery.Id.EventId,
        delivery.RunId,
        delivery.Project,
        delivery.Status,
        delivery.Attempts,
        delivery.NextAttemptAt,
        delivery.Redeliveries,
        delivery.CreatedAt,
        delivery.UpdatedAt);
}
