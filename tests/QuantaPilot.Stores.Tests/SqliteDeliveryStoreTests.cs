using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Engine.Storage;
using QuantaPilot.Host.Sqlite;

namespace QuantaPilot.Stores.Tests;

/// <summary>The suite on the standalone host's file, and what only that does.</summary>
#pragma warning disable CA1001 // xunit disposes of a test through IAsyncLifetime.
public sealed class SqliteDeliveryStoreTests : DeliveryStoreSuite
#pragma warning restore CA1001
{
    private readonly TempDirectory _directory = new();
    private readonly RunId _run = RunId.From(Guid.CreateVersion7());
    private SqliteFile? _file;

    protected override Task<IDeliveryStore> OpenAsync()
    {
        _file?.Dispose();
        _file = SqliteFile.Open(_directory.Combine("deliveries.db"), RunsSchema.Scripts);
        return Task.FromResult<IDeliveryStore>(new SqliteDeliveryStore(_file));
    }

    public override Task DisposeAsync()
    {
        _file?.Dispose();
        _directory.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Update_ChangeThrows_LeavesTheWholeBatch()
    {
        var store = new SqliteDeliveryStore(_file!);
        var batch = new DeliveryBatch(_run, "lifecycle", [1, 2]);

        await Assert.ThrowsAsync<InvalidOperationException>(() => store.UpdateAsync(
            batch, (sequence, _) => sequence == 1 ? DeliveryScenario.Pending(_run, 1) : throw new InvalidOperationException(), default));

        Assert.Empty(await store.FindAsync(batch, default));
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData(null, DeliveryStatus.Delivered, null)]
    [InlineData("lifecycle", null, "deliveries_sink")]
    [InlineData("lifecycle", DeliveryStatus.Delivered, "deliveries_sink")]
    [InlineData(null, DeliveryStatus.Pending, "deliveries_open")]
    [InlineData("lifecycle", DeliveryStatus.DeadLettered, "deliveries_open")]
    public void List_OverAllRuns_WalksTheBestIndexAndSortsNothing(string? sink, DeliveryStatus? status, string? index)
    {
        var (sql, values) = DeliveryListing.For(new DeliveryQuery(sink, status, Cursor: ListCursor.Deliveries.Encode(9)));
        var plan = _file!.Read(session =>
        {
            var steps = new List<string>();
            using var reader = session.Query("EXPLAIN QUERY PLAN " + sql, values);
            while (reader.Read()) steps.Add(reader.GetString(3));
            return steps;
        });

        Assert.Contains(index ?? "INTEGER PRIMARY KEY", Assert.Single(plan), StringComparison.Ordinal);
    }
}
