using Azure;
using QuantaPilot.Core.Limits;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Integrations.Tables;

/// <summary>What one instance knows of a key, and the permits that it has taken from the shared count in advance.</summary>
/// <param name="limit">The limit.</param>
/// <param name="row">The key of the row.</param>
internal sealed class RateLimitSlot(RateLimit limit, RateLimitRow row)
{
    private readonly Lock _gate = new();

    // Permits in advance, as a stretch of time with one permit to an interval. What of it has gone by is lost: in the shared
    // count it has been given back by then.
    private long _reservedFrom;
    private long _reservedTo;
    private long _full;

    public RateLimit Limit => limit;

    public RateLimitRow Row => row;

    /// <summary>Held while the row is read and written, so that an instance does so once at a time for a key.</summary>
    public SemaphoreSlim Writing { get; } = new(1);

    /// <summary>The version of the row that <see cref="Full"/> is from; null if it is not known, or if there is no row.</summary>
    public ETag? ETag { get; set; }

    /// <summary>When all permits are back, as far as is known; the row can only say later.</summary>
    public long Full => Volatile.Read(ref _full);

    /// <summary>Answers from what is known, or null if the row must be asked.</summary>
    public RateLimitAnswer? TryTake(long now)
    {
        lock (_gate)
        {
            var from = Math.Max(_reservedFrom, now);
            if (from + limit.Interval.Ticks <= _reservedTo)
            {
                _reservedFrom = from + limit.Interval.Ticks;
                var ahead = Math.Max(0, _full - (_reservedTo - _reservedFrom) - now);
                var remaining = Math.Max(0, (limit.Recovery.Ticks - ahead) / limit.Interval.Ticks);
                return new RateLimitAnswer(true, TimeSpan.Zero, (int)remaining, TimeSpan.FromTicks(ahead));
            }
            return Gcra.IsUsedUp(_full, limit, now) ? Gcra.Take(_full, limit, now).Answer : null;
        }
    }

    /// <summary>Takes in what the row holds.</summary>
    /// <param name="full">When all permits are back.</param>
    /// <param name="now">The time.</param>
    /// <param name="permits">How many of the permits were taken for this instance.</param>
    public void Learn(long full, long now, int permits = 0)
    {
        lock (_gate)
        {
            _full = full;
            if (permits == 0) return;
            _reservedFrom = now;
            _reservedTo = now + permits * limit.Interval.Ticks;
        }
    }

    /// <summary>Counts here alone.</summary>
    public RateLimitAnswer TakeAlone(long now)
    {
        lock (_gate)
        {
            (_full, var answer) = Gcra.Take(_full, limit, now);
            return answer;
        }
    }
}
