using QuantaPilot.Core.Ports;
using QuantaPilot.Engine.Storage;
using QuantaPilot.Engine.Tests.Support;

namespace QuantaPilot.Engine.Tests.Crashes;

public sealed class LeaseTests
{
    [Fact]
    public async Task CommitAsync_LeaseLost_WritesNothing()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry());
        var hub = new SqliteTaskHub(host.File);
        var now = host.Clock.GetUtcNow();
        var key = (await hub.CreateAsync(new NewInstance("x", "o", "[]"u8.ToArray(), Lease: 1, now)))!.Value;
        var winner = Commit(key, lease: 1, newLease: 2, now);
        Assert.Empty((await hub.CommitAsync(winner))!);

        var loser = Commit(key, lease: 1, newLease: 3, now.AddDays(1)) with
        {
            Status = OrchestrationStatus.Failed,
            Children = [new NewChild(0, new NewInstance("child", "o", "[]"u8.ToArray(), 1, now))],
        };
        Assert.Null(await hub.CommitAsync(loser));
        Assert.False(await hub.MarkStuckAsync(key, 1, "stuck", now));

        Assert.Equal((OrchestrationStatus.Running, now), (hub.Get("x")!.Status, hub.Get("x")!.UpdatedAt));
        Assert.Null(hub.Get("child"));
        Assert.Equal(2, host.Count("hub_history"));
        Assert.NotNull(await hub.CommitAsync(Commit(key, lease: 2, newLease: 4, now) with { TurnNumber = 2 }));
    }

    [Fact]
    public async Task TwoEngines_OverOneFile_TheOneThatLostTheLeaseStartsOverFromTheStore()
    {
        var registry = new OrchestrationRegistry().AddOrchestration("o", async context => new[]
        {
            await context.WaitForExternalEventAsync<int>("e"),
            await context.WaitForExternalEventAsync<int>("e"),
            await context.WaitForExternalEventAsync<int>("e"),
        });
        await using var host = await EngineHost.StartAsync(registry);
        var otherHub = new TestHub(new SqliteTaskHub(host.File));
        await using var other = new EmbeddedEngine(otherHub, registry, new EngineOptions(), host.Clock, CheckedLogger.Instance);
        await host.StartAsync("o");
        await host.Hub.CommitAsync(commit => commit.TurnNumber == 1);

        await other.RaiseEventAsync("i1", "e", 1, default);
        await otherHub.CommitAsync(commit => commit.TurnNumber == 2);
        // This one still has the instance in memory, as it was before the other's turn.
        await host.RaiseAsync("e", 2);
        await host.Hub.CommitAsync(commit => commit.TurnNumber == 3);
        await other.RaiseEventAsync("i1", "e", 3, default);

        Assert.Equal("[1,2,3]", (await other.WaitForEndAsync("i1", default).WaitAsync(EngineHost.Patience))!.OutputJson);
    }

    private static TurnCommit Commit(long key, long lease, long newLease, DateTimeOffset now) => new()
    {
        Key = key,
        Lease = lease,
        NewLease = newLease,
        Execution = 0,
        TurnNumber = 1,
        Events = "[]"u8.ToArray(),
        Status = OrchestrationStatus.Running,
        Now = now,
    };
}
