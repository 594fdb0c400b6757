using QuantaPilot.Core.Subscriptions;

namespace QuantaPilot.Testing;

/// <summary>Subscriptions to put into a store.</summary>
public static class SubscriptionScenario
{
    /// <summary>The secret of <see cref="Of"/>; a published example, so that it looks like one and is none.</summary>
    public const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    public static Subscription Of(string url = "https://example.com/hook", string project = "*", DateTimeOffset? createdAt = null) => new()
    {
        Id = SubscriptionId.From(Guid.NewGuid().ToByteArray().AsSpan(0, SubscriptionId.Bytes)),
        Url = url,
        Filter = new SubscriptionFilter([], [project]),
        Secrets = [new SigningSecret(Secret, createdAt ?? Scenario.Start)],
        CreatedBy = "olga",
        CreatedAt = createdAt ?? Scenario.Start,
        UpdatedAt = createdAt ?? Scenario.Start,
    };
}
