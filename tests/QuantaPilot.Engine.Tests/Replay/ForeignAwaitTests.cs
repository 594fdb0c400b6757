using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Engine.Tests.Support;

namespace QuantaPilot.Engine.Tests.Replay;

/// <summary>Code that awaits what did not come from the context: its instance is stuck, for a fixed build to continue.</summary>
public sealed class ForeignAwaitTests
{
    private const string Expected = "an await of a task made by the orchestration context";

    /// <summary>The other thread must not be done before the turn awaits it, on however busy a machine.</summary>
    private static readonly TimeSpan _afterTheTurn = TimeSpan.FromMilliseconds(200);

    [Fact]
    public Task Await_TaskThatNobodyCompletes_IsNamed() => AssertNamed(
        async _ =>
        {
            await new TaskCompletionSource().Task;
            return 1;
        },
        context => context.WaitForExternalEventAsync<int>("go"));

    [Fact]
    public Task Await_TaskOfAnotherThread_IsNamed() => AssertNamed(
        async _ =>
        {
            await Task.Run(() => Thread.Sleep(_afterTheTurn));
            return 1;
        },
        context => context.WaitForExternalEventAsync<int>("go"));

    [Fact]
    public Task Await_OtherThreadWhileAnEventIsAwaited_IsNamed() => AssertNamed(
        async context =>
        {
            await Task.WhenAny(context.WaitForExternalEventAsync<int>("e"), Task.Run(() => Thread.Sleep(_afterTheTurn)));
            return 1;
        },
        context => context.WaitForExternalEventAsync<int>("go"));

    [Fact]
    public Task Await_WithConfigureAwaitFalse_IsNamed() => AssertNamed(
        async context =>
        {
            await context.CallActivityAsync<int>("one", null).ConfigureAwait(false);
            return await context.CallActivityAsync<int>("one", null);
        },
        async context => await context.CallActivityAsync<int>("one", null) + await context.CallActivityAsync<int>("one", null));

    [Fact]
    public Task Await_CancelAsync_IsNamed() => AssertNamed(
        async context =>
        {
            using var cancellation = new CancellationTokenSource();
            var timer = context.CreateTimerAsync(context.UtcNow.AddDays(1), cancellation.Token);
            await cancellation.CancelAsync();
            await timer;
            return 1;
        },
        async context =>
        {
            using var cancellation = new CancellationTokenSource();
            _ = context.CreateTimerAsync(context.UtcNow.AddDays(1), cancellation.Token);
            cancellation.Cancel();
            return await context.WaitForExternalEventAsync<int>("go");
        });

    private static async Task AssertNamed(Func<IOrchestrationContext, Task<int>> broken, Func<IOrchestrationContext, Task<int>> repaired)
    {
        var observer = new StuckRecorder();
        await using var host = await EngineHost.StartAsync(Registry(broken), new EngineOptions { Observer = observer });
        await host.StartAsync("o");
        var (instanceId, mismatch) = await observer.StuckAsync();

        Assert.Equal(("i1", Expected, "an await of some other task"), (instanceId, mismatch.Expected, mismatch.Found));
        Assert.Equal((OrchestrationStatus.Stuck, mismatch.ToString()), (host.Get().Status, host.Get().Failure));

        Assert.True(await host.RaiseAsync("go", 2));
        await host.RestartAsync(Registry(repaired));
        Assert.Equal(2, await host.OutputAsync<int>());
    }

    private static OrchestrationRegistry Registry(Func<IOrchestrationContext, Task<int>> body) => new OrchestrationRegistry()
        .AddOrchestration("o", body)
        .AddActivity<object?, int>("one", (_, _) => Task.FromResult(1));
}
