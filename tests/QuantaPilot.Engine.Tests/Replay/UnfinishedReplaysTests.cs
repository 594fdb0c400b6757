using System.Text;
using System.Text.Json;
using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Engine.Tests.Replay;

public sealed class UnfinishedReplaysTests : IDisposable
{
    private const long Running = 0;
    private const long Completed = 1;
    private const long Stuck = 4;

    private readonly TempDirectory _folder = new();

    private string FilePath => _folder.Combine("hub.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Replay_UnfinishedInstances_TellsWhichTheCodeFits()
    {
        await AddAsync(("one", Running, History()), ("two", Completed, History()), ("three", Stuck, History()));

        Assert.Equal(
            [new InstanceReplay("one", "Order", false, null, null), new InstanceReplay("three", "Order", true, null, null)],
            Replay(Orders.AsRecorded));
        var misfits = Replay(Orders.RenamedActivity);
        Assert.Equal(["one", "three"], misfits.Select(replay => replay.InstanceId));
        Assert.All(misfits, replay =>
        {
            Assert.False(replay.Fits);
            Assert.Equal(new ReplayMismatch("activity 'Price'", "activity 'Quote'", 1, 1), replay.Mismatch);
        });
    }

    [Fact]
    public async Task Replay_OrchestrationThatIsGone_IsNamed()
    {
        await AddAsync(("one", Running, History()));

        var replay = Assert.Single(Replay(new OrchestrationRegistry()));
        Assert.Equal(("orchestration 'Order'", "none registered under that name"), (replay.Mismatch?.Expected, replay.Mismatch?.Found));
    }

    [Fact]
    public async Task Replay_HistoryOfANewerBuild_IsAFaultOfThatInstanceOnly()
    {
        await AddAsync(
            ("one", Running, History().Replace("\"timerCreated\"", "\"signalSent\"", StringComparison.Ordinal)),
            ("two", Running, History()));

        var replays = Replay(Orders.AsRecorded);
        Assert.Contains("its history can't be read by this build", replays[0].Fault, StringComparison.Ordinal);
        Assert.Contains("signalSent", replays[0].Fault, StringComparison.Ordinal);
        Assert.Equal([false, true], replays.Select(replay => replay.Fits));
    }

    [Fact]
    public async Task Replay_InstanceThatWasOnlyCreated_Fits()
    {
        await AddAsync(("one", Running, """{"turns":[[{"type":"executionStarted","name":"Order","input":"A-1","execution":0}]]}"""));

        Assert.True(Assert.Single(Replay(Orders.AsRecorded)).Fits);
    }

    private static string History() => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Histories", "incomplete.json"));

    private List<InstanceReplay> Replay(OrchestrationRegistry registry)
    {
        using var view = SqliteView.Open(FilePath, EmbeddedEngine.Schema);
        return [.. UnfinishedReplays.Replay(view, registry, new EngineOptions().Json)];
    }

    private async Task AddAsync(params (string Id, long Status, string History)[] instances)
    {
        using var file = SqliteFile.Open(FilePath, EmbeddedEngine.Schema);
        foreach (var (id, status, history) in instances)
        {
            using var json = JsonDocument.Parse(history);
            var turns = json.RootElement.GetProperty("turns").EnumerateArray()
                .Select(turn => Encoding.UTF8.GetBytes(turn.GetRawText())).ToList();
            await file.WriteAsync(session =>
            {
                var key = session.Scalar(
                    """
                    INSERT INTO hub_instances (id, name, status, created_at, updated_at, lease, execution, turns, open_activities)
                    VALUES (?1, 'Order', ?2, 0, 0, 1, 0, ?3, 0) RETURNING key
                    """, id, status, turns.Count - 1L);
                foreach (var (i, turn) in turns.Index()) session.Execute("INSERT INTO hub_history VALUES (?1, ?2, ?3)", key, (long)i, turn);
                return true;
            });
        }
    }
}
