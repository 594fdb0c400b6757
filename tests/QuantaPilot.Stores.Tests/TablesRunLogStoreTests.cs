using QuantaPilot.Core.Ports;
using QuantaPilot.Integrations.Tables;

namespace QuantaPilot.Stores.Tests;

/// <summary>The suite on Azure Table Storage.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class TablesRunLogStoreTests(AzuriteFixture azurite) : RunLogStoreSuite
{
    private StorageAccount? _account;

    protected override async Task<IRunLogStore> OpenAsync()
    {
        _account ??= await StorageAccount.CreateAsync(azurite);
        return new TablesRunLogStore(_account.Storage());
    }

    public override Task DisposeAsync() => Task.CompletedTask;
}
