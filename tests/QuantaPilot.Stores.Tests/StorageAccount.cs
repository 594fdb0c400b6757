using Azure.Data.Tables;
using Azure.Storage.Blobs;
using QuantaPilot.Integrations.Tables;

namespace QuantaPilot.Stores.Tests;

/// <summary>One emulator for all tests of the collection.</summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    private Azurite? _azurite;

    public string ConnectionString => _azurite!.ConnectionString;

    public async Task InitializeAsync() => _azurite = await Azurite.StartAsync();

    public async Task DisposeAsync()
    {
        if (_azurite is not null) await _azurite.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class AzuriteCollection : ICollectionFixture<AzuriteFixture>
{
    public const string Name = "Azurite";
}

/// <summary>Tables of a test's own, and as many instances of the stores upon them as it wants.</summary>
internal sealed class StorageAccount
{
    private readonly TablesOptions _options;

    private StorageAccount(TablesOptions options) => _options = options;

    public static async Task<StorageAccount> CreateAsync(AzuriteFixture azurite, TimeSpan settleTime = default)
    {
        var account = new StorageAccount(new TablesOptions
        {
            ConnectionString = azurite.ConnectionString,
            TablePrefix = $"t{Guid.NewGuid():N}"[..20],
            SettleTime = settleTime,
            PollInterval = TimeSpan.FromMilliseconds(20),
            CancellationPollInterval = TimeSpan.FromMilliseconds(20),
        });
        await account.Storage().CreateAsync(default);
        return account;
    }

    public TablesStorage Storage(RequestPolicy? policy = null)
    {
        if (policy is null) return new TablesStorage(_options);
        return new TablesStorage(_options, policy.For(new TableClientOptions()), policy.For(new BlobClientOptions()));
    }

    /// <summary>A store as another instance of the app would have it.</summary>
    public TablesRunStore Open(RequestPolicy? policy = null, TimeProvider? time = null) =>
        new(Storage(policy), _options, time ?? TimeProvider.System, CheckedLogger.For<TablesRunStore>());

    /// <summary>All rows there are, but for those that tell which hours have events.</summary>
    public async Task<IReadOnlyList<string>> RowsAsync()
    {
        var rows = new List<string>();
        foreach (var table in new[] { TablesStorage.Runs, TablesStorage.RunLists, TablesStorage.EventLog })
        {
            await foreach (var row in Storage().Table(table).QueryAsync<TableEntity>())
            {
                if (row.PartitionKey != Keys.Hours) rows.Add($"{table} {row.PartitionKey} {row.RowKey}");
            }
        }
        return rows;
    }

    public async Task<IReadOnlyList<string>> BlobsAsync()
    {
        var blobs = new List<string>();
        await foreach (var blob in Storage().Documents.GetBlobsAsync()) blobs.Add(blob.Name);
        return blobs;
    }
}
