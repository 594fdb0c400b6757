using System.Runtime.InteropServices;
using QuantaPilot.Core.Limits;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Limits;

/// <summary>
/// The keys of one limit, at most so many. A key that has all its permits is as good as unknown and is dropped first; if room
/// is still needed, the keys that have used the fewest go. A key that has used up its permits is never forgotten. Once there
/// are only such, the keys that find no room share one count, until the first of the others has a permit again.
/// </summary>
internal sealed class KeyTable(RateLimit limit, int capacity)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _full = new(StringComparer.Ordinal);
    private long _overflow;
    private long _noRoomUntil;

    public int Count
    {
        get
        {
            lock (_gate) return _full.Count;
        }
    }

    public RateLimitAnswer Take(string key, long now)
    {
        lock (_gate)
        {
            if (!_full.ContainsKey(key) && _full.Count >= capacity && !MakeRoom(now)) return Take(ref _overflow, now);
            return Take(ref CollectionsMarshal.GetValueRefOrAddDefault(_full, key, out _), now);
        }
    }

    private RateLimitAnswer Take(ref long full, long now)
    {
        (full, var answer) = Gcra.Take(full, limit, now);
        return answer;
    }

    /// <summary>Makes room for many keys at once, so that a pass over all of them is paid for by as many requests.</summary>
    private bool MakeRoom(long now)
    {
        if (now < _noRoomUntil) return false;
        Drop(now);
        if (_full.Count > capacity - capacity / 4)
        {
            var droppable = _full.Values.Where(full => !Gcra.IsUsedUp(full, limit, now)).Order().ToList();
            if (droppable.Count > 0) Drop(droppable[Math.Min(droppable.Count - 1, capacity / 4)]);
        }
        if (_full.Count < capacity) return true;
        _noRoomUntil = _full.Values.Min() - limit.Recovery.Ticks + limit.Interval.Ticks;
        return false;
    }

    private void Drop(long upTo)
    {
        foreach (var (key, full) in _full)
        {
            if (full <= upTo) _full.Remove(key);
        }
    }
}
