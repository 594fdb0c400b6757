using System.Collections.Concurrent;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Limits;

/// <summary>Counts in this process. Each limit has its own keys, so that a flood of addresses is no matter for tokens.</summary>
/// <param name="capacity">How many keys of one limit are remembered; a key costs some 150 bytes.</param>
internal sealed class InMemoryRateLimiter(int capacity) : IRateLimiter
{
    public const int DefaultCapacity = 100_000;

    // As many threads as there are processors can count at once without waiting for each other much.
    private const int Shards = 16;

    private readonly ConcurrentDictionary<RateLimit, KeyTable[]> _tables = new();

    public InMemoryRateLimiter()
        : this(DefaultCapacity)
    {
    }

    /// <summary>How many keys are remembered at present.</summary>
    public int Count => _tables.Values.Sum(shards => shards.Sum(shard => shard.Count));

    public ValueTask<RateLimitAnswer> TakeAsync(string key, RateLimit limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var shards = _tables.GetOrAdd(limit, CreateShards, capacity);
        // The hash of strings differs from process to process: nobody can aim at a shard.
        return ValueTask.FromResult(shards[(uint)key.GetHashCode(StringComparison.Ordinal) % Shards].Take(key, now.UtcTicks));
    }

    private static KeyTable[] CreateShards(RateLimit limit, int capacity) =>
        [.. Enumerable.Range(0, Shards).Select(_ => new KeyTable(limit, Math.Max(1, capacity / Shards)))];
}
