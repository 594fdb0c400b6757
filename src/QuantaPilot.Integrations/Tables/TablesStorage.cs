using Azure.Core;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage.Blobs;

namespace QuantaPilot.Integrations.Tables;

/// <summary>
/// The tables, and the container of what is too large for a row, of one app in a storage account. Every store on Azure Storage
/// gets its tables from here. An account that can't be used is a <see cref="Core.Ports.StorageUnavailableException"/> everywhere.
/// </summary>
public sealed class TablesStorage
{
    public const string Runs = "Runs";
    public const string RunLists = "RunLists";
    public const string EventLog = "EventLog";
    public const string PullRequests = "PullRequests";
    public const string Tokens = "Tokens";
    public const string RateLimits = "RateLimits";
    public const string Deliveries = "Deliveries";
    public const string Subscriptions = "Subscriptions";
    public const string Audit = "Audit";
    public const string RunLogs = "RunLogs";
    public const string AgentTasks = "AgentTasks";
    public const string Usage = "Usage";

    /// <summary>All that <see cref="CreateAsync"/> makes.</summary>
    private static readonly string[] _names =
        [Runs, RunLists, EventLog, PullRequests, Tokens, Deliveries, Subscriptions, Audit, RunLogs, AgentTasks, Usage];

    private readonly TableServiceClient _tables;
    private readonly string _prefix;

    /// <exception cref="ArgumentException">A value is missing or out of range; the message names it and what is accepted.</exception>
    public TablesStorage(TablesOptions options)
        : this(options, new TableClientOptions(), new BlobClientOptions())
    {
    }

    /// <summary>With clients set up by the caller, e.g. with policies of its own. Bounds on retries are set here.</summary>
    /// <exception cref="ArgumentException">A value is missing or out of range; the message names it and what is accepted.</exception>
    public TablesStorage(TablesOptions options, TableClientOptions tableOptions, BlobClientOptions blobOptions)
    {
        options.Validate();
        Bound(StorageFaultPolicy.AddTo(tableOptions).Retry);
        Bound(StorageFaultPolicy.AddTo(blobOptions).Retry);
        BlobServiceClient blobs;
        if (options.ConnectionString is { Length: > 0 } connectionString)
        {
            _tables = new TableServiceClient(connectionString, tableOptions);
            blobs = new BlobServiceClient(connectionString, blobOptions);
        }
        else
        {
            var credential = new DefaultAzureCredential();
            _tables = new TableServiceClient(new Uri($"https://{options.AccountName}.table.core.windows.net"), credential, tableOptions);
            blobs = new BlobServiceClient(new Uri($"https://{options.AccountName}.blob.core.windows.net"), credential, blobOptions);
        }
        _prefix = options.TablePrefix;
        Documents = blobs.GetBlobContainerClient($"{_prefix.ToLowerInvariant()}-documents");
    }

    internal BlobContainerClient Documents { get; }

    /// <param name="name">Without the prefix.</param>
    public TableClient Table(string name) => _tables.GetTableClient(_prefix + name);

    /// <summary>Makes the stores' tables and the container unless they are there. To be called once before the stores are used.</summary>
    /// <exception cref="Core.Ports.StorageUnavailableException">The account can't be reached or refuses the credentials.</exception>
    public Task CreateAsync(CancellationToken cancellationToken) => Task.WhenAll([
        Documents.CreateIfNotExistsAsync(cancellationToken: cancellationToken),
        .. _names.Select(name => Table(name).CreateIfNotExistsAsync(cancellationToken)),
    ]);

    /// <summary>
    /// Throttling (429, 503) and lost connections are tried again for at most about 10 s: a caller over HTTP waits no longer, and an
    /// activity is repeated by its engine.
    /// </summary>
    private static void Bound(RetryOptions retry)
    {
        retry.Mode = RetryMode.Exponential;
        retry.MaxRetries = 5;
        retry.Delay = TimeSpan.FromMilliseconds(200);
        retry.MaxDelay = TimeSpan.FromSeconds(5);
        retry.NetworkTimeout = TimeSpan.FromSeconds(10);
    }
}
