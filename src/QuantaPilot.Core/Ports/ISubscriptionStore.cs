using QuantaPilot.Core.Subscriptions;

namespace QuantaPilot.Core.Ports;

/// <summary>
/// Who gets events by webhook. Secrets are stored as they are, since requests are signed with them. Every write is durable
/// when it returns.
/// </summary>
public interface ISubscriptionStore
{
    /// <exception cref="ArgumentException">There is a subscription with that id.</exception>
    Task CreateAsync(Subscription subscription, CancellationToken cancellationToken);

    /// <summary>The subscription, or null.</summary>
    Task<Subscription?> FindAsync(string id, CancellationToken cancellationToken);

    /// <summary>All subscriptions, newest first. They are few: there is no paging.</summary>
    Task<IReadOnlyList<Subscription>> ListAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The same, from memory where possible: what this instance wrote is in it, what other instances wrote is after 10 s at the
    /// latest. While nothing has changed it may answer the very same list.
    /// </summary>
    ValueTask<IReadOnlyList<Subscription>> ListRecentAsync(CancellationToken cancellationToken);

    /// <summary>Changes a subscription; no change by somebody else at the same time is lost.</summary>
    /// <param name="id">Which.</param>
    /// <param name="change">Must be pure: it may be called several times.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The subscription as it stands after it; null if there is none.</returns>
    Task<Subscription?> UpdateAsync(string id, Func<Subscription, Subscription> change, CancellationToken cancellationToken);

    /// <returns>False if there is no such subscription.</returns>
    Task<bool> DeleteAsync(string id, CancellationToken cancellationToken);
}
