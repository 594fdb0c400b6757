using System.Globalization;
using System.Text.RegularExpressions;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Deliveries;

/// <summary>One event for one sink: <c>{run_id}:{sequence}:{sink}</c>.</summary>
public readonly record struct DeliveryId(RunId RunId, long Sequence, string Sink)
{
    /// <summary>The id of the event.</summary>
    public string EventId => $"{RunId}:{Sequence}";

    /// <summary>The batch of this delivery alone.</summary>
    public DeliveryBatch Batch => new(RunId, Sink, [Sequence]);

    /// <summary>Accepts only what <see cref="ToString"/> gives.</summary>
    public static bool TryParse(string? text, out DeliveryId id)
    {
        id = default;
        if (text?.Split(':') is not [var run, var number, var sink]) return false;
        if (!RunId.TryParse(run, out var runId) || !SinkName.IsValid(sink)) return false;
        if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) || sequence < 1) return false;
        id = new DeliveryId(runId, sequence, sink);
        return id.ToString() == text;
    }

    public override string ToString() => $"{RunId}:{Sequence}:{Sink}";
}

/// <summary>Events of one run for one sink.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Sink">The sink's name.</param>
/// <param name="Sequences">The events, ascending; at least one.</param>
public sealed record DeliveryBatch(RunId RunId, string Sink, IReadOnlyList<long> Sequences);

/// <summary>How sinks may be named.</summary>
public static partial class SinkName
{
    /// <summary>What <see cref="IsValid"/> accepts, for messages.</summary>
    /// <remarks>So short that the id of a delivery's orchestration stays within the 100 characters that all engines take.</remarks>
    public const string Accepted = "1 to 32 lower-case letters, digits and hyphens, beginning with a letter or digit";

    public static bool IsValid(string? name) => name is not null && Pattern().IsMatch(name);

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,31}\z")]
    private static partial Regex Pattern();
}
