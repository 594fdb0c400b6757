namespace QuantaPilot.Core.Ports;

/// <summary>Counts what is done against limits, by the generic cell rate algorithm (<see cref="Limits.Gcra"/>).</summary>
public interface IRateLimiter
{
    /// <summary>
    /// Takes one permit if there is one. Never fails for want of its own storage: what can't be counted is let through.
    /// </summary>
    /// <param name="key">Whose permits: a token's id, a source address. Each limit has keys of its own.</param>
    /// <param name="limit">The limit; the same for all calls under its name.</param>
    /// <param name="now">The time of the request.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    ValueTask<RateLimitAnswer> TakeAsync(string key, RateLimit limit, DateTimeOffset now, CancellationToken cancellationToken);
}

/// <summary>So many permits per period, evenly given back.</summary>
/// <param name="Name">Unique among the limits of a host: letters, digits and hyphens.</param>
/// <param name="Count">Permits that come back per period, at least 1.</param>
/// <param name="Period">The period.</param>
/// <param name="Burst">Permits that a key can have saved up, at least 1: so many can be taken at one moment.</param>
public sealed record RateLimit(string Name, int Count, TimeSpan Period, int Burst)
{
    /// <summary>After how long one permit comes back.</summary>
    public TimeSpan Interval { get; } = TimeSpan.FromTicks(Math.Max(1, Period.Ticks / Count));

    /// <summary>After how long a key without any permit has all of them again.</summary>
    public TimeSpan Recovery => Interval * Burst;
}

/// <param name="Allowed">True if a permit was taken.</param>
/// <param name="RetryAfter">When there is one again; zero if one was taken.</param>
/// <param name="Remaining">Permits that are left.</param>
/// <param name="Reset">After how long all of them are back.</param>
public readonly record struct RateLimitAnswer(bool Allowed, TimeSpan RetryAfter, int Remaining, TimeSpan Reset);
