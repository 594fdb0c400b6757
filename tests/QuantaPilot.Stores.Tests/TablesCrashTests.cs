using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Tables;

namespace QuantaPilot.Stores.Tests;

/// <summary>An instance dies at a request, for each request of each operation; another repeats the operation.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class TablesCrashTests(AzuriteFixture azurite)
{
    private static readonly string _large = new('x', 100_000);

    private static readonly (string Name, Func<IRunStore, RunSnapshot, Task> Run)[] _steps =
    [
        ("create", (store, run) => store.CreateAsync(run, default)),
        ("start", (store, run) => store.AppendAsync(run.RunId, [Scenario.Started()], default)),
        ("gate", (store, run) => store.AppendAsync(run.RunId, [Scenario.AnchorRequested() with { Description = _large }], default)),
        ("vote", (store, run) => store.VoteAsync(run.RunId, Gate.Anchor, new Vote("ann", true, null, Scenario.Start), null, default)),
        ("decision", (store, run) => store.AppendAsync(run.RunId, [Scenario.Decided()], default)),
        ("end", (store, run) => store.AppendAsync(run.RunId, [Scenario.Completed(4)], default)),
        (
            "many",
            (store, run) =>
                store.AppendAsync(run.RunId, [.. Enumerable.Range(4, 120).Select(revision => Scenario.Tick(revision))], default)),
    ];

    public static TheoryData<string, bool> Crashes()
    {
        var data = new TheoryData<string, bool>();
        foreach (var (name, _) in _steps)
        {
            data.Add(name, false);
            data.Add(name, true);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Crashes))]
    public async Task AnyWrite_ThatEndsAtAnyRequest_IsMadeGoodByARepeat(string name, bool afterSending)
    {
        var account = await StorageAccount.CreateAsync(azurite);
        var step = Array.FindIndex(_steps, s => s.Name == name);
        var crashes = 0;
        while (true)
        {
            var run = Scenario.Run();
            var healthy = account.Open();
            foreach (var earlier in Before(step)) await earlier.Run(healthy, run);
            var dying = new RequestPolicy(crashes + 1, afterSending);
            var died = false;
            try
            {
                await _steps[step].Run(account.Open(dying), run);
            }
            catch (InstanceDiedException)
            {
                died = true;
            }

            var other = account.Open();
            await _steps[step].Run(other, run);
            await CheckAsync(other, await UndisturbedAsync(account, step, run));
            if (!died) break;
            crashes++;
        }

        Assert.InRange(crashes, 1, 20);
    }

    [Fact]
    public async Task AnyWrite_WhoseAnswerIsLost_IsAnsweredAsTheOneThatItWas()
    {
        var account = await StorageAccount.CreateAsync(azurite);
        var run = Scenario.Run();
        // Four entries in lists, then the run.
        Assert.Null(await account.Open(new RequestPolicy(loseAnswerAt: 5)).CreateAsync(run, default));
        await account.Open().AppendAsync(run.RunId, [Scenario.Started(), Scenario.AnchorRequested()], default);

        // The run is read, then written.
        var vote = await account.Open(new RequestPolicy(loseAnswerAt: 2))
            .VoteAsync(run.RunId, Gate.Anchor, new Vote("ann", true, null, Scenario.Start), null, default);
        // The run is read, a list entered, then the transaction.
        await account.Open(new RequestPolicy(loseAnswerAt: 3)).AppendAsync(run.RunId, [Scenario.Decided()], default);

        Assert.Equal(VoteResult.Applied, vote!.Value.Result);
        Assert.Equal([1, 2, 3], (await account.Open().ReadAllEventsAsync(0, 10, default)).Select(e => e.Sequence));
    }

    [Fact]
    public async Task Append_ThatEndedBeforeTheLogAndIsRepeatedLate_IsSeenByAReaderWhoHasGoneOn()
    {
        var account = await StorageAccount.CreateAsync(azurite);
        var run = Scenario.Run();
        await account.Open().CreateAsync(run, default);
        // The first reads the run, the second is the transaction.
        var dying = new RequestPolicy(dieAt: 3);
        await Assert.ThrowsAsync<InstanceDiedException>(() => account.Open(dying).AppendAsync(run.RunId, [Scenario.Started()], default));
        var later = new FakeTimeProvider(DateTimeOffset.UtcNow.AddMinutes(5));
        var store = account.Open(time: later);
        var next = Scenario.Run();
        await store.CreateAsync(next, default);
        await store.AppendAsync(next.RunId, [Scenario.Started()], default);
        later.Advance(TimeSpan.FromSeconds(1));
        var seen = Assert.Single(await store.ReadAllEventsAsync(0, 10, default)).Position;

        await store.AppendAsync(run.RunId, [Scenario.Started()], default);
        later.Advance(TimeSpan.FromSeconds(1));
        await store.AppendAsync(run.RunId, [Scenario.Started()], default);

        var found = Assert.Single(await store.ReadAllEventsAsync(seen, 10, default));
        Assert.Equal((run.RunId, await store.FindPositionAsync(run.RunId, 1, default)), (found.RunId, found.Position));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Delete_ThatEndsAtAnyRequest_IsFoundAgainAndLeavesNothing(bool afterSending)
    {
        var account = await StorageAccount.CreateAsync(azurite);
        var crashes = 0;
        while (true)
        {
            var run = Scenario.Run();
            var healthy = account.Open();
            foreach (var step in _steps[..6]) await step.Run(healthy, run);
            var died = false;
            try
            {
                await account.Open(new RequestPolicy(crashes + 1, afterSending)).DeleteAsync(run.RunId, default);
            }
            catch (InstanceDiedException)
            {
                died = true;
            }

            var other = account.Open(time: new FakeTimeProvider(DateTimeOffset.UtcNow.AddHours(1)));
            foreach (var id in await other.FindEndedAsync(DateTimeOffset.MaxValue, 10, default)) await other.DeleteAsync(id, default);

            Assert.Equal([], await account.RowsAsync());
            Assert.Equal([], await account.BlobsAsync());
            if (!died) break;
            crashes++;
        }

        Assert.InRange(crashes, 10, 40);
    }

    /// <summary>The steps that lead to one: all before it, but for the last, which goes on where the end of the run would.</summary>
    private static (string Name, Func<IRunStore, RunSnapshot, Task> Run)[] Before(int step) => _steps[..Math.Min(step, 5)];

    /// <summary>The same run on a store of its own, without a crash.</summary>
    private static async Task<RunSnapshot> UndisturbedAsync(StorageAccount account, int step, RunSnapshot run)
    {
        var copy = Scenario.Run() with { CorrelationId = run.CorrelationId };
        var store = account.Open();
        foreach (var s in Before(step)) await s.Run(store, copy);
        await _steps[step].Run(store, copy);
        return (await store.GetAsync(copy.RunId, default))! with { RunId = run.RunId };
    }

    private static async Task CheckAsync(TablesRunStore store, RunSnapshot expected)
    {
        var id = expected.RunId;
        var run = (await store.GetAsync(id, default))!;
        Assert.Equal(Json(expected), Json(run));

        var sequences = Enumerable.Range(1, (int)run.Sequence).Select(i => (long)i);
        Assert.Equal(sequences, (await store.ReadEventsAsync(id, 0, 1000, default)).Select(e => e.Sequence));
        var logged = (await store.ReadAllEventsAsync(0, 100_000, default)).Where(e => e.RunId == id).ToList();
        Assert.Equal(sequences, logged.Select(e => e.Sequence).Order());

        var (pending, untold) = (run.PendingGate is not null, run.HasUntold);
        Assert.True(await ListsAsync(new RunQuery()));
        Assert.True(await ListsAsync(new RunQuery(Project: run.Project)));
        Assert.True(await ListsAsync(new RunQuery(CorrelationId: run.CorrelationId)));
        Assert.True(await ListsAsync(new RunQuery(run.Status)));
        Assert.True(await ListsAsync(new RunQuery(run.Status, run.Project)));
        Assert.Equal(pending, await ListsAsync(new RunQuery(PendingGate: true)));
        Assert.Equal(untold, await ListsAsync(new RunQuery(Untold: true)));
        Assert.Equal(run.Status.HasEnded(), (await store.FindEndedAsync(DateTimeOffset.MaxValue, 200, default)).Contains(id));

        async Task<bool> ListsAsync(RunQuery query) =>
            (await store.ListAsync(query with { Limit = 200 }, default)).Items.Any(r => r.RunId == id);
    }

    private static string Json(RunSnapshot run) => JsonSerializer.Serialize(run, CoreJson.Default.RunSnapshot);
}
