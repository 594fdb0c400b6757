using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;
using QuantaPilot.Engine;
using QuantaPilot.Host.Tests.Histories;

namespace QuantaPilot.Host.Tests;

/// <summary>
/// Replays recorded runs against the orchestration at hand: a change that can't continue what an earlier build has begun
/// fails here. How they were recorded, and when to record others, is in Histories/README.md.
/// </summary>
public sealed class RunHistoryTests(RunHistoryTests.Fixture fixture) : IClassFixture<RunHistoryTests.Fixture>
{
    /// <summary>Set to 1, the recordings of this run of the tests become the committed histories.</summary>
    private const string Switch = "QP_RECORD_HISTORIES";

    private const string Nondeterministic = "nondeterministic";

    public static TheoryData<string> Scenarios() => [.. RunScenarios.All.Keys];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Replay_CommittedHistory_ComesToTheSameEnd(string name) => AssertEnd(name, Replay(Read(name)));

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task Record_Anew_ReplaysToTheSameEnd(string name)
    {
        var history = await RunScenarios.All[name](fixture.Recorder);

        AssertEnd(name, Replay(history));
        if (Environment.GetEnvironmentVariable(Switch) != "1") return;
        Write(name, history);
        if (name == RunScenarios.Completed)
        {
            Write(Nondeterministic, history.Replace("carry_out_task", "write_code", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Replay_NondeterministicHistory_NamesTheMismatch()
    {
        var mismatch = Replay(Read(Nondeterministic)).Mismatch;

        Assert.Equal(("activity 'write_code'", "activity 'carry_out_task'"), (mismatch?.Expected, mismatch?.Found));
        var turns = Turns(JsonNode.Parse(Read(Nondeterministic))!);
        Assert.Contains("write_code", turns[mismatch!.Turn]![mismatch.Position]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Replay_AnyActionChanged_IsNamedAtItsPlace()
    {
        foreach (var (turn, position) in ActionsOf(Read(RunScenarios.Completed)))
        {
            var history = JsonNode.Parse(Read(RunScenarios.Completed))!;
            Turns(history)[turn]!.AsArray()[position] = JsonNode.Parse("""{"type":"activityScheduled","name":"other","input":null,"id":0}""");

            var mismatch = Replay(history.ToJsonString()).Mismatch;

            Assert.Equal(("activity 'other'", turn, position), (mismatch?.Expected, mismatch?.Turn, mismatch?.Position));
        }
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Replay_CutOffAfterAnyTurn_IsWaiting(string name)
    {
        var count = Turns(JsonNode.Parse(Read(name))!).Count;
        for (var turns = 1; turns < count; turns++)
        {
            var history = JsonNode.Parse(Read(name))!;
            while (Turns(history).Count > turns) Turns(history).RemoveAt(turns);

            Assert.Equal(new ReplayResult(ReplayStatus.Waiting), Replay(history.ToJsonString()));
        }
    }

    private static void AssertEnd(string name, ReplayResult result)
    {
        Assert.Null(result.Mismatch);
        if (name == RunScenarios.WaitingAtAnchor)
        {
            Assert.Equal(ReplayStatus.Waiting, result.Status);
            return;
        }
        Assert.Equal(ReplayStatus.Complete, result.Status);
        var outcome = JsonSerializer.Deserialize(result.OutputJson!, CoreJson.Default.RunOutcome)!;
        (RunStatus, string?) expected = name switch
        {
            RunScenarios.ChecksFailed => (RunStatus.Failed, ErrorCodes.ChecksFailed),
            RunScenarios.RemoteAgentTimedOut => (RunStatus.Failed, ErrorCodes.AgentTimedOut),
            RunScenarios.CancelledWhilePaused => (RunStatus.Cancelled, ErrorCodes.Cancelled),
            _ => (RunStatus.Completed, null),
        };
        Assert.Equal(expected, (outcome.Status, outcome.Error?.ErrorCode));
    }

    private ReplayResult Replay(string history) => HistoryReplayer.Replay(history, fixture.Recorder.Registry, CoreJson.Default.Options);

    private static JsonArray Turns(JsonNode history) => history["turns"]!.AsArray();

    private static IEnumerable<(int Turn, int Position)> ActionsOf(string history) => Turns(JsonNode.Parse(history)!)
        .SelectMany(
            (turn, number) => turn!.AsArray().Select((e, position) => (Number: number, Position: position, Type: (string)e!["type"]!)))
        .Where(e => e.Type is "activityScheduled" or "timerCreated" or "executionCompleted")
        .Select(e => (e.Number, e.Position));

    private static string Read(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Histories", $"{name}.json"));

    private static void Write(string name, string history, [CallerFilePath] string source = "") =>
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(source)!, "Histories", $"{name}.json"), history + "\n");

    /// <summary>One host for all recordings.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        internal RunRecorder Recorder { get; private set; } = null!;

        public async Task InitializeAsync() => Recorder = await RunRecorder.StartAsync();

        public async Task DisposeAsync() => await Recorder.DisposeAsync();
    }
}
