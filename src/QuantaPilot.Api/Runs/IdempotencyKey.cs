using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Runs;

/// <summary>
/// The key makes the run id, so that repeats of a request, also simultaneous ones, meet at the same run and the store's
/// one-run-per-id settles the race.
/// </summary>
internal static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";
    private const int MaxLength = 255;

    /// <summary>Null if the header is acceptable, else what is wrong with it.</summary>
    public static string? FindFault(StringValues header) =>
        header is [{ Length: > 0 and <= MaxLength } key] && key.All(c => c is > ' ' and < '\x7f')
            ? null
            : $"must be one value of 1 to {MaxLength} visible ASCII characters";

    public static RunId ToRunId(string tokenId, string key) => RunId.From(new Guid(Digest(tokenId, key).AsSpan(0, 16), bigEndian: true));

    /// <summary>Tells a repeat of a request from another one under the same key.</summary>
    public static string DigestOf(ValidRunRequest request) => Convert.ToHexStringLower(Digest(
        request.Repository.Value, request.Branch, request.QuantapilotYamlPath ?? "", request.CorrelationId ?? ""));

    /// <summary>The id of the one run that may retry a run.</summary>
    public static RunId ToRetryId(RunId run) => RunId.From(new Guid(Digest("retry", run.ToString()).AsSpan(0, 16), bigEndian: true));

    /// <summary>Tells a repeat of a retry under the same key from another caller's, or another key's.</summary>
    public static string DigestOfRetry(string tokenId, string key, RunId run) =>
        Convert.ToHexStringLower(Digest("retry", tokenId, key, run.ToString()));

    /// <summary>The digest of a request without a key: no other one is its repeat.</summary>
    public static string NewDigest() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes));

    // None of the parts can hold a line feed, so different parts never give the same text.
    private static byte[] Digest(params string[] parts) => SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts)));
}
