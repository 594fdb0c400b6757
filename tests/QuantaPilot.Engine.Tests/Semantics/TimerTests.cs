using QuantaPilot.Engine.Tests.Support;

namespace QuantaPilot.Engine.Tests.Semantics;

public sealed class TimerTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private static OrchestrationRegistry Race { get; } = new OrchestrationRegistry()
        .AddOrchestration("race", async context =>
        {
            using var cancellation = new CancellationTokenSource();
            var decision = context.WaitForExternalEventAsync<string>("decision", cancellation.Token);
            var timeout = context.CreateTimerAsync(context.UtcNow + Day, cancellation.Token);
            var first = await Task.WhenAny(decision, timeout);
            cancellation.Cancel();
            var result = first == decision ? await decision : "timeout";
            await context.WaitForExternalEventAsync<int>("finish");
            return result;
        });

    [Fact]
    public async Task CreateTimerAsync_TimeComes_FiresOnceAtThatTime()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", async context =>
            {
                await context.CreateTimerAsync(context.UtcNow + Day, default);
                return context.UtcNow;
            }));
        var start = host.Clock.GetUtcNow();
        await host.StartAsync("o");
        await host.Hub.CommitAsync(commit => commit.NextDue == start + Day);
        host.Clock.Advance(Day - TimeSpan.FromTicks(1));
        Assert.Equal((0, start + Day), Due(host));
        host.Clock.Advance(TimeSpan.FromTicks(1));

        // The armed timer counts whole milliseconds.
        host.Clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.InRange(await host.OutputAsync<DateTimeOffset>(), start + Day, start + Day + TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public async Task CreateTimerAsync_InThePast_FiresAtOnce()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", async context =>
            {
                await context.CreateTimerAsync(context.UtcNow - Day, default);
                return "fired";
            }));

        Assert.Equal("fired", await host.RunAsync<string>("o"));
    }

    [Fact]
    public async Task CreateTimerAsync_FellDueWhileStopped_FiresAfterTheStart()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", async context =>
            {
                await context.CreateTimerAsync(context.UtcNow + Day, default);
                return "fired";
            }));
        await host.StartAsync("o");
        await host.Hub.CommitAsync(commit => commit.NextDue is not null);
        await host.Engine.StopAsync(default);
        host.Clock.Advance(2 * Day);
        await host.RestartAsync();

        Assert.Equal("fired", await host.OutputAsync<string>());
    }

    [Fact]
    public async Task CreateTimerAsync_SeveralTimers_FireInOrderOfTime()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", async context =>
            {
                var order = new List<int>();
                async Task After(int days)
                {
                    await context.CreateTimerAsync(context.UtcNow + days * Day, default);
                    order.Add(days);
                }
                await Task.WhenAll(After(3), After(1), After(2));
                return order;
            }));
        await host.StartAsync("o");
        await host.Hub.CommitAsync(commit => commit.NextDue is not null);
        host.Clock.Advance(5 * Day);

        Assert.Equal(new[] { 1, 2, 3 }, await host.OutputAsync<int[]>());
    }

    [Fact]
    public async Task TimerAgainstEvent_EventFirst_CancelledTimerLeavesNothing()
    {
        await using var host = await EngineHost.StartAsync(Race);
        await host.StartAsync("race");
        await host.Hub.CommitAsync(commit => commit.NextDue is not null);
        await host.RaiseAsync("decision", "yes");
        var decided = await host.Hub.CommitAsync(commit => commit.ConsumedSeq > 0);

        Assert.Null(decided.NextDue);
        Assert.Equal((0, null), Due(host));
        host.Clock.Advance(2 * Day);
        await host.RaiseAsync("finish", 0);
        Assert.Equal("yes", await host.OutputAsync<string>());
    }

    [Fact]
    public async Task TimerAgainstEvent_TimerFirst_LaterEventIsNotTheDecision()
    {
        await using var host = await EngineHost.StartAsync(Race);
        await host.StartAsync("race");
        await host.Hub.CommitAsync(commit => commit.NextDue is not null);
        host.Clock.Advance(Day);
        await host.Hub.CommitAsync(commit => commit.TurnNumber == 2);
        await host.RaiseAsync("decision", "yes");
        await host.RaiseAsync("finish", 0);

        Assert.Equal("timeout", await host.OutputAsync<string>());
    }

    [Fact]
    public async Task TimerAgainstEvent_BothCameWhileStopped_TheEventWins()
    {
        await using var host = await EngineHost.StartAsync(Race);
        await host.StartAsync("race");
        await host.Hub.CommitAsync(commit => commit.NextDue is not null);
        await host.Engine.StopAsync(default);
        await host.RaiseAsync("decision", "yes");
        host.Clock.Advance(2 * Day);
        await host.RestartAsync();
        await host.RaiseAsync("finish", 0);

        Assert.Equal("yes", await host.OutputAsync<string>());
    }

    [Fact]
    public async Task CreateTimerAsync_Cancelled_ThrowsOperationCanceled()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", async context =>
            {
                using var cancellation = new CancellationTokenSource();
                var timer = context.CreateTimerAsync(context.UtcNow + Day, cancellation.Token);
                cancellation.Cancel();
                try
                {
                    await timer;
                    return "fired";
                }
                catch (OperationCanceledException)
                {
                    return "cancelled";
                }
            }));

        Assert.Equal("cancelled", await host.RunAsync<string>("o"));
        Assert.Equal((0, null), Due(host));
    }

    [Fact]
    public async Task CreateTimerAsync_ManyInstances_EachFiresAtItsOwnTime()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", async context =>
            {
                await context.CreateTimerAsync(context.UtcNow + context.GetInput<int>() * Day, default);
                return context.UtcNow;
            }));
        var start = host.Clock.GetUtcNow();
        for (var i = 1; i <= 3; i++)
        {
            var due = start + i * Day;
            await host.StartAsync("o", i, $"i{i}");
            await host.Hub.CommitAsync(commit => commit.NextDue == due);
        }
        for (var i = 1; i <= 3; i++)
        {
            host.Clock.Advance(Day);
            Assert.Equal(start + i * Day, await host.OutputAsync<DateTimeOffset>($"i{i}"));
        }
    }

    private static (int Due, DateTimeOffset? Next) Due(EngineHost host)
    {
        var (due, next) = host.Hub.FindDue(host.Clock.GetUtcNow());
        return (due.Count, next);
    }
}
