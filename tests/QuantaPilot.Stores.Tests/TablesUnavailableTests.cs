using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Tables;

namespace QuantaPilot.Stores.Tests;

/// <summary>A storage account that can't be used is one typed error, whichever store asks.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class TablesUnavailableTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task EveryStore_OverAnAccountThatNobodyListensFor_SaysThatItCantBeReached()
    {
        using var port = new ClosedPort();

        var faults = await FaultsOfAllAsync(UnusableStorage.At(port));

        Assert.All(faults, fault =>
        {
            Assert.False(fault.IsRefusal);
            Assert.Equal($"Azure Storage can't be reached at {port.Url}: ConnectionRefused.", fault.Message);
            Assert.NotNull(fault.InnerException);
        });
    }

    [Fact]
    public async Task EveryStore_WithAnotherAccountsKey_SaysThatTheCredentialsAreRefused()
    {
        var faults = await FaultsOfAllAsync(UnusableStorage.WithWrongKey(azurite.ConnectionString));

        Assert.All(faults, fault =>
        {
            Assert.True(fault.IsRefusal);
            const string Refusal = @" refuses the credentials or the network of this app: HTTP 403( \w+)?\.";
            Assert.Matches(@"^Azure Storage at http://127\.0\.0\.1:\d+" + Refusal + "$", fault.Message);
        });
    }

    [Fact]
    public async Task Call_ThatTheCallerGivesUp_IsNoFaultOfTheStorage()
    {
        using var port = new ClosedPort();
        using var cancelled = new CancellationTokenSource();
        var reading = new TablesTokenStore(Storage(UnusableStorage.At(port)), TimeProvider.System).ListAsync(cancelled.Token);

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    /// <summary>All at once, since each is tried again for some seconds.</summary>
    private static async Task<IReadOnlyList<StorageUnavailableException>> FaultsOfAllAsync(string connectionString)
    {
        var storage = Storage(connectionString);
        var options = new TablesOptions { ConnectionString = connectionString };
        var runs = new TablesRunStore(storage, options, TimeProvider.System, CheckedLogger.For<TablesRunStore>());
        var tokens = new TablesTokenStore(storage, TimeProvider.System);
        var pullRequests = new TablesPullRequestStore(storage, TimeProvider.System);
        var deliveries = new TablesDeliveryStore(storage);
        var id = RunId.From(Guid.CreateVersion7());
        Func<Task>[] calls =
        [
            () => storage.CreateAsync(default),
            () => runs.CreateAsync(Scenario.Run(), default),
            () => runs.GetAsync(id, default),
            () => runs.ListAsync(new RunQuery(), default),
            () => runs.AppendAsync(id, [Scenario.Started()], default),
            () => runs.ReadEventsAsync(id, 0, 10, default),
            () => runs.LastPositionAsync(default),
            () => tokens.FindAsync(new byte[32], default).AsTask(),
            () => tokens.ListAsync(default),
            () => pullRequests.GetAsync("https://example.com/org/project.git", 1, default),
            () => deliveries.ListAsync(new DeliveryQuery(), default),
        ];
        return await Task.WhenAll(calls.Select(call => Assert.ThrowsAsync<StorageUnavailableException>(call)));
    }

    private static TablesStorage Storage(string connectionString) => new(new TablesOptions { ConnectionString = connectionString });
}
