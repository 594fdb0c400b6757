using QuantaPilot.Core.Ports;
using QuantaPilot.Engine.Storage;
using QuantaPilot.Host.Sqlite;

namespace QuantaPilot.Stores.Tests;

/// <summary>The suite on the standalone host's file.</summary>
#pragma warning disable CA1001 // xunit disposes of a test through IAsyncLifetime.
public sealed class SqliteUsageStoreTests : UsageStoreSuite
#pragma warning restore CA1001
{
    private readonly TempDirectory _directory = new();
    private SqliteFile? _file;

    protected override Task<IUsageStore> OpenAsync()
    {
        _file?.Dispose();
        _file = SqliteFile.Open(_directory.Combine("usage.db"), RunsSchema.Scripts);
        return Task.FromResult<IUsageStore>(new SqliteUsageStore(_file));
    }

    public override Task DisposeAsync()
    {
        _file?.Dispose();
        _directory.Dispose();
        return Task.CompletedTask;
    }
}
