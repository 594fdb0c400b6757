using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using QuantaPilot.Core.Subscriptions;

namespace QuantaPilot.Integrations.Webhooks;

/// <summary>
/// Signatures of Standard Webhooks, symmetric, version 1:
/// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Signature scheme".
/// </summary>
internal static class WebhookSignature
{
    public const string IdHeader = "webhook-id";
    public const string TimestampHeader = "webhook-timestamp";
    public const string SignatureHeader = "webhook-signature";

    /// <summary>How far the clocks of both sides may be apart, and how old a request may be: as the reference libraries have it.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>The value of the timestamp's header: seconds since 1970.</summary>
    public static string Timestamp(DateTimeOffset at) => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>The value of the signature's header: a signature with each of the secrets.</summary>
    public static string Sign(IEnumerable<SigningSecret> secrets, string id, string timestamp, ReadOnlySpan<byte> body)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        return string.Join(' ', secrets.Select(secret => "v1," + Convert.ToBase64String(HMACSHA256.HashData(KeyOf(secret), signed))));
    }

    /// <summary>
    /// True if one of the signatures in the header is that of version 1 with the secret, and the time is within
    /// <see cref="Tolerance"/> of now. Takes as long for a wrong signature as for a right one.
    /// </summary>
    public static bool Verify(
        SigningSecret secret, string id, string timestamp, string signatures, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) return false;
        if (Math.Abs((decimal)now.ToUnixTimeSeconds() - seconds) > (decimal)Tolerance.TotalSeconds) return false;
        var expected = Encoding.ASCII.GetBytes(Sign([secret], id, timestamp, body));
        var found = false;
        foreach (var signature in signatures.Split(' '))
            found |= CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(signature));
        return found;
    }

    private static byte[] KeyOf(SigningSecret secret) => Convert.FromBase64String(secret.Text[SigningSecret.Prefix.Length..]);
}
