using QuantaPilot.Core.Ports;
using QuantaPilot.Engine.Tests.Support;

namespace QuantaPilot.Engine.Tests.Semantics;

public sealed class ExternalEventTests
{
    [Fact]
    public async Task WaitForExternalEvent_EventsBeforeTheFirstTurn_AreBufferedInOrder()
    {
        await using var host = await EngineHost.StartAsync(
            new OrchestrationRegistry()
                .AddOrchestration("o", async context => new[]
                {
                    await context.WaitForExternalEventAsync<int>("e"),
                    await context.WaitForExternalEventAsync<int>("e"),
                    await context.WaitForExternalEventAsync<int>("e"),
                }));
        await host.StartAsync("o");
        await host.Hub.CommitAsync(commit => commit.TurnNumber == 1);
        // A second instance, created while no engine runs, gets its events before any turn.
        await host.Engine.StopAsync(default);
        await host.StartAsync("o", id: "early");
        for (var i = 1; i <= 3; i++) Assert.True(await host.RaiseAsync("e", i, "early"));
        Assert.Equal(3, host.Count("hub_inbox"));

        await host.RestartAsync();

        Assert.Equal(new[] { 1, 2, 3 }, await host.OutputAsync<int[]>("early"));
        Assert.Equal(0, host.Count("hub_inbox"));
    }

    [Fact]
    public async Task WaitForExternalEvent_EventsBeforeTheWait_AreBufferedAndSurviveRestart()
    {
        var working = new Signal();
        var go = new Signal();
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", async context =>
            {
                await context.CallActivityAsync<int>("work", null);
                return new[] { await context.WaitForExternalEventAsync<int>("e"), await context.WaitForExternalEventAsync<int>("e") };
            })
            .AddActivity<object?, int>("work", async (_, _) =>
            {
                working.Set();
                await go.WaitAsync();
                return 0;
            }));
        await host.StartAsync("o");
        await working.WaitAsync();
        await host.RaiseAsync("e", 1);
        await host.Hub.CommitAsync(commit => commit.ConsumedSeq == 1);
        go.Set();
        await host.RestartAsync();
        await host.RaiseAsync("e", 2);

        Assert.Equal(new[] { 1, 2 }, await host.OutputAsync<int[]>());
    }

    [Fact]
    public async Task WaitForExternalEvent_SeveralWaitsForOneName_AreServedInOrderOfTheCalls()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", async context =>
                await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => context.WaitForExternalEventAsync<string>("e")))));
        await host.StartAsync("o");
        await host.Hub.CommitAsync(commit => commit.TurnNumber == 1);
        foreach (var payload in new[] { "a", "b", "c" }) await host.RaiseAsync("e", payload);

        Assert.Equal(new[] { "a", "b", "c" }, await host.OutputAsync<string[]>());
    }

    [Fact]
    public async Task WaitForExternalEvent_NameInAnotherCase_IsTheSame()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", async context => await context.WaitForExternalEventAsync<int>("Decision")));
        await host.StartAsync("o");
        await host.RaiseAsync("dECISION", 7);

        Assert.Equal(7, await host.OutputAsync<int>());
    }

    [Fact]
    public async Task WaitForExternalEvent_Cancelled_ConsumesNoEvent()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", async context =>
            {
                using var cancellation = new CancellationTokenSource();
                var wait = context.WaitForExternalEventAsync<int>("e", cancellation.Token);
                await context.WaitForExternalEventAsync<int>("stop waiting");
                cancellation.Cancel();
                var cancelled = false;
                try
                {
                    await wait;
                }
                catch (OperationCanceledException)
                {
                    cancelled = true;
                }
                return (cancelled ? 100 : 0) + await context.WaitForExternalEventAsync<int>("e");
            }));
        await host.StartAsync("o");
        await host.RaiseAsync("stop waiting", 0);
        await host.RaiseAsync("e", 5);

        Assert.Equal(105, await host.OutputAsync<int>());
    }

    [Fact]
    public async Task WaitForExternalEvent_TokenCancelledBefore_ThrowsAndLeavesTheBufferedEvent()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", async context =>
            {
                await context.WaitForExternalEventAsync<int>("go");
                var wait = context.WaitForExternalEventAsync<int>("e", new CancellationToken(canceled: true));
                return wait.IsCanceled ? await context.WaitForExternalEventAsync<int>("e") : -1;
            }));
        await host.StartAsync("o");
        await host.RaiseAsync("e", 5);
        await host.RaiseAsync("go", 0);

        Assert.Equal(5, await host.OutputAsync<int>());
    }

    [Fact]
    public async Task WaitForExternalEvent_PayloadOfAnotherType_ThrowsJsonException()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", async context => await context.WaitForExternalEventAsync<int>("e")));
        await host.StartAsync("o");
        await host.RaiseAsync("e", "text");

        Assert.StartsWith("System.Text.Json.JsonException: ", (await host.EndAsync()).Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RaiseEventAsync_UnknownInstance_ReturnsFalseAndStoresNothing()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry());

        Assert.False(await host.RaiseAsync("e", 1, "nobody"));
        Assert.Equal(0, host.Count("hub_inbox"));
    }

    [Fact]
    public async Task RaiseEventAsync_EndedInstance_ReturnsFalseAndStoresNothing()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry().AddOrchestration("o", _ => Task.FromResult(1)));
        await host.RunAsync<int>("o");

        Assert.False(await host.RaiseAsync("e", 1));
        Assert.Equal(0, host.Count("hub_inbox"));
    }

    [Fact]
    public async Task RaiseEventAsync_Repeated_IsASecondEvent()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", async context =>
                await context.WaitForExternalEventAsync<int>("e") + await context.WaitForExternalEventAsync<int>("e")));
        await host.StartAsync("o");
        await host.RaiseAsync("e", 4);
        await host.RaiseAsync("e", 4);

        Assert.Equal(8, await host.OutputAsync<int>());
    }

    [Fact]
    public async Task RaiseEventAsync_ManyAtOnce_NoneIsLost()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", async context =>
            {
                var seen = new List<int>();
                while (seen.Count < 200) seen.Add(await context.WaitForExternalEventAsync<int>("e"));
                return seen;
            }));
        await host.StartAsync("o");
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => host.RaiseAsync("e", i))));

        Assert.Equal(Enumerable.Range(0, 200), (await host.OutputAsync<int[]>()).Order());
    }

    [Fact]
    public async Task Orchestration_EndsWithUnconsumedEvents_LeavesNoneBehind()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", async context => await context.WaitForExternalEventAsync<int>("e")));
        await host.StartAsync("o");
        await host.RaiseAsync("other", 1);
        await host.RaiseAsync("e", 1);
        await host.EndAsync();

        Assert.Equal(OrchestrationStatus.Completed, host.Get().Status);
        Assert.Equal(0, host.Count("hub_inbox"));
    }
}
