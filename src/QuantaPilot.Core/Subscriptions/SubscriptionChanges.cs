namespace QuantaPilot.Core.Subscriptions;

/// <summary>The pure changes of a subscription.</summary>
public static class SubscriptionChanges
{
    /// <summary>How many secrets may count at once, so that the header with a signature of each stays short.</summary>
    public const int MaxSecrets = 5;

    /// <summary>The subscription with a new secret. Those that it had count until the overlap is over, or until their own end.</summary>
    /// <param name="subscription">The subscription.</param>
    /// <param name="secret">The new one, made now.</param>
    /// <param name="overlap">How long the former ones still count; zero ends them at once.</param>
    public static Subscription Rotated(this Subscription subscription, SigningSecret secret, TimeSpan overlap)
    {
        var end = secret.CreatedAt + overlap;
        var former = subscription.Secrets
            .Select(known => known with { ExpiresAt = known.ExpiresAt < end ? known.ExpiresAt : end })
            .Where(known => known.IsValidAt(secret.CreatedAt));
        return subscription with { Secrets = [secret, .. former], UpdatedAt = secret.CreatedAt };
    }

    /// <summary>The subscription, getting no events. One that is disabled keeps its first reason.</summary>
    public static Subscription Disabled(this Subscription subscription, string reason, DateTimeOffset at) => subscription.IsEnabled
        ? subscription with { DisabledAt = at, DisabledReason = reason, UpdatedAt = at }
        : subscription;

    /// <summary>The subscription, getting events.</summary>
    public static Subscription Enabled(this Subscription subscription, DateTimeOffset at) => subscription.IsEnabled
        ? subscription
        : subscription with { DisabledAt = null, DisabledReason = null, UpdatedAt = at };
}
