using System.Text.Json.Serialization;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Deliveries;

/// <summary>An event on its way to a sink: what was tried and what came of it.</summary>
public sealed record Delivery
{
    public required RunId RunId { get; init; }

    /// <summary>The event's sequence number in the log of its run.</summary>
    public required long Sequence { get; init; }

    /// <summary>The name of the sink.</summary>
    public required string Sink { get; init; }

    /// <summary>The run's project.</summary>
    public required string Project { get; init; }

    public DeliveryStatus Status { get; init; }

    /// <summary>What was tried, oldest first: at most the last <see cref="DeliveryChanges.AttemptsKept"/>.</summary>
    public IReadOnlyList<DeliveryAttempt> Attempts { get; init; } = [];

    /// <summary>When it is tried next, or soon after; null once it is settled.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>The orchestrations that were started to deliver it, oldest first; empty if none was needed.</summary>
    public IReadOnlyList<string> InstanceIds { get; init; } = [];

    /// <summary>How often it was given back for delivery after it had been settled.</summary>
    public int Redeliveries { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    [JsonIgnore]
    public DeliveryId Id => new(RunId, Sequence, Sink);

    /// <summary>The orchestration that has it in its care, or had; null if none was needed.</summary>
    [JsonIgnore]
    public string? InstanceId => InstanceIds.Count == 0 ? null : InstanceIds[^1];
}

[JsonConverter(typeof(SnakeCaseEnumConverter<DeliveryStatus>))]
public enum DeliveryStatus
{
    /// <summary>Not arrived yet; it is tried again.</summary>
    Pending,

    /// <summary>The destination has it.</summary>
    Delivered,

    /// <summary>Refused for good, or not taken at any attempt. It stays so unless somebody has it redelivered.</summary>
    DeadLettered,
}

/// <param name="At">When it began.</param>
/// <param name="Code">One of <see cref="DeliveryCodes"/>.</param>
/// <param name="HttpStatus">What the destination answered, if it did.</param>
public sealed record DeliveryAttempt(DateTimeOffset At, string Code, int? HttpStatus);
