using QuantaPilot.Core.Ports;
using QuantaPilot.Integrations.Tables;

namespace QuantaPilot.Stores.Tests;

/// <summary>The suite on Azure Table Storage.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class TablesStoreTests(AzuriteFixture azurite) : RunStoreSuite
{
    private StorageAccount? _account;

    protected override async Task<(IRunStore Runs, ITokenStore Tokens, IPullRequestStore PullRequests)> OpenAsync()
    {
        _account ??= await StorageAccount.CreateAsync(azurite);
        var storage = _account.Storage();
        return (
            _account.Open(), new TablesTokenStore(storage, TimeProvider.System), new TablesPullRequestStore(storage, TimeProvider.System));
    }

    public override Task DisposeAsync() => Task.CompletedTask;
}
