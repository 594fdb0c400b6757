using QuantaPilot.Core.Ports;
using QuantaPilot.Integrations.Tables;

namespace QuantaPilot.Stores.Tests;

/// <summary>The suite on Azure Table Storage.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class TablesAgentTaskStoreTests(AzuriteFixture azurite) : AgentTaskStoreSuite
{
    private StorageAccount? _account;

    protected override async Task<IAgentTaskStore> OpenAsync()
    {
        _account ??= await StorageAccount.CreateAsync(azurite);
        return new TablesAgentTaskStore(_account.Storage());
    }

    public override Task DisposeAsync() => Task.CompletedTask;
}
