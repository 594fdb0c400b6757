using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Stores.Tests;

/// <summary>What every audit log does, on each of them.</summary>
public abstract class AuditLogSuite : IAsyncLifetime
{
    private IAuditLog _log = null!;
    private IRunStore _runs = null!;

    public async Task InitializeAsync() => (_log, _runs) = await OpenAsync();

    public abstract Task DisposeAsync();

    /// <summary>A log, and the store of runs beside it, over what earlier ones have written.</summary>
    protected abstract Task<(IAuditLog Log, IRunStore Runs)> OpenAsync();

    [Fact]
    public async Task Add_Entry_IsThereAsItWasAdded()
    {
        var entry = AuditScenario.Begun(AuditAction.ApproveGate, runId: Scenario.Run().RunId) with
        {
            Gate = Gate.Anchor,
            ResourceId = "resource",
            Projects = ["https://example.com/a", "https://example.com/b/*"],
        };

        await _log.AddAsync(entry, default);

        (_log, _) = await OpenAsync();
        Assert.Equivalent(entry, Assert.Single(await ListAsync(new AuditQuery())), strict: true);
    }

    [Fact]
    public async Task Settle_Begun_ShowsTheOutcomeAndStaysSo()
    {
        var entry = AuditScenario.Begun();
        await _log.AddAsync(entry, default);

        await _log.SettleAsync(entry, AuditOutcome.Accepted, default);
        await _log.SettleAsync(entry, AuditOutcome.NoEffect, default);

        Assert.Equivalent(entry with { Outcome = AuditOutcome.Accepted }, Assert.Single(await ListAsync(new AuditQuery())), strict: true);
    }

    [Fact]
    public async Task Settle_EntryThatWasNotBegun_LeavesIt()
    {
        var entry = AuditScenario.Begun() with { Outcome = AuditOutcome.Refused };
        await _log.AddAsync(entry, default);

        await _log.SettleAsync(entry, AuditOutcome.Accepted, default);

        Assert.Equal(AuditOutcome.Refused, Assert.Single(await ListAsync(new AuditQuery())).Outcome);
    }

