using System.Globalization;

namespace QuantaPilot.Api.Limits;

/// <summary>
/// How many requests are taken. Each limit is a number per minute, which may also come all at once; 0 for no limit. Over it a
/// request is answered with 429. A batch of decisions counts as one request, and so does a stream.
/// </summary>
public sealed record RateLimitOptions
{
    /// <summary>The largest number that a limit can be set to.</summary>
    public const int MaxPerMinute = 1_000_000;

    /// <summary><c>POST /run</c>, per token. Default: 600.</summary>
    public int TriggersPerMinute { get; init; } = 600;

    /// <summary>Decisions at gates, per token. Default: 1,200.</summary>
    public int DecisionsPerMinute { get; init; } = 1_200;

    /// <summary>Other requests than GET, per token. Default: 1,200.</summary>
    public int WritesPerMinute { get; init; } = 1_200;

    /// <summary>GET requests, per token. Default: 6,000.</summary>
    public int ReadsPerMinute { get; init; } = 6_000;

    /// <summary>
    /// Requests without a valid token, per source address (of IPv6, per /64). A valid token from the same address is not
    /// affected. Default: 60.
    /// </summary>
    public int FailedAuthenticationsPerMinute { get; init; } = 60;

    /// <summary>
    /// How many proxies stand in front of the host and append to <c>X-Forwarded-For</c>; the source address is the one that
    /// the outermost of them saw. Default: 0, the header is not believed.
    /// </summary>
    public int TrustedProxies { get; init; }

    private static IReadOnlyDictionary<string, Func<RateLimitOptions, int, RateLimitOptions>> Setters { get; } =
        new Dictionary<string, Func<RateLimitOptions, int, RateLimitOptions>>
        {
            ["triggers"] = (options, count) => options with { TriggersPerMinute = count },
            ["decisions"] = (options, count) => options with { DecisionsPerMinute = count },
            ["writes"] = (options, count) => options with { WritesPerMinute = count },
            ["reads"] = (options, count) => options with { ReadsPerMinute = count },
            ["failed-authentications"] = (options, count) => options with { FailedAuthenticationsPerMinute = count },
        };

    /// <summary>Changes limits as a command line gives them: <c>triggers=60</c>.</summary>
    /// <exception cref="FormatException">Names what is wrong and what is accepted.</exception>
    public RateLimitOptions With(IEnumerable<string> settings) => settings.Aggregate(this, (options, setting) =>
    {
        var parts = setting.Split('=');
        if (parts.Length != 2 || !Setters.TryGetValue(parts[0], out var set)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count > MaxPerMinute)
        {
            throw new FormatException(
                $"'{setting}' is no rate limit: give NAME=COUNT, the requests per minute (0 for no limit, at most {MaxPerMinute}), "
                + $"where NAME is one of {string.Join(", ", Setters.Keys)}.");
        }
        return set(options, count);
    });

    /// <exception cref="ArgumentOutOfRangeException">A number is negative or too large; the message names it.</exception>
    internal void Validate()
    {
        Check(TriggersPerMinute, nameof(TriggersPerMinute), MaxPerMinute);
        Check(DecisionsPerMinute, nameof(DecisionsPerMinute), MaxPerMinute);
        Check(WritesPerMinute, nameof(WritesPerMinute), MaxPerMinute);
        Check(ReadsPerMinute, nameof(ReadsPerMinute), MaxPerMinute);
        Check(FailedAuthenticationsPerMinute, nameof(FailedAuthenticationsPerMinute), MaxPerMinute);
        Check(TrustedProxies, nameof(TrustedProxies), 10);
    }

    private static void Check(int value, string name, int max)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, max, name);
    }
}
