using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Engine.Tests.Support;

namespace QuantaPilot.Engine.Tests.Semantics;

public sealed class ActivityTests
{
    [Fact]
    public async Task CallActivityAsync_Sequence_PassesInputsAndResults()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", async context =>
            {
                var sum = context.GetInput<int>();
                for (var i = 1; i <= 3; i++) sum = await context.CallActivityAsync<int>("add", new[] { sum, i });
                return sum;
            })
            .AddActivity<int[], int>("add", (_, terms) => Task.FromResult(terms.Sum())));

        Assert.Equal(16, await host.RunAsync<int>("o", 10));
    }

    [Fact]
    public async Task CallActivityAsync_InParallel_AllRunAtOnceAndKeepTheirPlaces()
    {
        var all = new CountdownEvent(3);
        var open = new Signal();
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", async context =>
                await Task.WhenAll(Enumerable.Range(0, 3).Select(i => context.CallActivityAsync<int>("square", i))))
            .AddActivity<int, int>("square", async (_, i) =>
            {
                if (all.Signal()) open.Set();
                await open.WaitAsync();
                return i * i;
            }));

        Assert.Equal(new[] { 0, 1, 4 }, await host.RunAsync<int[]>("o"));
    }

    [Fact]
    public async Task CallActivityAsync_TwoAtATime_NoMoreThanTheOptionAllowRunAtOnce()
    {
        var running = 0;
        var most = 0;
        var gate = new Lock();
        await using var host = await EngineHost.StartAsync(
            new OrchestrationRegistry()
                .AddOrchestration("o", async context =>
                    await Task.WhenAll(Enumerable.Range(0, 20).Select(i => context.CallActivityAsync<int>("a", i))))
                .AddActivity<int, int>("a", async (_, i) =>
                {
                    lock (gate) most = Math.Max(most, ++running);
                    await Task.Yield();
                    lock (gate) running--;
                    return i;
                }),
            new EngineOptions { MaxConcurrentActivities = 2 });

        Assert.Equal(Enumerable.Range(0, 20), await host.RunAsync<int[]>("o"));
        Assert.InRange(most, 1, 2);
    }

    [Fact]
    public async Task CallActivityAsync_WhenAny_TheFirstToEndWins()
    {
        var never = new Signal();
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", async context =>
            {
                var slow = context.CallActivityAsync<string>("slow", null);
                var fast = context.CallActivityAsync<string>("fast", null);
                return await await Task.WhenAny(slow, fast);
            })
            .AddActivity<object?, string>("slow", async (context, _) =>
            {
                await never.WaitAsync(context.CancellationToken);
                return "slow";
            })
            .AddActivity<object?, string>("fast", (_, _) => Task.FromResult("fast")));

        Assert.Equal("fast", await host.RunAsync<string>("o"));
    }

    [Fact]
    public async Task CallActivityAsync_ActivityThrows_ThrowsWithNameTypeAndMessage()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", async context =>
            {
                try
                {
                    return await context.CallActivityAsync<string>("bad", null);
                }
                catch (ActivityFailedException e)
                {
                    return $"{e.Name}|{e.ErrorType}|{e.ErrorMessage}";
                }
            })
            .AddActivity<object?, string>("bad", (_, _) => throw new InvalidDataException("no such thing")));

        Assert.Equal("bad|System.IO.InvalidDataException|no such thing", await host.RunAsync<string>("o"));
    }

    [Fact]
    public async Task CallActivityAsync_ResultOfAnotherType_ThrowsJsonException()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", async context => await context.CallActivityAsync<int>("text", null))
            .AddActivity<object?, string>("text", (_, _) => Task.FromResult("not a number")));

        await host.StartAsync("o");
        var state = await host.EndAsync();

        Assert.Equal(OrchestrationStatus.Failed, state.Status);
        Assert.StartsWith("System.Text.Json.JsonException: ", state.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Orchestration_UnhandledException_FailsWithTypeAndMessage()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration<int>("o", _ => throw new InvalidOperationException("broken")));

        await host.StartAsync("o");
        var state = await host.EndAsync();

        Assert.Equal(OrchestrationStatus.Failed, state.Status);
        Assert.Equal("System.InvalidOperationException: broken", state.Failure);
        Assert.Null(state.OutputJson);
    }

    [Fact]
    public async Task Payloads_OfOneMebibyte_GoInAndOut()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", async context =>
            {
                var echoed = await context.CallActivityAsync<string>("echo", context.GetInput<string>());
                return echoed + await context.WaitForExternalEventAsync<string>("more");
            })
            .AddActivity<string, string>("echo", (_, text) => Task.FromResult(text)));
        var input = new string('ä', 1 << 20);
        var more = new string('"', 1 << 20);

        await host.StartAsync("o", input);
        await host.RaiseAsync("more", more);

        Assert.Equal(input + more, await host.OutputAsync<string>());
    }

    [Fact]
    public async Task NewGuidAndUtcNow_AfterReplay_AreTheSame()
    {
        var seen = new List<(Guid, Guid, DateTimeOffset, bool)>();
        var registry = new OrchestrationRegistry().AddOrchestration("o", async context =>
        {
            lock (seen) seen.Add((context.NewGuid(), context.NewGuid(), context.UtcNow, context.IsReplaying));
            var before = context.UtcNow;
            await context.WaitForExternalEventAsync<int>("go");
            return context.UtcNow - before;
        });
        await using var host = await EngineHost.StartAsync(registry);
        await host.StartAsync("o");
        await host.Hub.CommitAsync(commit => commit.TurnNumber == 1);

        host.Clock.Advance(TimeSpan.FromHours(1));
        await host.RestartAsync();
        await host.RaiseAsync("go", 1);

        Assert.Equal(TimeSpan.FromHours(1), await host.OutputAsync<TimeSpan>());
        Assert.Equal(2, seen.Count);
        var (first, second, time, replaying) = seen[0];
        Assert.NotEqual(first, second);
        Assert.False(replaying);
        Assert.Equal((first, second, time, true), seen[1]);
    }

    [Fact]
    public async Task RetryPolicy_TwoFailures_WaitsOnDurableTimersAndSucceeds()
    {
        var calls = 0;
        var policy = new RetryPolicy(3, TimeSpan.FromMinutes(10), 2, TimeSpan.FromHours(1));
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", async context => await context.CallActivityAsync<int>("flaky", null, policy))
            .AddActivity<object?, int>("flaky", (_, _) =>
                Interlocked.Increment(ref calls) < 3 ? throw new IOException("again") : Task.FromResult(calls)));
        await host.StartAsync("o");

        var first = await host.Hub.CommitAsync(commit => commit.NextDue is not null);
        Assert.InRange(first.NextDue!.Value - first.Now, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10));
        await host.RestartAsync();
        host.Clock.Advance(TimeSpan.FromMinutes(10));
        var second = await host.Hub.CommitAsync(commit => commit.NextDue is not null);
        Assert.InRange(second.NextDue!.Value - second.Now, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(20));
        host.Clock.Advance(TimeSpan.FromMinutes(20));

        Assert.Equal(3, await host.OutputAsync<int>());
    }

    [Fact]
    public async Task RetryPolicy_AttemptsUsedUp_ThrowsTheLastFailure()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("o", async context =>
                await context.CallActivityAsync<int>("bad", null, new RetryPolicy(2, TimeSpan.FromSeconds(1), 2, TimeSpan.FromSeconds(1))))
            .AddActivity<object?, int>("bad", (_, _) => throw new IOException("down")));
        await host.StartAsync("o");
        await host.Hub.CommitAsync(commit => commit.NextDue is not null);
        host.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal($"{typeof(ActivityFailedException).FullName}: bad failed: down", (await host.EndAsync()).Failure);
    }
}
