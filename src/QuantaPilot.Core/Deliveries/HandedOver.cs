using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Deliveries;

/// <summary>
/// Remembers, in memory, up to where the events of recent runs were handed over. A run repeats events with its next activity
/// until one has come back; sinks need not see those again. Forgetting costs a repeat, never an event.
/// </summary>
internal sealed class HandedOver
{
    /// <summary>Some hundred bytes each.</summary>
    private const int Capacity = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<RunId, long> _upTo = [];
    private readonly Queue<RunId> _order = new();

    /// <summary>The sequence number up to which all events of the run were handed over; 0 if none is known to be.</summary>
    public long UpTo(RunId runId)
    {
        lock (_gate) return _upTo.GetValueOrDefault(runId);
    }

    public void Note(RunId runId, long sequence)
    {
        lock (_gate)
        {
            if (_upTo.TryGetValue(runId, out var known))
            {
                _upTo[runId] = Math.Max(known, sequence);
                return;
            }
            if (_order.Count == Capacity) _upTo.Remove(_order.Dequeue());
            _upTo.Add(runId, sequence);
            _order.Enqueue(runId);
        }
    }
}
