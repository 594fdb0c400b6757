using QuantaPilot.Core.Ports;

namespace QuantaPilot.Core.Limits;

/// <summary>
/// The generic cell rate algorithm (ITU-T I.371), as a leaky bucket in one number per key: the time at which all permits are
/// back. Each permit that is taken moves it on by one interval; it may lie ahead by as many intervals as the burst has permits.
/// A time that has passed says no more than that nothing is known of the key.
/// </summary>
public static class Gcra
{
    /// <summary>Takes permits, all or none.</summary>
    /// <param name="full">When all permits of the key are back, in UTC ticks; 0 for a key that is not known.</param>
    /// <param name="limit">The limit.</param>
    /// <param name="now">The time, in UTC ticks.</param>
    /// <param name="permits">How many to take.</param>
    /// <returns>When all permits are back after that, and the answer.</returns>
    public static (long Full, RateLimitAnswer Answer) Take(long full, RateLimit limit, long now, int permits = 1)
    {
        var (interval, latest) = (limit.Interval.Ticks, now + limit.Recovery.Ticks);
        // Further ahead it can only be after a clock was set back, which must not shut anybody out.
        full = Math.Clamp(full, now, latest);
        var after = full + permits * interval;
        return after <= latest
            ? (after, new RateLimitAnswer(true, TimeSpan.Zero, (int)((latest - after) / interval), TimeSpan.FromTicks(after - now)))
            : (full, new RateLimitAnswer(
                false, TimeSpan.FromTicks(after - latest), (int)((latest - full) / interval), TimeSpan.FromTicks(full - now)));
    }

    /// <summary>True if the key has no permit left at that time.</summary>
    public static bool IsUsedUp(long full, RateLimit limit, long now) => full > now + limit.Recovery.Ticks - limit.Interval.Ticks;
}
