using QuantaPilot.Core.Ports;
using QuantaPilot.Integrations.Tables;

namespace QuantaPilot.Stores.Tests;

/// <summary>The suite on Azure Table Storage.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class TablesUsageStoreTests(AzuriteFixture azurite) : UsageStoreSuite
{
    private StorageAccount? _account;

    protected override async Task<IUsageStore> OpenAsync()
    {
        _account ??= await StorageAccount.CreateAsync(azurite);
        return new TablesUsageStore(_account.Storage());
    }

    public override Task DisposeAsync() => Task.CompletedTask;
}
