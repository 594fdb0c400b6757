using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Tables;

namespace QuantaPilot.Stores.Tests;

/// <summary>Two instances of the app on one storage account.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class TablesInstancesTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private StorageAccount _account = null!;
    private TablesRunStore _one = null!;
    private TablesRunStore _two = null!;

    public async Task InitializeAsync()
    {
        _account = await StorageAccount.CreateAsync(azurite);
        (_one, _two) = (_account.Open(), _account.Open());
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Append_TheSameEventsOnBoth_AppliesEachOnce()
    {
        var id = await CreateAsync();
        RunEvent[] events = [.. Enumerable.Range(1, 20).Select(revision => Scenario.Tick(revision))];

        await Task.WhenAll(new[] { _one, _two }.Select(async store =>
        {
            for (var count = 1; count <= events.Length; count++)
                Assert.True((await store.AppendAsync(id, events[..count], default)).Revision >= count);
        }));

        var sequences = Enumerable.Range(1, 20).Select(i => (long)i);
        Assert.Equal(sequences, (await _one.ReadEventsAsync(id, 0, 100, default)).Select(e => e.Sequence));
        Assert.Equal(sequences, (await _two.ReadAllEventsAsync(0, 100, default)).Select(e => e.Sequence).Order());
        Assert.Equal(20, (await _two.GetAsync(id, default))!.Revision);
    }

    [Fact]
    public async Task Vote_AtTheSameInstantOnBoth_OneDecidesAndTheOthersAreToldSo()
    {
        var id = await CreateAsync();
        await _one.AppendAsync(id, [Scenario.Started(), Scenario.AnchorRequested(approvals: 3)], default);
        await _two.GetAsync(id, default);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            (i % 2 == 0 ? _one : _two).VoteAsync(id, Gate.Anchor, new Vote($"voter{i}", true, null, Scenario.Start), null, default)));

        var results = answers.Select(answer => answer!.Value.Result).ToList();
        Assert.Single(results, VoteResult.Applied);
        Assert.Equal(2, results.Count(result => result == VoteResult.Recorded));
        Assert.Equal(5, results.Count(result => result == VoteResult.AlreadyDecided));
        Assert.Equal(3, (await _two.GetAsync(id, default))!.Gates[0].Votes.Count);
    }

    [Fact]
    public async Task TimeOut_AgainstADecisionOnTheOther_BothAnswersAgree()
    {
        for (var i = 0; i < 10; i++)
        {
            var id = await CreateAsync();
            await _one.AppendAsync(id, [Scenario.Started(), Scenario.AnchorRequested()], default);
            await _two.GetAsync(id, default);

            var timeOut = _one.TimeOutGateAsync(id, Gate.Anchor, 1, default);
            var vote = await _two.VoteAsync(id, Gate.Anchor, new Vote("ann", true, null, Scenario.Start), null, default);

            var decision = await timeOut;
            Assert.Equal(decision is null ? VoteResult.GateNotPending : VoteResult.Applied, vote!.Value.Result);
            var status = (await _one.GetAsync(id, default))!.Gates[0].Status;
            Assert.Equal(decision is null ? GateStatus.TimedOut : GateStatus.Approved, status);
        }
    }

    [Fact]
    public async Task Vote_WhereTheGateIsNotKnownYet_IsDecidedOnWhatStands()
    {
        var id = await CreateAsync();
        await _two.GetAsync(id, default);
        await _one.AppendAsync(id, [Scenario.Started(), Scenario.AnchorRequested()], default);

        var vote = await _two.VoteAsync(id, Gate.Anchor, new Vote("ann", true, null, Scenario.Start), null, default);

        Assert.Equal(VoteResult.Applied, vote!.Value.Result);
    }

    [Fact]
    public async Task WaitForChange_ByTheOther_IsFound()
    {
        var id = await CreateAsync();
        await _two.GetAsync(id, default);
        var ofRun = _two.WaitForChangeAsync(id, default);
        var ofAll = _two.WaitForChangeAsync(null, default);

        await _one.AppendAsync(id, [Scenario.Started()], default);

        await ofRun;
        await ofAll;
        Assert.Equal(1, (await _two.GetAsync(id, default))!.Revision);
        Assert.Single(await _two.ReadAllEventsAsync(0, 10, default));
    }

    [Fact]
    public async Task WatchCancellation_ByTheOther_IsFound()
    {
        var id = await CreateAsync();
        await _one.AppendAsync(id, [Scenario.Started()], default);
        using var watch = _two.WatchCancellation(id, default);
        Assert.False(watch.Token.IsCancellationRequested);

        await _one.AppendAsync(id, [new CancelRequested("enough") { Revision = 2, At = Scenario.Start }], default);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(Timeout.Infinite, watch.Token));
    }

    [Fact]
    public async Task ReadAllEvents_WhileBothWrite_MissesNothing()
    {
        const int Runs = 12, Events = 6;
        var account = await StorageAccount.CreateAsync(azurite, TimeSpan.FromSeconds(4));
        var (reader, seen) = (account.Open(), new List<LoggedEvent>());
        var writing = Task.WhenAll(Enumerable.Range(0, Runs).GroupBy(i => i % 2).Select(async runs =>
        {
            var store = account.Open();
            foreach (var _ in runs)
            {
                var run = Scenario.Run();
                await store.CreateAsync(run, default);
                for (var revision = 1; revision <= Events; revision++) await store.AppendAsync(run.RunId, [Scenario.Tick(revision)], default);
            }
        }));

        while (seen.Count < Runs * Events)
        {
            var change = reader.WaitForChangeAsync(null, default);
            var page = await reader.ReadAllEventsAsync(seen.LastOrDefault()?.Position ?? 0, 100, default);
            seen.AddRange(page);
            if (page.Count == 0) await change;
        }

        await writing;
        Assert.Equal(Runs * Events, seen.Select(e => (e.RunId, e.Sequence)).Distinct().Count());
        Assert.Equal(seen.Select(e => e.Position).Order(), seen.Select(e => e.Position));
        Assert.All(seen.GroupBy(e => e.RunId), run => Assert.Equal(run.Select(e => e.Sequence).Order(), run.Select(e => e.Sequence)));
    }

    [Fact]
    public async Task PullRequests_OpenedOnBothAtOnce_GetNumbersWithoutGaps()
    {
        var stores = new[] { _account, _account }.Select(account => new TablesPullRequestStore(account.Storage(), TimeProvider.System))
            .ToArray();

        var opened = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => stores[i % 2].OpenAsync(
            new PullRequestRequest(
                "https://example.com/o/p", $"quantapilot/{i / 2}/docs", "main", "Title", new string('x', 70_000)), default)));

        Assert.Equal([1, 2, 3, 4, 5], opened.Select(pr => pr.Number).Distinct().Order());
        Assert.All(opened.GroupBy(pr => pr.Request.HeadBranch), same => Assert.Single(same.Select(pr => pr.Number).Distinct()));
    }

    [Fact]
    public async Task Tokens_RevokedOnTheOther_AreRefusedWithinTenSeconds()
    {
        var time = new FakeTimeProvider();
        var one = new TablesTokenStore(_account.Storage(), time);
        var two = new TablesTokenStore(_account.Storage(), time);
        await one.CreateAsync(new ApiToken("t1", "ann", new byte[32], [TokenRole.Approver], ["*"], Scenario.Start, null, null), default);
        Assert.True((await two.FindAsync(new byte[32], default))!.IsValidAt(Scenario.Start));

        await one.RevokeByIdAsync("t1", Scenario.Start, default);

        Assert.False((await one.FindAsync(new byte[32], default))!.IsValidAt(Scenario.Start));
        Assert.True((await two.FindAsync(new byte[32], default))!.IsValidAt(Scenario.Start));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.False((await two.FindAsync(new byte[32], default))!.IsValidAt(Scenario.Start));
    }

    private async Task<RunId> CreateAsync()
    {
        var run = Scenario.Run();
        Assert.Null(await _one.CreateAsync(run, default));
        return run.RunId;
    }
}
