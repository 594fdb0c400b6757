using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Subscriptions;
using QuantaPilot.Integrations.Tables;

namespace QuantaPilot.Stores.Tests;

/// <summary>The suite on Azure Table Storage, and what only that does.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class TablesSubscriptionStoreTests(AzuriteFixture azurite) : SubscriptionStoreSuite
{
    private readonly FakeTimeProvider _time = new(Scenario.Start);
    private readonly List<TablesSubscriptionStore> _stores = [];
    private StorageAccount? _account;

    protected override async Task<ISubscriptionStore> OpenAsync() => await OpenAsync(null);

    public override Task DisposeAsync()
    {
        foreach (var store in _stores) store.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task ListRecent_WrittenByAnotherInstance_IsSeenAfterTenSeconds()
    {
        var (here, there) = (await OpenAsync(null), await OpenAsync(null));
        Assert.Empty(await here.ListRecentAsync(default));
        await there.CreateAsync(SubscriptionScenario.Of(), default);

        Assert.Empty(await here.ListRecentAsync(default));
        Assert.Single(await here.ListAsync(default));
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Single(await here.ListRecentAsync(default));
    }

    [Fact]
    public async Task ListRecent_ManyAtOnce_AsksStorageOnce()
    {
        var policy = new RequestPolicy();
        var store = await OpenAsync(policy);

        var lists = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => store.ListRecentAsync(default).AsTask()));

        Assert.All(lists, list => Assert.Same(lists[0], list));
        Assert.Equal(1, policy.Count);
    }

    [Fact]
    public async Task ListRecent_AfterAWriteWhoseAnswerWasLost_ReadsAnew()
    {
        var subscription = SubscriptionScenario.Of();
        await (await OpenAsync(null)).CreateAsync(subscription, default);
        // The list, the row, and its change, which takes effect.
        var store = await OpenAsync(new RequestPolicy(dieAt: 3, afterSending: true));
        Assert.Single(await store.ListRecentAsync(default));

        await Assert.ThrowsAsync<InstanceDiedException>(
            () => store.UpdateAsync(subscription.Id, present => present.Disabled("enough", Scenario.Start), default));

        // Storage is away for good: what it held before the change is not answered.
        await Assert.ThrowsAsync<InstanceDiedException>(() => store.ListRecentAsync(default).AsTask());
    }

    private async Task<TablesSubscriptionStore> OpenAsync(RequestPolicy? policy)
    {
        _account ??= await StorageAccount.CreateAsync(azurite);
        var store = new TablesSubscriptionStore(_account.Storage(policy), _time);
        _stores.Add(store);
        return store;
    }
}
