using Azure.Data.Tables;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Tables;

namespace QuantaPilot.Stores.Tests;

/// <summary>The suite on Azure Table Storage, and what only that does.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class TablesDeliveryStoreTests(AzuriteFixture azurite) : DeliveryStoreSuite
{
    private StorageAccount? _account;

    protected override async Task<IDeliveryStore> OpenAsync()
    {
        _account ??= await StorageAccount.CreateAsync(azurite);
        return new TablesDeliveryStore(_account.Storage());
    }

    public override Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task DeleteOfRun_LeavesNoRows()
    {
        var store = await OpenAsync();
        var run = RunId.From(Guid.CreateVersion7());
        var id = await store.AddAsync(DeliveryScenario.Pending(run, 1));
        await store.UpdateAsync(
            id.Batch, (_, present) => present!.Attempted(SinkAnswer.Refused(DeliveryCodes.Rejected, 400), Scenario.Start, null), default);

        await store.DeleteOfRunAsync(run, default);

        var rows = new List<TableEntity>();
        await foreach (var row in _account!.Storage().Table(TablesStorage.Deliveries).QueryAsync<TableEntity>()) rows.Add(row);
        Assert.Empty(rows);
    }
}