    [Fact]
    public async Task List_Filters_MatchAllThatAreSet()
    {
        var run = Scenario.Run().RunId;
        AuditEntry[] all =
        [
            AuditScenario.Begun(AuditAction.StartRun, "olga", run),
            AuditScenario.Begun(AuditAction.CancelRun, "bob", run),
            AuditScenario.Begun(AuditAction.CancelRun, "olga", Scenario.Run().RunId),
            AuditScenario.Begun(AuditAction.CreateToken, "o'hara & sons"),
        ];
        for (var i = 0; i < all.Length; i++) all[i] = all[i] with { At = Scenario.Start.AddDays(i) };
        foreach (var entry in all)
        {
            await _log.AddAsync(entry, default);
            await _log.SettleAsync(entry, AuditOutcome.Accepted, default);
        }

        await ExpectAsync([3, 2, 1, 0], new AuditQuery());
        await ExpectAsync([2, 0], new AuditQuery(Actor: "olga"));
        await ExpectAsync([3], new AuditQuery(Actor: "o'hara & sons"));
        await ExpectAsync([2, 1], new AuditQuery(Action: AuditAction.CancelRun));
        await ExpectAsync([1, 0], new AuditQuery(RunId: run));
        await ExpectAsync([1], new AuditQuery(Actor: "bob", Action: AuditAction.CancelRun, RunId: run));
        await ExpectAsync([], new AuditQuery(Actor: "bob", Action: AuditAction.StartRun));
        await ExpectAsync([3, 2], new AuditQuery(After: all[2].At));
        await ExpectAsync([1, 0], new AuditQuery(Before: all[2].At));
        await ExpectAsync([2], new AuditQuery(After: all[1].At.AddTicks(1), Before: all[2].At.AddTicks(1)));
        await ExpectAsync([0], new AuditQuery(Before: all[2].At, RunId: run, Actor: "olga"));

        async Task ExpectAsync(int[] expected, AuditQuery query)
        {
            var found = await ListAsync(query);
            Assert.Equal(expected.Select(i => all[i].Id), found.Select(entry => entry.Id));
            Assert.All(found, entry => Assert.Equal(AuditOutcome.Accepted, entry.Outcome));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("olga")]
    public async Task List_Pages_GoOnWhereTheLastEndedWhateverIsAdded(string? actor)
    {
        // Two at the same time, and two on the next day.
        var added = new List<AuditEntry>();
        foreach (var hours in new[] { 0, 1, 1, 24, 25 })
        {
            var entry = AuditScenario.Begun(at: Scenario.Start.AddHours(hours));
            await _log.AddAsync(entry, default);
            if (hours % 2 == 1) await _log.SettleAsync(entry, AuditOutcome.Accepted, default);
            added.Add(entry);
        }

        var pages = new List<AuditPage> { await _log.ListAsync(new AuditQuery(Actor: actor, Limit: 2), default) };
        await _log.AddAsync(AuditScenario.Begun(at: Scenario.Start.AddHours(26)), default);
        while (pages[^1].NextCursor is { } cursor)
        {
            Assert.Equal(2, pages[^1].Items.Count);
            pages.Add(await _log.ListAsync(new AuditQuery(Actor: actor, Limit: 2, Cursor: cursor), default));
        }

        Assert.Equal(3, pages.Count);
        var listed = pages.SelectMany(page => page.Items).ToList();
        Assert.Equal(added.Select(entry => entry.Id).Order(), listed.Select(entry => entry.Id).Order());
        Assert.Equal(listed.Select(entry => entry.At).OrderDescending(), listed.Select(entry => entry.At));
        Assert.Equal(
            [AuditOutcome.Accepted, AuditOutcome.Begun, AuditOutcome.Accepted, AuditOutcome.Accepted, AuditOutcome.Begun],
            listed.Select(entry => entry.Outcome));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("AAAAAAAAAAAAAAAA")]
    public async Task List_CursorThatItDidNotHandOut_IsRefused(string cursor)
    {
        await _log.AddAsync(AuditScenario.Begun(), default);

        await Assert.ThrowsAsync<InvalidCursorException>(() => _log.ListAsync(new AuditQuery(Cursor: cursor), default));
    }

    [Fact]
    public async Task Create_RunWithItsEntry_LeavesOneAcceptedStart()
    {
        var run = Scenario.Run();

        Assert.Null(await _runs.CreateAsync(run, Start(run), default));
        var again = await _runs.CreateAsync(run, Start(run), default);

        Assert.Equal(run.RunId, again!.RunId);
        var entries = await ListAsync(new AuditQuery(RunId: run.RunId));
        Assert.Single(entries, entry => entry.Outcome == AuditOutcome.Accepted);
        Assert.All(entries, entry => Assert.Contains(entry.Outcome, new[] { AuditOutcome.Accepted, AuditOutcome.NoEffect }));
    }

    [Fact]
    public async Task Delete_Run_LeavesItsEntries()
    {
        var run = Scenario.Run();
        await _runs.CreateAsync(run, Start(run), default);
        await _runs.AppendAsync(run.RunId, [Scenario.Started(), Scenario.Completed(2)], default);

        await _runs.DeleteAsync(run.RunId, default);

        Assert.Single(await ListAsync(new AuditQuery(RunId: run.RunId)));
    }

    private static AuditEntry Start(RunSnapshot run) =>
        AuditScenario.Begun(AuditAction.StartRun, runId: run.RunId) with { Outcome = AuditOutcome.Accepted };

    private async Task<IReadOnlyList<AuditEntry>> ListAsync(AuditQuery query) => (await _log.ListAsync(query, default)).Items;
}
