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

    /// <summary>The value of the timestamp's header: seconds since 1970.</summary>
    public static string Timestamp(DateTimeOffset at) => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>The value of the signature's header: a signature with each of the secrets.</summary>
    public static string Sign(IEnumerable<SigningSecret> secrets, string id, string timestamp, ReadOnlySpan<byte> body)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        return string.Join(' ', secrets.Select(secret => "v1," + Convert.ToBase64String(HMACSHA256.HashData(KeyOf(secret), signed))));
    }

    private static byte[] KeyOf(SigningSecret secret) => Convert.FromBase64String(secret.Text[SigningSecret.Prefix.Length..]);
}
