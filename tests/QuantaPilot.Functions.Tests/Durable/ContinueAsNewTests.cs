using System.Text.Json;
using QuantaPilot.Functions.Durable;
using QuantaPilot.Functions.Tests.Support;

namespace QuantaPilot.Functions.Tests.Durable;

public sealed class ContinueAsNewTests
{
    private const string Name = "signal";

    [Fact]
    public async Task ContinueAsNew_ManyTimes_LosesNoEvent()
    {
        const int Count = 40;
        await using var run = await TaskHub.RunAsync(async context =>
        {
            var collected = context.GetInput<string>() + await context.WaitForExternalEventAsync<string>(Name);
            if (collected.Length < Count) context.ContinueAsNew(collected);
            return collected;
        });
        for (var i = 0; i < Count; i++) await run.RaiseAsync(Name, $"{i % 10}");
        Assert.Equal(string.Concat(Enumerable.Range(0, Count).Select(i => i % 10)), await run.ResultAsync<string>());
    }

    [Fact]
    public async Task ContinueAsNew_EventsThatACancelledWaitLeft_AreSentOnInOrderBeforeIt()
    {
        // As in an orchestration, what waits goes on at once when an event arrives.
        SynchronizationContext.SetSynchronizationContext(null);
        var engine = new RecordingTaskContext();
        var context = new DurableOrchestrationContext(engine);
        using var cancellation = new CancellationTokenSource();
        var cancelled = context.WaitForExternalEventAsync<string>(Name, cancellation.Token);
        var open = context.WaitForExternalEventAsync<string>(Name);
        await cancellation.CancelAsync();
        engine.Arrive(Json("a"));
        Assert.Equal("a", await open);
        Assert.True(cancelled.IsCanceled);

        using var other = new CancellationTokenSource();
        _ = context.WaitForExternalEventAsync<string>(Name, other.Token);
        await other.CancelAsync();
        engine.Arrive(Json("b"));
        context.ContinueAsNew("next");

        Assert.Equal(["send 1 signal b", "continue next True"], engine.Done);
    }

    [Fact]
    public async Task ContinueAsNew_EventArrivesAfterIt_IsSentOn()
    {
        // As in an orchestration, what waits goes on at once when an event arrives.
        SynchronizationContext.SetSynchronizationContext(null);
        var engine = new RecordingTaskContext();
        var context = new DurableOrchestrationContext(engine);
        using var cancellation = new CancellationTokenSource();
        _ = context.WaitForExternalEventAsync<string>(Name, cancellation.Token);
        await cancellation.CancelAsync();

        context.ContinueAsNew(null);
        engine.Arrive(Json("late"));

        Assert.Equal(["continue  True", "send 1 signal late"], engine.Done);
    }

    private static JsonElement Json(string text) => JsonSerializer.SerializeToElement(text, WorkerJson.Options);
}
