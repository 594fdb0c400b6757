using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Engine.Storage;
using QuantaPilot.Host.Sqlite;

namespace QuantaPilot.Stores.Tests;

/// <summary>The suite on SQLite, and what only that store has.</summary>
#pragma warning disable CA1001 // xunit disposes of a test through IAsyncLifetime.
public sealed class SqliteStoreTests : RunStoreSuite
#pragma warning restore CA1001
{
    private readonly TempDirectory _directory = new();
    private SqliteFile _file = null!;
    private SqliteRunStore _store = null!;

    [Fact]
    public async Task Append_InAGroupThatIsRolledBack_IsStillRight()
    {
        var id = await CreateAsync();
        var writes = new List<Task>();
        for (var revision = 1; revision <= 200; revision++)
        {
            writes.Add(_store.AppendAsync(id, [Scenario.Tick(revision)], default));
            // A fault in the group makes the writer roll it back and run each operation once more.
            if (revision % 20 == 0)
            {
                writes.Add(Assert.ThrowsAsync<NotSupportedException>(() => _file.WriteAsync<int>(_ => throw new NotSupportedException())));
            }
        }

        await Task.WhenAll(writes);

        Assert.Equal(
            Enumerable.Range(1, 200).Select(i => (long)i), (await _store.ReadEventsAsync(id, 0, 1000, default)).Select(e => e.Sequence));
        Assert.Equal(200, (await _store.GetAsync(id, default))!.Sequence);
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
    public void List_AnyFilter_WalksAnIndexAndSortsNothing(
        RunStatus? status, string? project, string? correlationId, bool pending, bool untold, bool cursor)
    {
        var (sql, values) = RunListing.For(
            new RunQuery(status, project, correlationId, pending, untold, 50, cursor ? ListCursor.Runs.Encode(5) : null));

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
        if (pending || untold)
        {
            Assert.Contains(plan, step => step.Contains(pending ? "runs_pending_gate" : "runs_untold", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task List_CursorWithATypingError_Throws() => await Assert.ThrowsAsync<InvalidCursorException>(
        () => _store.ListAsync(new RunQuery(Cursor: ListCursor.Runs.Encode(1)[..15] + "!"), default));

    protected override Task<(IRunStore Runs, ITokenStore Tokens, IPullRequestStore PullRequests)> OpenAsync()
    {
        _file?.Dispose();
        _file = SqliteFile.Open(_directory.Combine("runs.db"), RunsSchema.Scripts);
        _store = new SqliteRunStore(_file);
        return Task.FromResult<(IRunStore, ITokenStore, IPullRequestStore)>(
            (_store, new SqliteTokenStore(_file), new SqlitePullRequestStore(_file)));
    }

    public override Task DisposeAsync()
    {
        _file.Dispose();
        _directory.Dispose();
        return Task.CompletedTask;
    }

    private async Task<RunId> CreateAsync()
    {
        var run = Scenario.Run();
        Assert.Null(await _store.CreateAsync(run, default));
        return run.RunId;
    }
}
