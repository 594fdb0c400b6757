using QuantaPilot.Core.Ports;
using QuantaPilot.Engine.Tests.Support;

namespace QuantaPilot.Engine.Tests.Replay;

public sealed class StuckTests
{
    [Fact]
    public async Task Restart_WithCodeThatDoesNotFit_IsStuckAndAFixedBuildContinues()
    {
        var observer = new StuckRecorder();
        await using var host = await EngineHost.StartAsync(Orders.AsRecorded, new EngineOptions { Observer = observer });
        await host.StartAsync("Order", "apple");
        await host.Hub.CommitAsync(commit => commit.NextDue is not null);

        await host.RestartAsync(Orders.RenamedActivity);
        // The wrong build comes upon it at its next message, which must not be lost.
        Assert.True(await host.RaiseAsync("approved", true));
        var (instanceId, mismatch) = await observer.StuckAsync();
        Assert.Equal(("i1", new ReplayMismatch("activity 'Price'", "activity 'Quote'", 1, 1)), (instanceId, mismatch));
        var stuck = host.Get();
        Assert.Equal((OrchestrationStatus.Stuck, mismatch.ToString()), (stuck.Status, stuck.Failure));
        Assert.True(await host.RaiseAsync("unrelated", true));

        // Wrong in another way at the next start: that is what is told and shown from then on.
        await host.RestartAsync(Orders.SwappedOrder);
        var (_, other) = await observer.StuckAsync();
        Assert.Equal(new ReplayMismatch("activity 'Reserve'", "activity 'Notify'", 2, 2), other);
        Assert.Equal((OrchestrationStatus.Stuck, other.ToString()), (host.Get().Status, host.Get().Failure));

        await host.RestartAsync(Orders.AsRecorded);
        Assert.Equal("i1", await observer.UnstuckAsync());
        Assert.Equal(5, await host.OutputAsync<int>());
        Assert.Null(host.Get().Failure);
    }

    [Fact]
    public async Task Restart_FixedBuildWithNothingNew_IsRunningAgain()
    {
        var observer = new StuckRecorder();
        await using var host = await EngineHost.StartAsync(Orders.AsRecorded, new EngineOptions { Observer = observer });
        await host.StartAsync("Order", "apple");
        await host.Hub.CommitAsync(commit => commit.NextDue is not null);
        await host.RestartAsync(Orders.RenamedActivity);
        host.Clock.Advance(TimeSpan.FromHours(1));
        await host.RaiseAsync("unrelated", true);
        await observer.StuckAsync();

        await host.RestartAsync(Orders.AsRecorded);
        await observer.UnstuckAsync();

        Assert.Equal((OrchestrationStatus.Running, null), (host.Get().Status, host.Get().Failure));
        host.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, await host.OutputAsync<int>());
    }

    [Fact]
    public async Task Turn_CallsAnActivityThatIsNotRegistered_IsStuckUntilItIs()
    {
        var observer = new StuckRecorder();
        OrchestrationRegistry Registry() => new OrchestrationRegistry()
            .AddOrchestration("o", async context => await context.CallActivityAsync<int>("late", null));
        await using var host = await EngineHost.StartAsync(Registry(), new EngineOptions { Observer = observer });
        await host.StartAsync("o");
        var (_, mismatch) = await observer.StuckAsync();
        Assert.Equal(("activity 'late'", "none registered under that name"), (mismatch.Expected, mismatch.Found));

        await host.RestartAsync(Registry().AddActivity<object?, int>("late", (_, _) => Task.FromResult(9)));
        Assert.Equal(9, await host.OutputAsync<int>());
    }

    [Fact]
    public async Task Restart_StuckFreedAndWrongAgain_IsToldEachTimeAndGoesOnInTheEnd()
    {
        var observer = new StuckRecorder();
        await using var host = await EngineHost.StartAsync(Orders.AsRecorded, new EngineOptions { Observer = observer });
        await host.StartAsync("Order", "apple");
        await host.Hub.CommitAsync(commit => commit.NextDue is not null);
        await host.RestartAsync(Orders.RenamedActivity);
        await host.RaiseAsync("unrelated", 1);
        var first = await observer.StuckAsync();
        await host.RestartAsync(Orders.AsRecorded);
        await observer.UnstuckAsync();

        await host.RestartAsync(Orders.SwappedOrder);
        Assert.True(await host.RaiseAsync("approved", true));
        var second = await observer.StuckAsync();

        Assert.Equal(("i1", new ReplayMismatch("activity 'Reserve'", "activity 'Notify'", 2, 2)), second);
        Assert.NotEqual(first.Mismatch, second.Mismatch);
        Assert.Equal((OrchestrationStatus.Stuck, second.Mismatch.ToString()), (host.Get().Status, host.Get().Failure));

        await host.RestartAsync(Orders.AsRecorded);
        Assert.Equal("i1", await observer.UnstuckAsync());
        Assert.Equal(5, await host.OutputAsync<int>());
    }

    [Fact]
    public async Task Turn_FreedInstanceCallsAnotherActivityThatIsMissing_IsStuckAgainInTheSameProcess()
    {
        var observer = new StuckRecorder();
        OrchestrationRegistry Registry(params string[] known)
        {
            var registry = new OrchestrationRegistry().AddOrchestration("o", async context =>
                await context.CallActivityAsync<int>("late", null) + await context.CallActivityAsync<int>("later", null));
            foreach (var name in known) registry.AddActivity<object?, int>(name, (_, _) => Task.FromResult(4));
            return registry;
        }

        await using var host = await EngineHost.StartAsync(Registry(), new EngineOptions { Observer = observer });
        await host.StartAsync("o");
        Assert.Equal("activity 'late'", (await observer.StuckAsync()).Mismatch.Expected);

        await host.RestartAsync(Registry("late"));
        Assert.Equal("i1", await observer.UnstuckAsync());
        var (_, again) = await observer.StuckAsync();
        Assert.Equal(("activity 'later'", "none registered under that name"), (again.Expected, again.Found));
        Assert.Equal((OrchestrationStatus.Stuck, again.ToString()), (host.Get().Status, host.Get().Failure));

        await host.RestartAsync(Registry("late", "later"));
        Assert.Equal("i1", await observer.UnstuckAsync());
        Assert.Equal(8, await host.OutputAsync<int>());
    }

    [Fact]
    public async Task TerminateAsync_Stuck_EndsIt()
    {
        var observer = new StuckRecorder();
        await using var host = await EngineHost.StartAsync(
            new OrchestrationRegistry().AddOrchestration("o", async context => await context.CallActivityAsync<int>("none", null)),
            new EngineOptions { Observer = observer });
        await host.StartAsync("o");
        await observer.StuckAsync();

        Assert.True(await host.Engine.TerminateAsync("i1", "given up", default));
        Assert.Equal((OrchestrationStatus.Terminated, "given up"), ((await host.EndAsync()).Status, host.Get().Failure));
    }

    [Fact]
    public async Task Load_HistoryOfFiveThousandTurns_Replays()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("long", async context =>
            {
                var sum = 0L;
                for (var i = 0; i < 2500; i++) sum += await context.CallActivityAsync<int>("next", i);
                return sum + await context.WaitForExternalEventAsync<int>("finish");
            })
            .AddActivity<int, int>("next", (_, i) => Task.FromResult(i)));
        await host.StartAsync("long");
        await host.Hub.CommitAsync(commit => commit.TurnNumber == 2501);
        await host.RestartAsync();
        await host.RaiseAsync("finish", 1);

        Assert.Equal(2500L * 2499 / 2 + 1, await host.OutputAsync<long>());
    }
}
