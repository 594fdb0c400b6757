using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Subscriptions;

namespace QuantaPilot.Integrations.Tests.Webhooks;

/// <summary>Subscriptions in a list.</summary>
internal sealed class InMemorySubscriptionStore : ISubscriptionStore
{
    private IReadOnlyList<Subscription> _all = [];

    public Task CreateAsync(Subscription subscription, CancellationToken cancellationToken)
    {
        _all = [subscription, .. _all];
        return Task.CompletedTask;
    }

    public Task<Subscription?> FindAsync(string id, CancellationToken cancellationToken) =>
        Task.FromResult(_all.SingleOrDefault(one => one.Id == id));

    public Task<IReadOnlyList<Subscription>> ListAsync(CancellationToken cancellationToken) => Task.FromResult(_all);

    public ValueTask<IReadOnlyList<Subscription>> ListRecentAsync(CancellationToken cancellationToken) => new(_all);

    public Task<Subscription?> UpdateAsync(string id, Func<Subscription, Subscription> change, CancellationToken cancellationToken)
    {
        _all = [.. _all.Select(one => one.Id == id ? change(one) : one)];
        return FindAsync(id, cancellationToken);
    }

    public Task<bool> DeleteAsync(string id, CancellationToken cancellationToken)
    {
        var count = _all.Count;
        _all = [.. _all.Where(one => one.Id != id)];
        return Task.FromResult(_all.Count < count);
    }
}
