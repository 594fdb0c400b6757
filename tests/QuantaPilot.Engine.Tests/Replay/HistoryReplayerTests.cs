using System.Text.Json;
using QuantaPilot.Engine.Tests.Support;

namespace QuantaPilot.Engine.Tests.Replay;

public sealed class HistoryReplayerTests
{
    [Fact]
    public void Replay_CompleteHistory_IsComplete() =>
        Assert.Equal(new ReplayResult(ReplayStatus.Complete, OutputJson: "5"), Replay("complete", Orders.AsRecorded));

    [Fact]
    public void Replay_IncompleteHistory_IsWaiting() =>
        Assert.Equal(new ReplayResult(ReplayStatus.Waiting), Replay("incomplete", Orders.AsRecorded));

    [Fact]
    public void Replay_FailedHistory_FailsWithTheSameError() => Assert.Equal(
        new ReplayResult(
            ReplayStatus.Failed,
            Failure: "QuantaPilot.Core.Orchestrations.ActivityFailedException: Reserve failed: out of stock"),
        Replay("failed", Orders.AsRecorded));

    [Fact]
    public void Replay_TerminatedHistory_IsTerminated() => Assert.Equal(
        new ReplayResult(ReplayStatus.Terminated, Failure: "no longer wanted"), Replay("terminated", Orders.AsRecorded));

    [Fact]
    public void Replay_RenamedActivity_IsNamed() =>
        AssertMismatch(Orders.RenamedActivity, new ReplayMismatch("activity 'Price'", "activity 'Quote'", 1, 1));

    [Fact]
    public void Replay_SwappedOrder_IsNamed() =>
        AssertMismatch(Orders.SwappedOrder, new ReplayMismatch("activity 'Reserve'", "activity 'Notify'", 2, 2));

    [Fact]
    public void Replay_ExtraCall_IsNamed() =>
        AssertMismatch(Orders.ExtraCall, new ReplayMismatch("activity 'Reserve'", "activity 'Quote'", 2, 2));

    [Fact]
    public void Replay_RemovedTimer_IsNamed()
    {
        var mismatch = Replay("complete", Orders.RemovedTimer).Mismatch;

        Assert.Equal(("a timer", "nothing: the code waits for something else"), (mismatch?.Expected, mismatch?.Found));
    }

    [Fact]
    public void Replay_CodeEndsBeforeTheHistory_IsNamed()
    {
        var mismatch = Replay("complete", Orders.EndsEarly).Mismatch;

        Assert.Equal(("a timer", "completion"), (mismatch?.Expected, mismatch?.Found));
    }

    [Fact]
    public void Replay_WaitsForAnotherEvent_IsNamed()
    {
        var mismatch = Replay("complete", Orders.WaitsForAnotherEvent).Mismatch;

        Assert.Equal(("completion", "nothing: the code waits for something else"), (mismatch?.Expected, mismatch?.Found));
    }

    [Fact]
    public void Replay_OrchestrationNotRegistered_IsNamed() => AssertMismatch(
        new OrchestrationRegistry(), new ReplayMismatch("orchestration 'Order'", "none registered under that name", 1, 1));

    [Fact]
    public void Replay_OpenActivityNotRegistered_IsNamed()
    {
        var registry = new OrchestrationRegistry()
            .AddOrchestration("o", async context => await context.CallActivityAsync<int>("gone", null));
        const string history = """
            {"instanceId":"i","turns":[
              [{"type":"executionStarted","name":"o","input":null}],
              [{"type":"turnStarted","at":"2026-01-01T00:00:00+00:00"},{"type":"activityScheduled","id":0,"name":"gone","input":null}]]}
            """;

        Assert.Equal(
            new ReplayMismatch("activity 'gone'", "none registered under that name", 1, 2),
            HistoryReplayer.Replay(history, registry, new JsonSerializerOptions()).Mismatch);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"instanceId":"i","turns":[]}""")]
    [InlineData("""{"instanceId":"i","turns":[[{"type":"executionStarted","name":"Order","input":1}],[]]}""")]
    [InlineData("""{"instanceId":"i","turns":[[{"type":"nonsense"}]]}""")]
    [InlineData("not json")]
    public void Replay_NoHistory_Throws(string text) =>
        Assert.ThrowsAny<JsonException>(() => HistoryReplayer.Replay(text, Orders.AsRecorded, new JsonSerializerOptions()));

    [Fact]
    public async Task ExportHistory_OfARunJustMade_ReplaysToTheSameEnd()
    {
        await using var host = await EngineHost.StartAsync(Orders.AsRecorded);
        await host.StartAsync("Order", "apple");
        await host.RaiseAsync("approved", true);
        await host.EndAsync();
        var history = host.Engine.ExportHistory("i1")!;

        Assert.Equal(
            new ReplayResult(ReplayStatus.Complete, "5"), HistoryReplayer.Replay(history, Orders.AsRecorded, new JsonSerializerOptions()));
        Assert.Null(host.Engine.ExportHistory("nobody"));
    }

    private static void AssertMismatch(OrchestrationRegistry registry, ReplayMismatch expected) =>
        Assert.Equal(new ReplayResult(ReplayStatus.Mismatch, Mismatch: expected), Replay("complete", registry));

    private static ReplayResult Replay(string name, OrchestrationRegistry registry)
    {
        var history = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Histories", $"{name}.json"));
        return HistoryReplayer.Replay(history, registry, new JsonSerializerOptions(JsonSerializerDefaults.Web));
    }
}
