namespace QuantaPilot.Api.Events;

/// <summary>
/// The last events that a stream has told, to tell none of them twice: a store that many instances write to shows an event
/// again, at a later place, if it took too long to get to its first one.
/// </summary>
internal sealed class RecentEvents(int capacity)
{
    private readonly HashSet<EventId> _known = [];
    private readonly Queue<EventId> _order = new();

    /// <summary>True the first time that an event comes, unless that was more than the capacity ago.</summary>
    public bool Add(EventId id)
    {
        if (!_known.Add(id)) return false;
        _order.Enqueue(id);
        if (_order.Count > capacity) _known.Remove(_order.Dequeue());
        return true;
    }
}
