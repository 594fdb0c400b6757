using QuantaPilot.Core.Ports;
using QuantaPilot.Integrations.Tables;

namespace QuantaPilot.Stores.Tests;

/// <summary>The suite on Azure Storage.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class TablesAdmissionStoreTests(AzuriteFixture azurite) : AdmissionStoreSuite
{
    private readonly List<TablesAdmissionStore> _opened = [];
    private StorageAccount? _account;

    protected override async Task<IAdmissionStore> OpenAsync()
    {
        _account ??= await StorageAccount.CreateAsync(azurite);
        var store = new TablesAdmissionStore(_account.Storage(), TimeProvider.System);
        _opened.Add(store);
        return store;
    }

    public override Task DisposeAsync()
    {
        foreach (var store in _opened) store.Dispose();
        return Task.CompletedTask;
    }
}
