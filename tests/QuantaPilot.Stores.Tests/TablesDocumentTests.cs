using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Tables;

namespace QuantaPilot.Stores.Tests;

/// <summary>What is in the tables and the container after what happened to runs.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class TablesDocumentTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private StorageAccount _account = null!;
    private TablesRunStore _store = null!;

    public async Task InitializeAsync()
    {
        _account = await StorageAccount.CreateAsync(azurite);
        _store = _account.Open();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Append_LargeDocuments_AreInBlobsAndReadBackWhole()
    {
        var run = Scenario.Run();
        var text = new string('ß', 200_000);
        await _store.CreateAsync(run, default);
        await _store.AppendAsync(run.RunId, [Scenario.Started(), Scenario.AnchorRequested() with { Description = text }], default);
        await _store.VoteAsync(run.RunId, Gate.Anchor, new Vote("ann", true, null, Scenario.Start), null, default);

        var other = _account.Open();
        Assert.Equal(text, (await other.GetAsync(run.RunId, default))!.Gates[0].Description);
        var events = await other.ReadEventsAsync(run.RunId, 0, 10, default);
        var logged = await other.ReadAllEventsAsync(0, 10, default);
        Assert.InRange(events[1].Json.Length, 200_000, 2_000_000);
        Assert.Equal(events.Select(e => e.Json.ToArray()), logged.Select(e => e.Json.ToArray()));
        // One of the run as it stands, the one before it deleted, and one of the event.
        Assert.Equal(2, (await _account.BlobsAsync()).Count);
    }

    [Fact]
    public async Task Append_MoreThanATransactionHolds_IsAppliedWhole()
    {
        var run = Scenario.Run();
        await _store.CreateAsync(run, default);
        RunEvent[] events =
        [
            .. Enumerable.Range(1, 150).Select(revision => Scenario.Tick(revision)),
            .. Enumerable.Range(151, 100).Select(
                revision => new RunPaused(new string('x', 40_000)) { Revision = revision, Sequence = revision, At = Scenario.Start }),
        ];

        var after = await _store.AppendAsync(run.RunId, events, default);

        Assert.Equal((250, RunStatus.Paused), (after.Revision, after.Status));
        Assert.Equal(
            Enumerable.Range(1, 250).Select(i => (long)i),
            (await _store.ReadEventsAsync(run.RunId, 0, 1000, default)).Select(e => e.Sequence));
        Assert.Equal(
            Enumerable.Range(1, 250).Select(i => (long)i), (await _store.ReadAllEventsAsync(0, 1000, default)).Select(e => e.Sequence));
    }

    [Fact]
    public async Task List_EntriesThatACrashLeft_AreDroppedOnceTheyAreOld()
    {
        var run = Scenario.Run();
        await _store.CreateAsync(run, default);
        // Enters the list of those that wait, and dies before the run changes.
        await Assert.ThrowsAsync<InstanceDiedException>(() => _account.Open(new RequestPolicy(dieAt: 3))
            .AppendAsync(run.RunId, [Scenario.Started(), Scenario.AnchorRequested()], default));
        var before = await _account.RowsAsync();
        var query = new RunQuery(RunStatus.Waiting);

        Assert.Empty((await _store.ListAsync(query, default)).Items);
        Assert.Equal(before, await _account.RowsAsync());
        Assert.Empty((await _account.Open(time: new FakeTimeProvider(DateTimeOffset.UtcNow.AddHours(1))).ListAsync(query, default)).Items);

        Assert.Equal(before.Where(row => !row.Contains(" waiting ", StringComparison.Ordinal)), await _account.RowsAsync());
        Assert.Equal(before.Count - 1, (await _account.RowsAsync()).Count);
    }

    [Theory]
    [InlineData(null, null, "QuantaPilot", "ConnectionString")]
    [InlineData("UseDevelopmentStorage=true", "account", "QuantaPilot", "ConnectionString")]
    [InlineData("UseDevelopmentStorage=true", null, "1st", "TablePrefix")]
    [InlineData("UseDevelopmentStorage=true", null, "a-b", "TablePrefix")]
    public void Options_ThatCannotBe_AreRefusedByName(string? connectionString, string? accountName, string prefix, string named)
    {
        var options = new TablesOptions { ConnectionString = connectionString, AccountName = accountName, TablePrefix = prefix };

        var fault = Assert.Throws<ArgumentException>(() => new TablesStorage(options));

        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
    }
}
