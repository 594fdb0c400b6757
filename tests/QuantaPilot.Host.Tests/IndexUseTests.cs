using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Engine.Storage;
using QuantaPilot.Host.Sqlite;

namespace QuantaPilot.Host.Tests;

/// <summary>
/// The lists of pending gates and of runs that have not been told are asked for on every poll and at every start: what they
/// cost must depend on what they answer, not on how many runs there are.
/// </summary>
public sealed class IndexUseTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TempDirectory _directory = new();
    private readonly SqliteFile _file;
    private readonly SqliteRunStore _store;

    public IndexUseTests()
    {
        _file = SqliteFile.Open(_directory.Combine("runs.db"), RunsSchema.Scripts);
        _store = new SqliteRunStore(_file);
    }

    public void Dispose()
    {
        _file.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(true, "runs_pending_gate")]
    [InlineData(false, "runs_untold")]
    public async Task List_OfWhatWaits_ReadsItsOwnIndexOnly(bool pending, string index)
    {
        await AddEndedAsync(3);
        await AddWaitingAsync();
        var recorder = Record();
        var page = await ListAsync(pending, limit: 1, null);
        await ListAsync(pending, limit: 1, page.NextCursor);

        var plans = recorder.PlansOf(index == "runs_pending_gate" ? "pending_gate = 1" : "untold = 1");

        Assert.Equal(2, plans.Count);
        Assert.All(plans, plan => Assert.Contains($"USING INDEX {index}", Assert.Single(plan), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task List_OfWhatWaits_TakesNoMoreStepsAmongManyOtherRuns(bool pending)
    {
        await AddWaitingAsync();
        await StepsAsync(pending);
        var alone = await StepsAsync(pending);
        await AddEndedAsync(500);

        Assert.Equal(alone, await StepsAsync(pending));
        Assert.True(alone > 0);
    }

    private async Task<int> StepsAsync(bool pending)
    {
        var recorder = Record();
        var page = await ListAsync(pending, limit: 200, null);
        Assert.Equal(2, page.Items.Count);
        return recorder.Steps;
    }

    /// <summary>Listens to the reader that this thread uses, which it used last.</summary>
    private StatementRecorder Record() => _file.Read(session => new StatementRecorder(session.Connection));

    private Task<RunPage> ListAsync(bool pending, int limit, string? cursor) =>
        _store.ListAsync(new RunQuery(PendingGate: pending, Untold: !pending, Limit: limit, Cursor: cursor), default);

    /// <summary>Two runs that wait at a gate, and two whose orchestration has not been told of them.</summary>
    private async Task AddWaitingAsync()
    {
        for (var i = 0; i < 2; i++)
        {
            await AddAsync();
            var review = new GateReview(new PullRequestRef(1, null, "quantapilot/x/documentation"), new string('1', 40), null, "");
            await AddAsync(new RunStarted(), new GateRequested(Gate.Anchor, 1, "Review.", Start.AddDays(7), 1, true, review));
        }
    }

    private Task AddEndedAsync(int count) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(_ => AddAsync(new RunStarted(), new RunCompleted())));

    private async Task AddAsync(params RunEvent[] events)
    {
        var run = new RunSnapshot
        {
            RunId = RunId.From(Guid.NewGuid()),
            RepoUrl = "https://example.com/org/project.git",
            Project = "https://example.com/org/project",
            Branch = "main",
            CorrelationId = Guid.NewGuid().ToString(),
            RequestedBy = "olga",
            RequestDigest = "",
            CreatedAt = Start,
        };
        await _store.CreateAsync(run, default);
        await _store.AppendAsync(
            run.RunId, [.. events.Select((e, i) => e with { Revision = i + 1, Sequence = i + 1, At = Start })], default);
    }
}
