using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Data.Tables;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Integrations.Tables;

/// <summary>
/// Where the count of a key is kept. Keys are hashed: source addresses are nobody's business, and any text is safe in a key.
/// </summary>
internal readonly record struct RateLimitRow(string PartitionKey, string RowKey)
{
    /// <summary>UTC ticks: when all permits of the key are back.</summary>
    public const string FullColumn = "Full";

    public static RateLimitRow For(RateLimit limit, string key)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 16));
        // 256 partitions to a limit, so that none of them takes all the load.
        return new RateLimitRow($"{limit.Name}-{hash[..2]}", hash);
    }

    public TableEntity ToEntity(long full, ETag? etag) =>
        new(PartitionKey, RowKey) { [FullColumn] = full, ETag = etag ?? default };
}
