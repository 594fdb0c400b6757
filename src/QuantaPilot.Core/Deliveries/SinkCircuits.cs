namespace QuantaPilot.Core.Deliveries;

/// <summary>
/// Remembers, in memory, which sinks have just failed, so that runs are not held up by them again: their events go straight
/// to the delivery orchestration, whose attempts close the circuit once one arrives.
/// </summary>
public sealed class SinkCircuits(DeliveryOptions options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Circuit> _open = new(StringComparer.Ordinal);

    /// <summary>True if an attempt may be made at once. When a pause is over, it is true for one caller, who tries for all.</summary>
    public bool TryPass(string sink)
    {
        lock (_gate)
        {
            if (!_open.TryGetValue(sink, out var circuit)) return true;
            var now = time.GetUtcNow();
            if (now < circuit.Until) return false;
            _open[sink] = circuit with { Until = now + options.FirstPause };
            return true;
        }
    }

    /// <summary>Notes a failure.</summary>
    /// <param name="sink">The sink.</param>
    /// <param name="retryAfter">How long the sink itself asks to be left alone.</param>
    /// <returns>True if this is the first after a success.</returns>
    public bool Failed(string sink, TimeSpan? retryAfter)
    {
        lock (_gate)
        {
            var known = _open.TryGetValue(sink, out var circuit);
            var pause = known ? Min(circuit!.Pause * 2, options.LongestPause) : options.FirstPause;
            var wait = retryAfter > pause ? retryAfter.Value : pause;
            _open[sink] = new Circuit(pause, time.GetUtcNow() + wait);
            return !known;
        }
    }

    /// <summary>Notes that the sink answers.</summary>
    /// <returns>True if it had failed before.</returns>
    public bool Succeeded(string sink)
    {
        lock (_gate) return _open.Remove(sink);
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private sealed record Circuit(TimeSpan Pause, DateTimeOffset Until);
}
