using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Deliveries;

/// <summary>The pure changes of a delivery.</summary>
public static class DeliveryChanges
{
    /// <summary>More than one round of attempts, so that the last round is always there whole.</summary>
    public const int AttemptsKept = 25;

    /// <summary>
    /// The delivery after an attempt. One that is settled stays so, except that a success always counts: the attempt may
    /// have run beside another, or again after a crash.
    /// </summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="answer">What came of the attempt.</param>
    /// <param name="at">When the attempt began. The same attempt applied again changes nothing.</param>
    /// <param name="nextAttemptAt">When it would be tried again; null if this was the last attempt.</param>
    public static Delivery Attempted(this Delivery delivery, SinkAnswer answer, DateTimeOffset at, DateTimeOffset? nextAttemptAt)
    {
        var attempt = new DeliveryAttempt(at, answer.Code, answer.HttpStatus);
        if (delivery.Attempts.Contains(attempt)) return delivery;
        var status = answer.Verdict == SinkVerdict.Delivered ? DeliveryStatus.Delivered
            : delivery.Status != DeliveryStatus.Pending ? delivery.Status
            : answer.Verdict == SinkVerdict.FailedTransiently && nextAttemptAt is not null ? DeliveryStatus.Pending
            : DeliveryStatus.DeadLettered;
        return delivery with
        {
            Status = status,
            Attempts = [.. delivery.Attempts.Append(attempt).TakeLast(AttemptsKept)],
            NextAttemptAt = status == DeliveryStatus.Pending ? nextAttemptAt : null,
            UpdatedAt = at,
        };
    }

    /// <summary>The delivery, in the care of an orchestration if it is pending.</summary>
    public static Delivery InCareOf(this Delivery delivery, string? instanceId) =>
        instanceId is null || delivery.Status != DeliveryStatus.Pending || delivery.InstanceIds.Contains(instanceId)
            ? delivery
            : delivery with { InstanceIds = [.. delivery.InstanceIds, instanceId] };

    /// <summary>The delivery, to be tried anew by another orchestration.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="redelivery">The number of the redelivery, from 1. One that has begun already changes nothing.</param>
    /// <param name="at">Now, which is when it is tried.</param>
    public static Delivery Redelivered(this Delivery delivery, int redelivery, DateTimeOffset at) => delivery.Redeliveries >= redelivery
        ? delivery
        : delivery with
        {
            Status = DeliveryStatus.Pending,
            NextAttemptAt = at,
            InstanceIds = [.. delivery.InstanceIds, DeliveryInstance.ForRedelivery(delivery.Id, redelivery)],
            Redeliveries = redelivery,
            UpdatedAt = at,
        };
}

/// <summary>The ids of the orchestrations that deliver. They follow from what is delivered, so a repeat finds what was started.</summary>
public static class DeliveryInstance
{
    public static string For(DeliveryBatch batch) => $"delivery-{batch.Sink}-{batch.RunId}-{batch.Sequences[0]}";

    public static string ForRedelivery(DeliveryId id, int redelivery) => $"{For(id.Batch)}-r{redelivery}";

    /// <summary>The run whose events an orchestration delivers; false if the id is not one of these.</summary>
    public static bool TryFindRun(string instanceId, out RunId runId)
    {
        runId = default;
        var parts = instanceId.Split('-');
        // From the end: hyphens may be in the name of the sink.
        var place = parts.Length - (parts[^1].StartsWith('r') ? 3 : 2);
        return place > 1 && parts[0] == "delivery" && RunId.TryParse(parts[place], out runId);
    }
}
