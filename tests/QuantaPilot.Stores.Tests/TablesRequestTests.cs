using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Tables;

namespace QuantaPilot.Stores.Tests;

/// <summary>Requests to the storage account are what the product costs on Azure, and most of its latency.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class TablesRequestTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly RequestPolicy _requests = new();

    // Stands still, so that neither the hour ends nor an event comes late on a busy machine.
    private readonly FakeTimeProvider _time = new(Scenario.Start);
    private TablesRunStore _store = null!;
    private RunId _id;

    public async Task InitializeAsync()
    {
        var account = await StorageAccount.CreateAsync(azurite);
        _store = account.Open(_requests, _time);
        // The first event of an hour also writes the row of the hour.
        var earlier = Scenario.Run();
        await _store.CreateAsync(earlier, default);
        await _store.AppendAsync(earlier.RunId, [Scenario.Started()], default);
        _id = Scenario.Run().RunId;
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task AGatedRun_StepByStep_CostsWhatIsSaid()
    {
        // Four lists, then the run.
        Assert.Equal(5, await CountAsync(() => _store.CreateAsync(Scenario.Run(id: _id), default)));
        // The run with its event, then the log.
        Assert.Equal(2, await CountAsync(() => _store.AppendAsync(_id, [Scenario.Started()], default)));
        // Not public.
        Assert.Equal(
            1,
            await CountAsync(
                () => _store.AppendAsync(_id, [new StepStarted("documentation") { Revision = 2, At = Scenario.Start }], default)));
        // Enters a list; the run with its event; leaves a list and writes to the log.
        Assert.Equal(
            4, await CountAsync(() => _store.AppendAsync(_id, [Scenario.AnchorRequested() with { Revision = 3, Sequence = 2 }], default)));
        // Enters the list of those in work already: its orchestration is still to be told.
        Assert.Equal(
            2, await CountAsync(() => _store.VoteAsync(_id, Gate.Anchor, new Vote("ann", true, null, Scenario.Start), null, default)));
        Assert.Equal(3, await CountAsync(() => _store.AppendAsync(_id, [Scenario.Decided() with { Revision = 4, Sequence = 3 }], default)));
        // Enters three lists: those of its status, of its status in its project, and of the ended.
        Assert.Equal(6, await CountAsync(() => _store.AppendAsync(_id, [Scenario.Completed(5) with { Sequence = 4 }], default)));
        // Create, five appends and a vote.
        Assert.Equal(23, _counted);
    }

    [Fact]
    public async Task Reading_ARunAndPages_CostsWhatIsSaid()
    {
        await _store.CreateAsync(Scenario.Run(id: _id), default);
        await _store.AppendAsync(_id, [Scenario.Started()], default);

        Assert.Equal(1, await CountAsync(() => _store.GetAsync(_id, default)));
        Assert.Equal(1, await CountAsync(() => _store.ReadEventsAsync(_id, 0, 100, default)));
        Assert.Equal(3, await CountAsync(() => _store.ListAsync(new Core.Ports.RunQuery(RunStatus.Running), default)));
        Assert.Equal(1, await CountAsync(() => _store.FindPositionAsync(_id, 1, default)));
        _time.Advance(TimeSpan.FromSeconds(1));
        // The hours, and the last of them; from then on only that one.
        Assert.Equal(2, await CountAsync(() => _store.LastPositionAsync(default)));
        Assert.Equal(1, await CountAsync(() => _store.LastPositionAsync(default)));
        var last = await _store.LastPositionAsync(default);
        Assert.Equal(1, await CountAsync(() => _store.ReadAllEventsAsync(last, 100, default)));
    }

    [Fact]
    public async Task Listing_ByProjectAndStatus_ReadsOnlyTheRunsThatItShows()
    {
        const string Ours = "https://example.com/org/ours", Theirs = "https://example.com/org/theirs";
        foreach (var project in new[] { Ours, Theirs })
        {
            for (var i = 0; i < 12; i++) await AddAsync(project, Scenario.Started(), Scenario.Completed(2));
            for (var i = 0; i < 6; i++) await AddAsync(project, Scenario.Started());
            await AddAsync(project, Scenario.Started(), Scenario.AnchorRequested());
        }
        var failed = await AddAsync(Ours, Scenario.Started(), new RunFailed("x", "y") { Revision = 2, Sequence = 2, At = Scenario.Start });

        // One query, and one request for each run on the page.
        Assert.Equal(1 + 1, await CountAsync(() => ListAsync(RunStatus.Failed, failed)));
        Assert.Equal(1 + 12, await CountAsync(() => ListAsync(RunStatus.Completed)));
        Assert.Equal(1 + 6, await CountAsync(() => ListAsync(RunStatus.Running)));
        Assert.Equal(1 + 1, await CountAsync(() => ListAsync(RunStatus.Waiting)));
        Assert.Equal(1, await CountAsync(() => ListAsync(RunStatus.Cancelled)));

        async Task ListAsync(RunStatus status, RunId? only = null)
        {
            var page = await _store.ListAsync(new Core.Ports.RunQuery(status, Ours), default);
            Assert.All(page.Items, run => Assert.Equal((Ours, status), (run.Project, run.Status)));
            if (only is not null) Assert.Equal(only, Assert.Single(page.Items).RunId);
        }
    }

    [Fact]
    public async Task Append_OfARunThatIsNotKnown_ReadsItFirst()
    {
        var account = await StorageAccount.CreateAsync(azurite);
        await account.Open().CreateAsync(Scenario.Run(id: _id), default);
        var requests = new RequestPolicy();

        await account.Open(requests).AppendAsync(_id, [new StepStarted("documentation") { Revision = 1, At = Scenario.Start }], default);

        Assert.Equal(2, requests.Count);
    }

    private async Task<RunId> AddAsync(string project, params RunEvent[] events)
    {
        var run = Scenario.Run(project);
        await _store.CreateAsync(run, default);
        await _store.AppendAsync(run.RunId, events, default);
        return run.RunId;
    }

    private int _counted;

    private async Task<int> CountAsync(Func<Task> operation)
    {
        var before = _requests.Count;
        await operation();
        _counted += _requests.Count - before;
        return _requests.Count - before;
    }
}
