using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Functions.Tests.Support;

namespace QuantaPilot.Functions.Tests.Durable;

public sealed class ExternalEventTests
{
    private const string Name = "signal";

    /// <summary>An event by which a test lets the orchestration go on.</summary>
    private const string Go = "go";

    [Fact]
    public async Task Wait_EventsBeforeIt_ComeInOrder()
    {
        await using var run = await TaskHub.RunAsync(async context =>
        {
            await context.WaitForExternalEventAsync<string>(Go);
            return string.Concat(await Next(context), await Next(context), await Next(context));
        });
        await run.RaiseAsync(Name, "a");
        await run.RaiseAsync(Name, "b");
        await run.RaiseAsync(Name, "c");
        await run.RaiseAsync(Go, "");
        Assert.Equal("abc", await run.ResultAsync<string>());
    }

    [Fact]
    public async Task Wait_EventHasArrived_IsCompletedAtOnce()
    {
        await using var run = await TaskHub.RunAsync(async context =>
        {
            await context.WaitForExternalEventAsync<string>(Go);
            // Each wait is made by what runs inside the delivery of the event before.
            var first = context.WaitForExternalEventAsync<string>(Name);
            var text = await first;
            var second = context.WaitForExternalEventAsync<string>(Name);
            var third = context.WaitForExternalEventAsync<string>(Name);
            return $"{text} {first.IsCompleted} {second.IsCompleted} {third.IsCompleted}";
        });
        await run.RaiseAsync(Name, "a");
        await run.RaiseAsync(Name, "b");
        await run.RaiseAsync(Go, "");
        Assert.Equal("a True True False", await run.ResultAsync<string>());
    }

    [Fact]
    public async Task Wait_NextWaitIsMadeInsideADelivery_FindsWhatArrivedWithIt()
    {
        await using var run = await TaskHub.RunAsync(async context =>
        {
            var early = context.WaitForExternalEventAsync<string>(Name);
            await context.WaitForExternalEventAsync<string>(Go);
            await early;
            var next = context.WaitForExternalEventAsync<string>(Name);
            return next.IsCompleted ? await next : "not yet";
        });
        await run.RaiseAsync(Name, "a");
        await run.RaiseAsync(Name, "b");
        await run.RaiseAsync(Go, "");
        Assert.Equal("b", await run.ResultAsync<string>());
    }

    [Fact]
    public async Task Wait_SeveralForOneName_AreServedInTheOrderOfTheCalls()
    {
        await using var run = await TaskHub.RunAsync(async context =>
        {
            var waits = Enumerable.Range(0, 3).Select(_ => Next(context)).ToList();
            return string.Concat(await waits[0], await waits[1], await waits[2]);
        });
        await run.RaiseAsync(Name, "a");
        await run.RaiseAsync(Name, "b");
        await run.RaiseAsync(Name, "c");
        Assert.Equal("abc", await run.ResultAsync<string>());
    }

    [Fact]
    public async Task Wait_Cancelled_ConsumesNothing()
    {
        await using var run = await TaskHub.RunAsync(async context =>
        {
            using var cancellation = new CancellationTokenSource();
            var cancelled = context.WaitForExternalEventAsync<string>(Name, cancellation.Token);
            await context.WaitForExternalEventAsync<string>(Go);
            cancellation.Cancel();
            var end = await cancelled.FaultAsync();
            await context.WaitForExternalEventAsync<string>(Go);
            return $"{end is OperationCanceledException} {await Next(context)}{await Next(context)}";
        });
        await run.RaiseAsync(Go, "");
        await run.RaiseAsync(Name, "a");
        await run.RaiseAsync(Name, "b");
        await run.RaiseAsync(Go, "");
        Assert.Equal("True ab", await run.ResultAsync<string>());
    }

    [Fact]
    public async Task Wait_OneOfSeveralCancelled_OthersKeepTheirOrder()
    {
        await using var run = await TaskHub.RunAsync(async context =>
        {
            using var cancellation = new CancellationTokenSource();
            var first = Next(context);
            var second = context.WaitForExternalEventAsync<string>(Name, cancellation.Token);
            var third = Next(context);
            cancellation.Cancel();
            return $"{await first}{await third} {second.IsCanceled}";
        });
        await run.RaiseAsync(Name, "a");
        await run.RaiseAsync(Name, "b");
        Assert.Equal("ab True", await run.ResultAsync<string>());
    }

    [Fact]
    public async Task Wait_TokenIsCancelledAlready_IsCancelled()
    {
        await using var run = await TaskHub.RunAsync(async context =>
        {
            var wait = context.WaitForExternalEventAsync<string>(Name, new CancellationToken(canceled: true));
            return $"{wait.IsCanceled} {await Next(context)}";
        });
        await run.RaiseAsync(Name, "a");
        Assert.Equal("True a", await run.ResultAsync<string>());
    }

    [Fact]
    public async Task Wait_NameDiffersInCase_IsTheSame()
    {
        await using var run = await TaskHub.RunAsync(async context => $"{await Next(context)}{await Next(context)}");
        await run.RaiseAsync("SIGNAL", "a");
        await run.RaiseAsync("Signal", "b");
        Assert.Equal("ab", await run.ResultAsync<string>());
    }

    [Fact]
    public async Task Wait_NoPayload_IsNull()
    {
        await using var run = await TaskHub.RunAsync(async context => await context.WaitForExternalEventAsync<string?>(Name) is null);
        await run.RaiseAsync(Name, null);
        Assert.True(await run.ResultAsync<bool>());
    }

    [Fact]
    public async Task Wait_Signal_ArrivesWhole()
    {
        await using var run = await TaskHub.RunAsync(async context =>
            await context.WaitForExternalEventAsync<RunSignal>(RunSignal.EventName));
        var signal = new RunSignal(RunSignalKind.Decision, Decision: new Core.Runs.GateDecision("anchor", 1, true, "fine", "bob"));
        await run.RaiseAsync(RunSignal.EventName, signal);
        var state = await run.TaskHub.EndOfAsync("1");
        Assert.Equal(signal, System.Text.Json.JsonSerializer.Deserialize<RunSignal>(state.OutputJson!, WorkerJson.Options));
    }

    private static Task<string> Next(IOrchestrationContext context) => context.WaitForExternalEventAsync<string>(Name);
}
