using QuantaPilot.Engine.Tests.Support;

namespace QuantaPilot.Engine.Tests.Semantics;

public sealed class ContinueAsNewTests
{
    /// <summary>Sums one event per execution until it has had as many as its input says.</summary>
    private static OrchestrationRegistry Summing() => new OrchestrationRegistry()
        .AddOrchestration("sum", async context =>
        {
            var (left, sum) = context.GetInput<State>();
            if (left == 0) return sum;
            context.ContinueAsNew(new State(left - 1, sum * 10 + await context.WaitForExternalEventAsync<int>("e")));
            return 0;
        });

    [Fact]
    public async Task ContinueAsNew_UnconsumedEvents_AreCarriedOverInOrder()
    {
        await using var host = await EngineHost.StartAsync(Summing());
        await host.StartAsync("sum", new State(4, 0));
        await host.Hub.CommitAsync(commit => commit.TurnNumber == 1);
        await host.Engine.StopAsync(default);
        // All are taken by one turn, which consumes the first only.
        for (var i = 1; i <= 4; i++) await host.RaiseAsync("e", i);
        await host.RestartAsync();

        Assert.Equal(1234, await host.OutputAsync<int>());
    }

    [Fact]
    public async Task ContinueAsNew_BufferedEventsAndRestart_AreCarriedOver()
    {
        await using var host = await EngineHost.StartAsync(Summing());
        await host.StartAsync("sum", new State(3, 0));
        await host.RaiseAsync("e", 1);
        await host.Hub.CommitAsync(commit => commit.Execution == 1 && commit.TurnNumber == 1);
        await host.RestartAsync();
        await host.RaiseAsync("e", 2);
        await host.RestartAsync();
        await host.RaiseAsync("E", 3);

        Assert.Equal(123, await host.OutputAsync<int>());
    }

    [Fact]
    public async Task ContinueAsNew_NewExecution_HasAnEmptyHistory()
    {
        await using var host = await EngineHost.StartAsync(Summing());
        await host.StartAsync("sum", new State(50, 0));
        for (var i = 0; i < 49; i++) await host.RaiseAsync("e", 0);
        await host.Hub.CommitAsync(commit => commit.Execution == 49 && commit.TurnNumber == 1);

        Assert.Equal(2, host.Count("hub_history"));
    }

    [Fact]
    public async Task ContinueAsNew_OldActivityStillRunning_ItsResultReachesNobody()
    {
        var release = new Signal();
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", async context =>
            {
                var round = context.GetInput<int>();
                var result = context.CallActivityAsync<string>(round == 0 ? "old" : "new", null);
                if (round == 1) return await result;
                await context.WaitForExternalEventAsync<int>("next");
                context.ContinueAsNew(1);
                return "";
            })
            .AddActivity<object?, string>("old", async (_, _) =>
            {
                await release.WaitAsync();
                return "old";
            })
            .AddActivity<object?, string>("new", async (_, _) =>
            {
                release.Set();
                await Task.Yield();
                return "new";
            }));
        await host.StartAsync("o", 0);
        await host.RaiseAsync("next", 0);

        Assert.Equal("new", await host.OutputAsync<string>());
    }

    [Fact]
    public async Task ContinueAsNew_SubOrchestration_AnswersItsParentAtItsVeryEnd()
    {
        var registry = Summing().AddOrchestration("parent", async context =>
            await context.CallSubOrchestrationAsync<int>("sum", "child", new State(2, 0)));
        await using var host = await EngineHost.StartAsync(registry);
        await host.StartAsync("parent");
        await host.Hub.CommitAsync(commit => commit.Parent is not null);
        await host.RaiseAsync("e", 4, "child");
        await host.RaiseAsync("e", 2, "child");

        Assert.Equal(42, await host.OutputAsync<int>());
    }

    [Fact]
    public async Task NewGuid_NextExecution_Differs()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", context =>
            {
                var before = context.GetInput<Guid?>();
                var guid = context.NewGuid();
                if (before is not null) return Task.FromResult(before != guid);
                context.ContinueAsNew(guid);
                return Task.FromResult(false);
            }));

        Assert.True(await host.RunAsync<bool>("o"));
    }

    private sealed record State(int Left, int Sum);
}
