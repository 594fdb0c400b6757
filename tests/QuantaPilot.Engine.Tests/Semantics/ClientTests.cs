using QuantaPilot.Core.Ports;
using QuantaPilot.Engine.Tests.Support;

namespace QuantaPilot.Engine.Tests.Semantics;

public sealed class ClientTests
{
    private static OrchestrationRegistry Waiting() => new OrchestrationRegistry()
        .AddOrchestration("wait", async context => await context.WaitForExternalEventAsync<int>("e"));

    [Fact]
    public async Task StartAsync_ManyRacing_ExactlyOneStarts()
    {
        var turns = 0;
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry().AddOrchestration("o", context =>
        {
            Interlocked.Increment(ref turns);
            return Task.FromResult(context.GetInput<int>());
        }));
        var started = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => host.StartAsync("o", i))));

        Assert.Single(started, won => won);
        Assert.Equal(Array.IndexOf(started, true), await host.OutputAsync<int>());
        Assert.Equal(1, turns);
    }

    [Fact]
    public async Task StartAsync_EndedInstance_LeavesItAsItIs()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", context => Task.FromResult(context.GetInput<int>())));
        await host.RunAsync<int>("o", 1);

        Assert.False(await host.StartAsync("o", 2));
        Assert.Equal(1, await host.OutputAsync<int>());
    }

    [Fact]
    public async Task StartAsync_UnknownName_ThrowsNamingIt()
    {
        await using var host = await EngineHost.StartAsync(Waiting());

        var error = await Assert.ThrowsAsync<ArgumentException>(() => host.StartAsync("nothing"));
        Assert.Contains("'nothing'", error.Message, StringComparison.Ordinal);
        Assert.Null(await host.Engine.GetAsync("i1", default));
    }

    [Fact]
    public async Task GetAsync_Lifetime_TellsStatusAndTimes()
    {
        await using var host = await EngineHost.StartAsync(Waiting());
        var start = host.Clock.GetUtcNow();
        await host.StartAsync("wait");
        await host.Hub.CommitAsync(commit => commit.TurnNumber == 1);
        Assert.Equal(
            new OrchestrationState("i1", "wait", OrchestrationStatus.Running, start, start, null, null),
            await host.Engine.GetAsync("i1", default));
        host.Clock.Advance(TimeSpan.FromMinutes(1));
        await host.RaiseAsync("e", 3);
        await host.EndAsync();

        Assert.Equal(
            new OrchestrationState("i1", "wait", OrchestrationStatus.Completed, start, start.AddMinutes(1), "3", null),
            await host.Engine.GetAsync("i1", default));
        Assert.Null(await host.Engine.GetAsync("i2", default));
    }

    [Fact]
    public async Task TerminateAsync_Waiting_EndsItWithTheReason()
    {
        await using var host = await EngineHost.StartAsync(Waiting());
        await host.StartAsync("wait");
        await host.Hub.CommitAsync(commit => commit.TurnNumber == 1);

        Assert.True(await host.Engine.TerminateAsync("i1", "not wanted", default));
        var state = await host.EndAsync();

        Assert.Equal((OrchestrationStatus.Terminated, "not wanted"), (state.Status, state.Failure));
        Assert.False(await host.Engine.TerminateAsync("i1", "again", default));
        Assert.False(await host.Engine.TerminateAsync("nobody", "x", default));
        Assert.False(await host.RaiseAsync("e", 1));
        Assert.Equal("not wanted", host.Get().Failure);
    }

    [Fact]
    public async Task TerminateAsync_ActivityRunning_CancelsItsTokenAndDropsItsResult()
    {
        var running = new Signal();
        var cancelled = new Signal();
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", async context => await context.CallActivityAsync<int>("long", null))
            .AddActivity<object?, int>("long", async (context, _) =>
            {
                await using var registration = context.CancellationToken.Register(cancelled.Set);
                running.Set();
                await cancelled.WaitAsync();
                return 1;
            }));
        await host.StartAsync("o");
        await running.WaitAsync();
        await host.Engine.TerminateAsync("i1", "stop", default);
        await cancelled.WaitAsync();
        await host.Engine.StopAsync(default);

        Assert.Equal(OrchestrationStatus.Terminated, host.Get().Status);
    }

    [Fact]
    public async Task PurgeAsync_Ended_RemovesAllOfItAndFreesTheId()
    {
        await using var host = await EngineHost.StartAsync(Waiting());
        await host.StartAsync("wait");
        Assert.False(await host.Engine.PurgeAsync("i1", default));
        await host.RaiseAsync("e", 1);
        await host.EndAsync();

        Assert.True(await host.Engine.PurgeAsync("i1", default));
        Assert.False(await host.Engine.PurgeAsync("i1", default));
        Assert.Null(await host.Engine.GetAsync("i1", default));
        Assert.Equal((0, 0, 0), (host.Count("hub_instances"), host.Count("hub_history"), host.Count("hub_inbox")));
        Assert.True(await host.StartAsync("wait"));
    }

    [Fact]
    public async Task WaitForEndAsync_UnknownInstance_ReturnsNull()
    {
        await using var host = await EngineHost.StartAsync(Waiting());

        Assert.Null(await host.Engine.WaitForEndAsync("nobody", default));
    }

    [Fact]
    public async Task StopAsync_ActivityRunning_CancelsItAndItRunsAgainAtTheNextStart()
    {
        var running = new Signal();
        var attempts = new List<int>();
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", async context => await context.CallActivityAsync<int>("long", null))
            .AddActivity<object?, int>("long", async (context, _) =>
            {
                lock (attempts) attempts.Add(context.Attempt);
                running.Set();
                if (context.Attempt == 1) await Task.Delay(Timeout.Infinite, context.CancellationToken);
                return context.Attempt;
            }));
        await host.StartAsync("o");
        await running.WaitAsync();
        await host.Engine.StopAsync(default).WaitAsync(EngineHost.Patience);
        Assert.Equal(OrchestrationStatus.Running, host.Get().Status);
        await host.RestartAsync();

        Assert.Equal(2, await host.OutputAsync<int>());
        Assert.Equal([1, 2], attempts);
    }

    [Fact]
    public async Task Eviction_MoreInstancesThanAreKept_AllAreReplayedAndEnd()
    {
        await using var host = await EngineHost.StartAsync(
            new OrchestrationRegistry().AddOrchestration("o", async context =>
                context.GetInput<int>() + await context.WaitForExternalEventAsync<int>("e") + await context.WaitForExternalEventAsync<int>("e")),
            new EngineOptions { MaxLiveOrchestrations = 2 });
        for (var i = 0; i < 20; i++) await host.StartAsync("o", i, $"i{i}");
        for (var i = 0; i < 20; i++) await host.RaiseAsync("e", 100, $"i{i}");
        for (var i = 0; i < 20; i++) await host.RaiseAsync("e", 1000, $"i{i}");

        for (var i = 0; i < 20; i++) Assert.Equal(1100 + i, await host.OutputAsync<int>($"i{i}"));
        Assert.NotEqual(0, host.Hub.Loads);
    }
}
