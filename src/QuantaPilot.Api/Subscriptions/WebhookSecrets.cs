using System.Buffers.Text;
using System.Security.Cryptography;
using QuantaPilot.Core.Subscriptions;

namespace QuantaPilot.Api.Subscriptions;

/// <summary>Makes secrets.</summary>
internal static class WebhookSecrets
{
    /// <summary>256 bits. Standard Webhooks asks for 24 to 64 bytes.</summary>
    private const int Bytes = 32;

    public static string NewId() => SubscriptionId.From(RandomNumberGenerator.GetBytes(SubscriptionId.Bytes));

    public static SigningSecret NewSigningSecret(DateTimeOffset now) =>
        new(SigningSecret.Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(Bytes)), now);

    public static PlainSecret NewPlainSecret() => new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes)));
}
