using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Engine.Storage;
using QuantaPilot.Host.Sqlite;

namespace QuantaPilot.Api.Tests;

public sealed class RunStoreTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private SqliteFile _file;
    private SqliteRunStore _store;

    public RunStoreTests() => (_file, _store) = Open();

    [Fact]
    public async Task Create_ManyAtOnceUnderOneId_StoresOneAndAnswersItToTheOthers()
    {
        var id = RunId.From(Guid.NewGuid());

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => _store.CreateAsync(Scenario.Run(id: id), default)));

        Assert.Single(answers, answer => answer is null);
        Assert.Single(answers.OfType<RunSnapshot>().Select(run => run.CorrelationId).Distinct());
    }

    [Fact]
    public async Task Append_TheSameEventsAgain_ChangesNothing()
    {
        var id = await CreateAsync();
        RunEvent[] events = [Scenario.Started(), Scenario.AnchorRequested()];

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _store.AppendAsync(id, events, default)));
        await _store.AppendAsync(id, [.. events, Scenario.Completed(3)], default);

        Assert.Equal([1, 2, 3], (await _store.ReadEventsAsync(id, 0, 100, default)).Select(e => e.Sequence));
        Assert.Equal(3, (await _store.GetAsync(id, default))!.Revision);
    }

    [Fact]
    public async Task Append_WithAGap_IsRefusedAndLeavesNothingBehind()
    {
        var id = await CreateAsync();
        var other = await CreateAsync();

        var gap = _store.AppendAsync(id, [Scenario.Started(), Scenario.Completed(3)], default);
        await _store.AppendAsync(other, [Scenario.Started()], default);

        await Assert.ThrowsAsync<RevisionGapException>(() => gap);
        Assert.Empty(await _store.ReadEventsAsync(id, 0, 100, default));
        Assert.Equal(0, (await _store.GetAsync(id, default))!.Revision);
        Assert.Single(await _store.ReadEventsAsync(other, 0, 100, default));
    }

    [Fact]
    public async Task Append_InAGroupThatIsRolledBack_IsStillRight()
    {
        var id = await CreateAsync();
        var writes = new List<Task>();
        for (var revision = 1; revision <= 200; revision++)
        {
            writes.Add(_store.AppendAsync(id, [Scenario.Tick(revision)], default));
            // A fault in the group makes the writer roll it back and run each operation once more.
            if (revision % 20 == 0) writes.Add(Assert.ThrowsAsync<NotSupportedException>(() => _file.WriteAsync<int>(_ => throw new NotSupportedException())));
        }

        await Task.WhenAll(writes);

        Assert.Equal(Enumerable.Range(1, 200).Select(i => (long)i), (await _store.ReadEventsAsync(id, 0, 1000, default)).Select(e => e.Sequence));
        Assert.Equal(200, (await _store.GetAsync(id, default))!.Sequence);
    }

    [Fact]
    public async Task Append_ToNoRun_Throws() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => _store.AppendAsync(RunId.From(Guid.NewGuid()), [Scenario.Started()], default));

    [Fact]
    public async Task List_AThousandRunsWhileOthersAreAdded_GivesEachOnceNewestFirst()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => CreateAsync()));
        var seen = new List<RunId>();
        string? cursor = null;
        do
        {
            var page = await _store.ListAsync(new RunQuery(Limit: 37, Cursor: cursor), default);
            seen.AddRange(page.Items.Select(run => run.RunId));
            cursor = page.NextCursor;
            await CreateAsync();
        }
        while (cursor is not null);

        Assert.Equal(ids.Reverse(), seen);
    }

    [Fact]
    public async Task List_ByPendingGateAndUntold_FollowsTheRun()
    {
        var id = await CreateAsync();
        Assert.Equal((false, true), await FlagsAsync(id));
        await _store.AppendAsync(id, [Scenario.Started(), Scenario.AnchorRequested()], default);
        Assert.Equal((true, false), await FlagsAsync(id));
        await _store.VoteAsync(id, Gate.Anchor, new Vote("ann", true, null, Scenario.Start), null, default);
        Assert.Equal((false, true), await FlagsAsync(id));
        await _store.AppendAsync(id, [new GateDecided(Gate.Anchor, 1, true, "") { Revision = 3, Sequence = 3, At = Scenario.Start }], default);
        Assert.Equal((false, false), await FlagsAsync(id));
    }

    public static TheoryData<RunStatus?, string?, string?, bool, bool, bool> Queries()
    {
        var data = new TheoryData<RunStatus?, string?, string?, bool, bool, bool>();
        foreach (var cursor in new[] { false, true })
        {
            data.Add(null, null, null, false, false, cursor);
            data.Add(RunStatus.Running, null, null, false, false, cursor);
            data.Add(null, "https://example.com/o/p", null, false, false, cursor);
            data.Add(null, null, "c", false, false, cursor);
            data.Add(RunStatus.Running, "https://example.com/o/p", "c", false, false, cursor);
            data.Add(RunStatus.Running, "https://example.com/o/p", null, false, false, cursor);
            data.Add(null, null, null, true, false, cursor);
            data.Add(null, null, null, false, true, cursor);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Queries))]
    public void List_AnyFilter_WalksAnIndexAndSortsNothing(RunStatus? status, string? project, string? correlationId, bool pending, bool untold, bool cursor)
    {
        var (sql, values) = RunListing.For(new RunQuery(status, project, correlationId, pending, untold, 50, cursor ? ListCursor.Runs.Encode(5) : null));

        var plan = _file.Read(session =>
        {
            var steps = new List<string>();
            using var reader = session.Query("EXPLAIN QUERY PLAN " + sql, values);
            while (reader.Read()) steps.Add(reader.GetString(3));
            return steps;
        });

        Assert.DoesNotContain(plan, step => step.Contains("TEMP B-TREE", StringComparison.Ordinal));
        // Only the list of all runs walks the table itself, backwards, for as many rows as it needs.
        var walksTable = status is null && project is null && correlationId is null && !pending && !untold && !cursor;
        Assert.Contains(plan, step => step.StartsWith(walksTable || pending || untold ? "S" : "SEARCH", StringComparison.Ordinal));
        if (pending || untold) Assert.Contains(plan, step => step.Contains(pending ? "runs_pending_gate" : "runs_untold", StringComparison.Ordinal));
    }

    [Fact]
    public async Task List_ForeignCursor_Throws()
    {
        foreach (var cursor in new[] { "", "x", new string('A', 16), ListCursor.Runs.Encode(1)[..15] + "!" })
            await Assert.ThrowsAsync<InvalidCursorException>(() => _store.ListAsync(new RunQuery(Cursor: cursor), default));
    }

    [Fact]
    public async Task WaitForChange_EveryChangeWhileWaiting_IsSeen()
    {
        var id = await CreateAsync();
        var appending = Task.Run(async () =>
        {
            for (var revision = 1; revision <= 500; revision++) await _store.AppendAsync(id, [Scenario.Tick(revision)], default);
        });

        var waiters = Enumerable.Range(0, 8).Select(async i =>
        {
            while (true)
            {
                var change = _store.WaitForChangeAsync(i % 2 == 0 ? id : null, default);
                if ((await _store.GetAsync(id, default))!.Revision == 500) return true;
                await change;
            }
        });

        Assert.All(await Task.WhenAll(waiters), Assert.True);
        await appending;
    }

    [Fact]
    public async Task WaitForChange_Cancelled_Throws()
    {
        using var cancel = new CancellationTokenSource();
        var wait = _store.WaitForChangeAsync(await CreateAsync(), cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
    }

    [Fact]
    public async Task WatchCancellation_BeforeAndAfterTheFact_IsCancelled()
    {
        var id = await CreateAsync();
        await _store.AppendAsync(id, [Scenario.Started()], default);
        using var early = _store.WatchCancellation(id, default);
        using var gone = _store.WatchCancellation(id, default);
        gone.Dispose();
        Assert.False(early.Token.IsCancellationRequested);

        await _store.AppendAsync(id, [new CancelRequested("enough") { Revision = 2, At = Scenario.Start }], default);
        using var late = _store.WatchCancellation(id, default);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(Timeout.Infinite, early.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(Timeout.Infinite, late.Token));
        Assert.False(gone.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task TimeOut_AgainstADecision_TheFirstWins()
    {
        var decided = await CreateAsync();
        await _store.AppendAsync(decided, [Scenario.Started(), Scenario.AnchorRequested()], default);
        await _store.VoteAsync(decided, Gate.Anchor, new Vote("ann", false, "no", Scenario.Start), null, default);
        var late = await CreateAsync();
        await _store.AppendAsync(late, [Scenario.Started(), Scenario.AnchorRequested()], default);

        var first = await _store.TimeOutGateAsync(decided, Gate.Anchor, 1, default);
        var none = await _store.TimeOutGateAsync(late, Gate.Anchor, 1, default);
        var vote = await _store.VoteAsync(late, Gate.Anchor, new Vote("ann", true, null, Scenario.Start), null, default);

        Assert.Equal(new GateDecision(Gate.Anchor, 1, false, "no", "ann"), first);
        Assert.Null(none);
        Assert.Equal(VoteResult.GateNotPending, vote!.Value.Result);
    }

    [Fact]
    public async Task FindEnded_RunsOfDifferentAges_AnswersTheOldestThatEndedBefore()
    {
        var unfinished = await CreateAsync();
        await _store.AppendAsync(unfinished, [Scenario.Started()], default);
        var ids = new List<RunId>();
        for (var day = 3; day >= 1; day--)
        {
            var id = await CreateAsync();
            await _store.AppendAsync(id, [Scenario.Started(), Scenario.Completed(2) with { At = Scenario.Start.AddDays(day) }], default);
            ids.Insert(0, id);
        }

        Assert.Equal(ids.Take(2), await _store.FindEndedAsync(Scenario.Start.AddDays(3), 10, default));
        Assert.Equal(ids.Take(1), await _store.FindEndedAsync(Scenario.Start.AddDays(9), 1, default));
    }

    [Fact]
    public async Task Delete_AnEndedRun_RemovesItAndItsEventsAndGivesNoPositionAway()
    {
        var id = await CreateAsync();
        var unfinished = await CreateAsync();
        await _store.AppendAsync(id, [Scenario.Started(), Scenario.Completed(2)], default);

        await _store.DeleteAsync(id, default);
        await _store.DeleteAsync(id, default);
        await _store.AppendAsync(unfinished, [Scenario.Started()], default);

        Assert.Null(await _store.GetAsync(id, default));
        Assert.Empty(await _store.ReadEventsAsync(id, 0, 100, default));
        Assert.Empty(await _store.FindEndedAsync(DateTimeOffset.MaxValue, 10, default));
        Assert.Equal(3, Assert.Single(await _store.ReadAllEventsAsync(2, 10, default)).Position);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _store.DeleteAsync(unfinished, default));
        Assert.NotNull(await _store.GetAsync(unfinished, default));
    }

    [Fact]
    public async Task Tokens_RevokedAndUsed_AreListedSoAtOnceAndAfterAReopening()
    {
        var tokens = new SqliteTokenStore(_file);
        var hash = new byte[32];
        var token = new ApiToken("t1", "ann", hash, [TokenRole.Approver], ["*"], Scenario.Start, null, null);
        await tokens.CreateAsync(token, default);
        Assert.True((await tokens.FindAsync(hash, default))!.IsValidAt(Scenario.Start));

        await tokens.MarkUsedAsync("t1", Scenario.Start.AddHours(1), default);
        Assert.True(await tokens.RevokeByIdAsync("t1", Scenario.Start.AddHours(2), default));
        Assert.True(await tokens.RevokeByIdAsync("t1", Scenario.Start.AddHours(3), default));
        Assert.False(await tokens.RevokeByIdAsync("t2", Scenario.Start, default));

        foreach (var store in new[] { tokens, new SqliteTokenStore(_file) })
        {
            var found = (await store.FindAsync(hash, default))!;
            Assert.False(found.IsValidAt(Scenario.Start));
            Assert.Equal((Scenario.Start.AddHours(2), Scenario.Start.AddHours(1)), (found.RevokedAt, found.LastUsedAt));
            Assert.Equal("ann", Assert.Single(await store.ListAsync(default)).Name);
        }
    }

    [Fact]
    public async Task Reopened_File_HoldsEverything()
    {
        var id = await CreateAsync();
        await _store.AppendAsync(id, [Scenario.Started(), Scenario.AnchorRequested()], default);
        await _store.VoteAsync(id, Gate.Anchor, new Vote("ann", true, "good", Scenario.Start), null, default);
        var before = (await _store.GetAsync(id, default))!;

        _file.Dispose();
        (_file, _store) = Open();

        var after = (await _store.GetAsync(id, default))!;
        Assert.Equal(before.Gates[0].Votes, after.Gates[0].Votes);
        Assert.Equal((before.Revision, before.Sequence, before.Status), (after.Revision, after.Sequence, after.Status));
        Assert.Equal(2, await _store.LastPositionAsync(default));
        Assert.Equal(2, await _store.FindPositionAsync(id, 2, default));
    }

    [Fact]
    public async Task PullRequests_OpenedAgainAndMerged_KeepTheirNumber()
    {
        var pullRequests = new SqlitePullRequestStore(_file);
        var request = new PullRequestRequest("https://example.com/o/p", "quantapilot/a/docs", "main", "Title", "Body");

        var first = await pullRequests.OpenAsync(request, default);
        var other = await pullRequests.OpenAsync(request with { HeadBranch = "quantapilot/b/docs" }, default);
        var elsewhere = await pullRequests.OpenAsync(request with { RepoUrl = "https://example.com/o/q" }, default);
        var again = await pullRequests.OpenAsync(request with { Title = "Better" }, default);
        await pullRequests.SetMergeCommitAsync(request.RepoUrl, first.Number, Scenario.HeadSha, "abc", default);

        Assert.Equal([1, 2, 1, 1], [first.Number, other.Number, elsewhere.Number, again.Number]);
        Assert.Equal(
            new StoredPullRequest(request with { Title = "Better" }, 1, Scenario.HeadSha, "abc"), await pullRequests.GetAsync(request.RepoUrl, 1, default));
        Assert.Null(await pullRequests.GetAsync(request.RepoUrl, 9, default));
        await Assert.ThrowsAsync<InvalidOperationException>(() => pullRequests.SetMergeCommitAsync(request.RepoUrl, 9, "x", "y", default));
    }

    public void Dispose()
    {
        _file.Dispose();
        _directory.Dispose();
    }

    private (SqliteFile File, SqliteRunStore Store) Open()
    {
        var file = SqliteFile.Open(_directory.File("runs.db"), RunsSchema.Scripts);
        return (file, new SqliteRunStore(file));
    }

    private async Task<RunId> CreateAsync()
    {
        var run = Scenario.Run();
        Assert.Null(await _store.CreateAsync(run, default));
        return run.RunId;
    }

    private async Task<(bool Pending, bool Untold)> FlagsAsync(RunId id)
    {
        var pending = await _store.ListAsync(new RunQuery(PendingGate: true), default);
        var untold = await _store.ListAsync(new RunQuery(Untold: true), default);
        return (pending.Items.Any(run => run.RunId == id), untold.Items.Any(run => run.RunId == id));
    }
}
