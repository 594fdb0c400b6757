using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Subscriptions;

namespace QuantaPilot.Stores.Tests;

/// <summary>What every store of subscriptions does, on each of them.</summary>
public abstract class SubscriptionStoreSuite : IAsyncLifetime
{
    private ISubscriptionStore _store = null!;

    public async Task InitializeAsync() => _store = await OpenAsync();

    public abstract Task DisposeAsync();

    /// <summary>A store over what earlier ones have written.</summary>
    protected abstract Task<ISubscriptionStore> OpenAsync();

    [Fact]
    public async Task Create_Subscription_IsThereAsItWasStoredWithItsSecrets()
    {
        var subscription = SubscriptionScenario.Of() with
        {
            Filter = new SubscriptionFilter(
                ["run_failed", "run_completed"], ["https://example.com/*", "*"], RunId.From(Guid.CreateVersion7())),
            PlainSecret = new PlainSecret("plain"),
        };
        subscription = subscription.Rotated(new SigningSecret("whsec_AAAA", Scenario.Start.AddHours(1)), TimeSpan.FromDays(1));
        await _store.CreateAsync(subscription.Disabled("no reason", Scenario.Start.AddHours(2)), default);

        _store = await OpenAsync();
        var stored = (await _store.FindAsync(subscription.Id, default))!;

        Assert.Equivalent(subscription.Disabled("no reason", Scenario.Start.AddHours(2)), stored, strict: true);
        Assert.Equal(["whsec_AAAA", SubscriptionScenario.Secret], stored.Secrets.Select(secret => secret.Text));
        Assert.Equal(Scenario.Start.AddHours(25), stored.Secrets[1].ExpiresAt);
    }

    [Fact]
    public async Task Create_SameIdAgain_IsRefused()
    {
        var subscription = SubscriptionScenario.Of();
        await _store.CreateAsync(subscription, default);

        await Assert.ThrowsAsync<ArgumentException>(
            () => _store.CreateAsync(subscription with { Url = "https://example.com/other" }, default));

        Assert.Equal(subscription.Url, (await _store.FindAsync(subscription.Id, default))!.Url);
    }

    [Fact]
    public async Task List_Subscriptions_ComeNewestFirst()
    {
        Assert.Empty(await _store.ListRecentAsync(default));
        var older = SubscriptionScenario.Of();
        var newer = SubscriptionScenario.Of(createdAt: Scenario.Start.AddSeconds(1));
        await _store.CreateAsync(older, default);
        await _store.CreateAsync(newer, default);

        Assert.Equal([newer.Id, older.Id], (await _store.ListAsync(default)).Select(one => one.Id));
        Assert.Equal([newer.Id, older.Id], (await _store.ListRecentAsync(default)).Select(one => one.Id));
        Assert.Same(await _store.ListRecentAsync(default), await _store.ListRecentAsync(default));
    }

    [Fact]
    public async Task Update_ManyAtOnce_LosesNone()
    {
        var subscription = SubscriptionScenario.Of();
        await _store.CreateAsync(subscription, default);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _store.UpdateAsync(
            subscription.Id, present => present with { CreatedBy = present.CreatedBy + "+" }, default)));

        Assert.Equal("olga" + new string('+', 20), (await _store.FindAsync(subscription.Id, default))!.CreatedBy);
    }

    [Fact]
    public async Task Update_OwnWrites_AreInTheRecentListAtOnce()
    {
        var subscription = SubscriptionScenario.Of();
        await _store.CreateAsync(subscription, default);
        Assert.True(Assert.Single(await _store.ListRecentAsync(default)).IsEnabled);

        var after = await _store.UpdateAsync(subscription.Id, present => present.Disabled("enough", Scenario.Start), default);

        Assert.Equal("enough", after!.DisabledReason);
        Assert.False(Assert.Single(await _store.ListRecentAsync(default)).IsEnabled);
        Assert.True(await _store.DeleteAsync(subscription.Id, default));
        Assert.Empty(await _store.ListRecentAsync(default));
    }

    [Fact]
    public async Task Update_NoSuchSubscription_IsNullAndMakesNone()
    {
        var subscription = SubscriptionScenario.Of();
        await _store.CreateAsync(subscription, default);
        Assert.True(await _store.DeleteAsync(subscription.Id, default));

        Assert.Null(await _store.UpdateAsync(subscription.Id, present => present.Disabled("enough", Scenario.Start), default));
        Assert.False(await _store.DeleteAsync(subscription.Id, default));
        Assert.Null(await _store.FindAsync(subscription.Id, default));
    }
}
