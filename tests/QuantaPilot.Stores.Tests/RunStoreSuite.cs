using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Stores.Tests;

/// <summary>What every store does, whatever it is made of.</summary>
public abstract class RunStoreSuite : IAsyncLifetime
{
    private IRunStore _store = null!;
    private ITokenStore _tokens = null!;
    private IPullRequestStore _pullRequests = null!;
    private int _created;

    /// <summary>The stores, on what an earlier call left.</summary>
    protected abstract Task<(IRunStore Runs, ITokenStore Tokens, IPullRequestStore PullRequests)> OpenAsync();

    public virtual async Task InitializeAsync() => (_store, _tokens, _pullRequests) = await OpenAsync();

    public abstract Task DisposeAsync();

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
    public async Task SetRetriedBy_LinksTheRunAndChangesNothingElse()
    {
        var id = await CreateAsync();
        await _store.AppendAsync(id, [Scenario.Started(), Scenario.Failed(2)], default);
        var retry = Scenario.Run() with
        {
            Retry = new RetryPoint(id, id) { CompletedMilestones = ["M-001"], Attempts = [new StepAttempt("M-002", 2)] },
        };
        await _store.CreateAsync(retry, default);

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _store.SetRetriedByAsync(id, retry.RunId, default)));

        var run = (await _store.GetAsync(id, default))!;
        Assert.Equal((retry.RunId, RunStatus.Failed, 2), (run.RetriedBy, run.Status, run.Revision));
        var point = (await _store.GetAsync(retry.RunId, default))!.Retry!;
        Assert.Equal((id, id), (point.Of, point.Origin));
        Assert.Equal(("M-001", new StepAttempt("M-002", 2)), (point.CompletedMilestones[0], point.Attempts[0]));
    }

    [Fact]
    public async Task SetRetriedBy_OfARunThatIsGone_DoesNothing()
    {
        var gone = RunId.From(Guid.NewGuid());

        await _store.SetRetriedByAsync(gone, RunId.From(Guid.NewGuid()), default);

        Assert.Null(await _store.GetAsync(gone, default));
    }

    [Fact]
    public async Task Append_ToNoRun_Throws() =>
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _store.AppendAsync(RunId.From(Guid.NewGuid()), [Scenario.Started()], default));

    [Fact]
    public async Task List_ManyRunsWhileOthersAreAdded_GivesEachOnceNewestFirst()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 150).Select(_ => CreateAsync()));
        var seen = new List<RunId>();
        string? cursor = null;
        do
        {
            var page = await _store.ListAsync(new RunQuery(Limit: 17, Cursor: cursor), default);
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
        await _store.SetStuckAsync(id, "code does not fit", default);
        Assert.Equal([id], await ListAsync(new RunQuery(Untold: true)));
        await _store.SetStuckAsync(id, null, default);
        await _store.AppendAsync(id, [Scenario.Decided()], default);
        Assert.Equal((false, false), await FlagsAsync(id));
    }

    [Fact]
    public async Task List_ForeignCursor_Throws()
    {
        foreach (var cursor in new[] { "", "x", new string('A', 16), new string('A', 75), "====" })
            await Assert.ThrowsAsync<InvalidCursorException>(() => _store.ListAsync(new RunQuery(Cursor: cursor), default));
    }

    [Fact]
    public async Task List_ByEachFilter_HoldsTheRunsThatMatch()
    {
        var queued = await CreateAsync();
        var running = await CreateAsync();
        await _store.AppendAsync(running, [Scenario.Started()], default);
        var paused = await CreateAsync();
        await _store.AppendAsync(
            paused,
            [Scenario.Started(), Scenario.AnchorRequested(), new RunPaused("later") { Revision = 3, Sequence = 3, At = Scenario.Start }],
            default);
        var stuck = await CreateAsync();
        await _store.AppendAsync(stuck, [Scenario.Started()], default);
        await _store.SetStuckAsync(stuck, "code does not fit", default);
        var completed = await CreateAsync();
        await _store.AppendAsync(completed, [Scenario.Started(), Scenario.Completed(2)], default);
        var elsewhere = Scenario.Run("https://example.com/org/other", createdAt: Scenario.Start.AddHours(1));
        await _store.CreateAsync(elsewhere, default);

        Assert.Equal([elsewhere.RunId, queued], await ListAsync(new RunQuery(RunStatus.Queued)));
        Assert.Equal([running], await ListAsync(new RunQuery(RunStatus.Running)));
        Assert.Equal([paused], await ListAsync(new RunQuery(RunStatus.Paused)));
        Assert.Equal([paused], await ListAsync(new RunQuery(PendingGate: true)));
        Assert.Equal([stuck], await ListAsync(new RunQuery(RunStatus.Stuck)));
        Assert.Equal([completed], await ListAsync(new RunQuery(RunStatus.Completed)));
        Assert.Equal([elsewhere.RunId], await ListAsync(new RunQuery(Project: elsewhere.Project)));
        Assert.Equal([elsewhere.RunId], await ListAsync(new RunQuery(CorrelationId: elsewhere.CorrelationId)));
        Assert.Empty(await ListAsync(new RunQuery(RunStatus.Completed, Project: elsewhere.Project)));
        foreach (var run in new[] { queued, running, paused, stuck, completed })
        {
            var (status, project) = ((await _store.GetAsync(run, default))!.Status, Scenario.Run().Project);
            Assert.Equal([run], await ListAsync(new RunQuery(status, project)));
        }
        Assert.Equal([elsewhere.RunId], await ListAsync(new RunQuery(RunStatus.Queued, elsewhere.Project)));
        Assert.Equal([paused], await ListAsync(new RunQuery(PendingGate: true, Project: Scenario.Run().Project)));
        Assert.Empty(await ListAsync(new RunQuery(PendingGate: true, Project: elsewhere.Project)));
        Assert.Equal([queued], await ListAsync(new RunQuery(Untold: true, Project: Scenario.Run().Project)));
        Assert.Equal([elsewhere.RunId, queued], await ListAsync(new RunQuery(Untold: true)));

        await _store.SetStuckAsync(stuck, null, default);
        Assert.Equal([stuck, running], await ListAsync(new RunQuery(RunStatus.Running)));
    }

    [Fact]
    public async Task ReadAllEvents_OfSeveralRuns_GivesEachOnceInTheOrderOfRecording()
    {
        var ids = new List<RunId>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add(await CreateAsync());
            await _store.AppendAsync(ids[i], [Scenario.Started(), Scenario.AnchorRequested()], default);
        }

        var seen = new List<LoggedEvent>();
        while (await _store.ReadAllEventsAsync(seen.LastOrDefault()?.Position ?? 0, 3, default) is { Count: > 0 } page) seen.AddRange(page);

        Assert.Equal(ids.SelectMany(id => new[] { (id, 1L), (id, 2L) }), seen.Select(e => (e.RunId, e.Sequence)));
        Assert.Equal(seen[^1].Position, await _store.LastPositionAsync(default));
        Assert.Equal(seen[2].Position, await _store.FindPositionAsync(ids[1], 1, default));
    }

    [Fact]
    public async Task WaitForChange_EveryChangeWhileWaiting_IsSeen()
    {
        var id = await CreateAsync();
        var appending = Task.Run(async () =>
        {
            for (var revision = 1; revision <= 100; revision++) await _store.AppendAsync(id, [Scenario.Tick(revision)], default);
        });

        var waiters = Enumerable.Range(0, 8).Select(async i =>
        {
            while (true)
            {
                var change = _store.WaitForChangeAsync(i % 2 == 0 ? id : null, default);
                if ((await _store.GetAsync(id, default))!.Revision == 100) return true;
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
        var last = await _store.LastPositionAsync(default);

        await _store.DeleteAsync(id, default);
        await _store.DeleteAsync(id, default);
        await _store.AppendAsync(unfinished, [Scenario.Started()], default);

        Assert.Null(await _store.GetAsync(id, default));
        Assert.Empty(await _store.ReadEventsAsync(id, 0, 100, default));
        Assert.Empty(await _store.FindEndedAsync(DateTimeOffset.MaxValue, 10, default));
        Assert.Equal(unfinished, Assert.Single(await _store.ReadAllEventsAsync(last, 10, default)).RunId);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _store.DeleteAsync(unfinished, default));
        Assert.NotNull(await _store.GetAsync(unfinished, default));
    }

    [Fact]
    public async Task Tokens_RevokedAndUsed_AreListedSoAtOnceAndAfterAReopening()
    {
        var hash = new byte[32];
        var token = new ApiToken("t1", "ann", hash, [TokenRole.Approver], ["*"], Scenario.Start, null, null);
        await _tokens.CreateAsync(token, default);
        Assert.True((await _tokens.FindAsync(hash, default))!.IsValidAt(Scenario.Start));

        await _tokens.MarkUsedAsync("t1", Scenario.Start.AddHours(1), default);
        Assert.True(await _tokens.RevokeByIdAsync("t1", Scenario.Start.AddHours(2), default));
        Assert.True(await _tokens.RevokeByIdAsync("t1", Scenario.Start.AddHours(3), default));
        Assert.False(await _tokens.RevokeByIdAsync("t2", Scenario.Start, default));

        await CheckAsync();
        (_store, _tokens, _pullRequests) = await OpenAsync();
        await CheckAsync();

        async Task CheckAsync()
        {
            var found = (await _tokens.FindAsync(hash, default))!;
            Assert.False(found.IsValidAt(Scenario.Start));
            Assert.Equal((Scenario.Start.AddHours(2), Scenario.Start.AddHours(1)), (found.RevokedAt, found.LastUsedAt));
            Assert.Equal("ann", Assert.Single(await _tokens.ListAsync(default)).Name);
        }
    }

    [Fact]
    public async Task Tokens_UnderOneIdOrHash_AreRefused()
    {
        var token = new ApiToken("t1", "ann", new byte[32], [TokenRole.Approver], ["*"], Scenario.Start, null, null);
        await _tokens.CreateAsync(token, default);

        await Assert.ThrowsAsync<ArgumentException>(
            () => _tokens.CreateAsync(token with { Hash = Enumerable.Repeat((byte)1, 32).ToArray() }, default));
        await Assert.ThrowsAsync<ArgumentException>(() => _tokens.CreateAsync(token with { Id = "t2" }, default));

        await _tokens.RevokeAsync("ann", Scenario.Start, default);
        Assert.Equal((token.Id, Scenario.Start), Assert.Single((await _tokens.ListAsync(default)).Select(t => (t.Id, t.RevokedAt))));
        Assert.Null(await _tokens.FindAsync(Enumerable.Repeat((byte)1, 32).ToArray(), default));
    }

    [Fact]
    public async Task Reopened_HoldsEverything()
    {
        var id = await CreateAsync();
        await _store.AppendAsync(id, [Scenario.Started(), Scenario.AnchorRequested()], default);
        await _store.VoteAsync(id, Gate.Anchor, new Vote("ann", true, "good", Scenario.Start), null, default);
        var before = (await _store.GetAsync(id, default))!;

        (_store, _tokens, _pullRequests) = await OpenAsync();

        var after = (await _store.GetAsync(id, default))!;
        Assert.Equal(before.Gates[0].Votes, after.Gates[0].Votes);
        Assert.Equal((before.Revision, before.Sequence, before.Status), (after.Revision, after.Sequence, after.Status));
        Assert.Equal(await _store.LastPositionAsync(default), await _store.FindPositionAsync(id, 2, default));
        Assert.Null(await _store.FindPositionAsync(id, 3, default));
    }

    [Fact]
    public async Task PullRequests_OpenedAgainAndMerged_KeepTheirNumber()
    {
        var request = new PullRequestRequest("https://example.com/o/p", "quantapilot/a/docs", "main", "Title", "Body");

        var first = await _pullRequests.OpenAsync(request, default);
        var other = await _pullRequests.OpenAsync(request with { HeadBranch = "quantapilot/b/docs" }, default);
        var elsewhere = await _pullRequests.OpenAsync(request with { RepoUrl = "https://example.com/o/q" }, default);
        var again = await _pullRequests.OpenAsync(request with { Title = "Better" }, default);
        await _pullRequests.SetMergeCommitAsync(request.RepoUrl, first.Number, Scenario.HeadSha, "abc", default);

        Assert.Equal([1, 2, 1, 1], [first.Number, other.Number, elsewhere.Number, again.Number]);
        Assert.Equal(
            new StoredPullRequest(
                request with { Title = "Better" }, 1, Scenario.HeadSha, "abc"), await _pullRequests.GetAsync(request.RepoUrl, 1, default));
        Assert.Null(await _pullRequests.GetAsync(request.RepoUrl, 9, default));
        await Assert.ThrowsAsync<InvalidOperationException>(() => _pullRequests.SetMergeCommitAsync(request.RepoUrl, 9, "x", "y", default));
    }

    private async Task<RunId> CreateAsync()
    {
        var run = Scenario.Run(createdAt: Scenario.Start.AddMilliseconds(Interlocked.Increment(ref _created)));
        Assert.Null(await _store.CreateAsync(run, default));
        return run.RunId;
    }

    private async Task<(bool Pending, bool Untold)> FlagsAsync(RunId id)
    {
        var pending = await _store.ListAsync(new RunQuery(PendingGate: true), default);
        var untold = await _store.ListAsync(new RunQuery(Untold: true), default);
        return (pending.Items.Any(run => run.RunId == id), untold.Items.Any(run => run.RunId == id));
    }

    private async Task<IEnumerable<RunId>> ListAsync(RunQuery query) =>
        (await _store.ListAsync(query, default)).Items.Select(run => run.RunId);
}
