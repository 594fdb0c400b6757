using QuantaPilot.Core.Ports;

namespace QuantaPilot.Core.Orchestrations;

/// <summary>When a delivery that failed is tried again: the retries of api.md, over some three days.</summary>
public static class DeliverySchedule
{
    private static readonly TimeSpan[] _delays =
    [
        TimeSpan.FromSeconds(5),
        TimeSpan.FromMinutes(5),
        TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(2),
        TimeSpan.FromHours(5),
        TimeSpan.FromHours(10),
        TimeSpan.FromHours(14),
        TimeSpan.FromHours(20),
        TimeSpan.FromHours(24),
    ];

    /// <summary>How often a delivery is tried again after its first attempt.</summary>
    public static int Retries => _delays.Length;

    /// <summary>The longest pause that a destination can ask for.</summary>
    public static TimeSpan LongestRetryAfter => _delays[^1];

    /// <summary>The pause before a retry, jittered by a tenth so that what failed together does not come back together.</summary>
    /// <param name="retry">Which retry, from 1 to <see cref="Retries"/>.</param>
    /// <param name="random">Where the jitter comes from.</param>
    public static TimeSpan DelayBefore(int retry, Guid random)
    {
        // The last bytes: the first ones of a version 7 UUID are the time.
        var jitter = BitConverter.ToUInt16(random.ToByteArray(), 14) / (double)ushort.MaxValue;
        return _delays[retry - 1] * (0.9 + jitter / 5);
    }

    /// <summary>The pause, or what one of the answers asks for if that is longer.</summary>
    public static TimeSpan Longer(TimeSpan delay, IEnumerable<SinkAnswer>? answers)
    {
        var asked = answers?.Max(answer => answer.RetryAfter) ?? TimeSpan.Zero;
        if (asked > LongestRetryAfter) asked = LongestRetryAfter;
        return asked > delay ? asked : delay;
    }
}
