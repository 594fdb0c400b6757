using DurableTask.Core.History;
using Grpc.Core;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Time.Testing;
using Moq;
using QuantaPilot.Core.Ports;
using QuantaPilot.Functions.Durable;
using QuantaPilot.Functions.Tests.Support;

namespace QuantaPilot.Functions.Tests.Durable;

public sealed class DurableOrchestrationClientTests
{
    private const string Waits = "waits";
    private const string Ends = "ends";
    private const string Fails = "fails";

    [Fact]
    public async Task Start_InstanceIsLive_LeavesIt()
    {
        await using var hub = await StartAsync();
        Assert.True(await hub.Client.StartAsync(Waits, "1", "first", default));
        Assert.False(await hub.Client.StartAsync(Waits, "1", "second", default));
        Assert.True(await hub.Client.RaiseEventAsync("1", "go", "", default));
        Assert.Equal("\"first\"", (await hub.EndOfAsync("1")).OutputJson);
    }

    [Theory]
    [InlineData(Ends)]
    [InlineData(Fails)]
    public async Task Start_InstanceHasEnded_LeavesIt(string name)
    {
        await using var hub = await StartAsync();
        Assert.True(await hub.Client.StartAsync(name, "1", "first", default));
        var end = await hub.EndOfAsync("1");
        Assert.False(await hub.Client.StartAsync(name, "1", "second", default));
        Assert.Equal(end, await hub.Client.GetAsync("1", default));
    }

    [Fact]
    public async Task Start_InstanceWasTerminated_LeavesIt()
    {
        await using var hub = await StartAsync();
        Assert.True(await hub.Client.StartAsync(Waits, "1", "", default));
        Assert.True(await hub.Client.TerminateAsync("1", "enough", default));
        await hub.EndOfAsync("1");
        Assert.False(await hub.Client.StartAsync(Waits, "1", "", default));
        Assert.Equal(OrchestrationStatus.Terminated, (await hub.Client.GetAsync("1", default))!.Status);
    }

    [Fact]
    public async Task Start_ManyAtOnce_OneInstanceRuns()
    {
        await using var hub = await StartAsync();
        var starts = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => hub.Client.StartAsync(Waits, "1", $"{i}", default)));
        Assert.Single(starts, started => started);
    }

    [Theory]
    [InlineData(StatusCode.Unavailable)]
    [InlineData(StatusCode.Unknown)]
    public async Task StartAndRaise_HubDoesNotAnswer_IsStorageThatIsUnavailable(StatusCode code)
    {
        var hub = new Mock<DurableTaskClient>("hub") { CallBase = true };
        var fault = new RpcException(new Status(code, "the storage behind it"));
        hub.Setup(h => h.ScheduleNewOrchestrationInstanceAsync(
                It.IsAny<TaskName>(), It.IsAny<object?>(), It.IsAny<StartOrchestrationOptions?>(), It.IsAny<CancellationToken>()))
            .ThrowsAsync(fault);
        hub.Setup(h => h.GetInstancesAsync("1", It.IsAny<bool>(), It.IsAny<CancellationToken>())).ThrowsAsync(fault);
        var client = ClientOver(hub, TimeProvider.System);

        var start = await Assert.ThrowsAsync<StorageUnavailableException>(() => client.StartAsync(Waits, "1", "", default));
        var raise = await Assert.ThrowsAsync<StorageUnavailableException>(() => client.RaiseEventAsync("1", "go", "", default));

        Assert.All([start, raise], e => Assert.Equal((false, $"The task hub does not answer: {code}."), (e.IsRefusal, e.Message)));
    }

    [Fact]
    public async Task RaiseEvent_NoSuchInstance_IsFalse()
    {
        await using var hub = await StartAsync();
        Assert.False(await hub.Client.RaiseEventAsync("1", "go", "", default));
    }

    [Fact]
    public async Task RaiseEvent_InstanceHasEnded_IsFalse()
    {
        await using var hub = await StartAsync();
        await hub.Client.StartAsync(Ends, "1", "", default);
        await hub.EndOfAsync("1");
        Assert.False(await hub.Client.RaiseEventAsync("1", "go", "", default));
    }

    [Fact]
    public async Task RaiseEvent_InstanceHasNotRunYet_WaitsForItsFirstTurn()
    {
        var (hub, time) = (new Mock<DurableTaskClient>("hub") { CallBase = true }, new FakeTimeProvider());
        hub.SetupSequence(h => h.GetInstancesAsync("1", false, It.IsAny<CancellationToken>()))
            .ReturnsAsync(Metadata(OrchestrationRuntimeStatus.Pending))
            .ReturnsAsync(Metadata(OrchestrationRuntimeStatus.Pending))
            .ReturnsAsync(Metadata(OrchestrationRuntimeStatus.Running));
        hub.Setup(h => h.GetOrchestrationHistoryAsync("1", It.IsAny<CancellationToken>())).ReturnsAsync([]);
        var raise = ClientOver(hub, time).RaiseEventAsync("1", "go", "payload", default);
        hub.Verify(h => h.RaiseEventAsync("1", It.IsAny<string>(), It.IsAny<object?>(), It.IsAny<CancellationToken>()), Times.Never);

        while (!raise.IsCompleted) time.Advance(TimeSpan.FromMilliseconds(250));

        Assert.True(await raise);
        hub.Verify(h => h.RaiseEventAsync("1", "go", "payload", It.IsAny<CancellationToken>()), Times.Once);
    }

    [Fact]
    public async Task RaiseEvent_StatusWasNotWrittenWhenAProcessWasKilled_GoesByTheHistory()
    {
        var hub = new Mock<DurableTaskClient>("hub") { CallBase = true };
        hub.Setup(h => h.GetInstancesAsync("1", false, It.IsAny<CancellationToken>()))
            .ReturnsAsync(Metadata(OrchestrationRuntimeStatus.Pending));
        hub.Setup(h => h.GetOrchestrationHistoryAsync("1", It.IsAny<CancellationToken>()))
            .ReturnsAsync([new OrchestratorStartedEvent(-1), new ExecutionStartedEvent(-1, "")]);
        Assert.True(await ClientOver(hub, new FakeTimeProvider()).RaiseEventAsync("1", "go", "", default));
        hub.Verify(h => h.RaiseEventAsync("1", "go", "", It.IsAny<CancellationToken>()), Times.Once);
    }

    [Fact]
    public async Task RaiseEvent_InstanceDoesNotRunForLong_SaysSoAndRaisesNothing()
    {
        var (hub, time) = (new Mock<DurableTaskClient>("hub") { CallBase = true }, new FakeTimeProvider());
        hub.Setup(h => h.GetInstancesAsync("1", false, It.IsAny<CancellationToken>()))
            .ReturnsAsync(Metadata(OrchestrationRuntimeStatus.Pending));
        hub.Setup(h => h.GetOrchestrationHistoryAsync("1", It.IsAny<CancellationToken>())).ReturnsAsync([]);
        var raise = ClientOver(hub, time).RaiseEventAsync("1", "go", "", default);

        while (!raise.IsCompleted) time.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<OrchestrationBusyException>(() => raise);
        hub.Verify(
            h => h.RaiseEventAsync(It.IsAny<string>(), It.IsAny<string>(), It.IsAny<object?>(), It.IsAny<CancellationToken>()),
            Times.Never);
    }

    [Fact]
    public async Task Terminate_LiveInstance_EndsItWithTheReason()
    {
        await using var hub = await StartAsync();
        await hub.Client.StartAsync(Waits, "1", "", default);
        Assert.True(await hub.Client.TerminateAsync("1", "enough", default));
        var state = await hub.EndOfAsync("1");
        Assert.Equal((OrchestrationStatus.Terminated, "enough"), (state.Status, state.Failure));
        Assert.False(await hub.Client.TerminateAsync("1", "again", default));
        Assert.False(await hub.Client.TerminateAsync("2", "no such", default));
    }

    [Fact]
    public async Task Get_TellsHowItStands()
    {
        await using var hub = await StartAsync();
        Assert.Null(await hub.Client.GetAsync("1", default));
        await hub.Client.StartAsync(Waits, "1", "", default);
        var live = (await hub.Client.GetAsync("1", default))!;
        Assert.Equal((Waits, OrchestrationStatus.Running), (live.Name, live.Status));

        await hub.Client.StartAsync(Fails, "2", "", default);
        var failed = await hub.EndOfAsync("2");
        Assert.Equal((OrchestrationStatus.Failed, "System.InvalidOperationException: no"), (failed.Status, failed.Failure));
        Assert.Null(failed.OutputJson);
    }

    [Fact]
    public async Task Purge_RemovesEndedInstancesOnly()
    {
        await using var hub = await StartAsync();
        await hub.Client.StartAsync(Waits, "1", "", default);
        Assert.False(await hub.Client.PurgeAsync("1", default));
        Assert.NotNull(await hub.Client.GetAsync("1", default));

        await hub.Client.StartAsync(Ends, "2", "", default);
        await hub.EndOfAsync("2");
        Assert.True(await hub.Client.PurgeAsync("2", default));
        Assert.Null(await hub.Client.GetAsync("2", default));
        Assert.False(await hub.Client.PurgeAsync("2", default));
    }

    [Fact]
    public async Task Client_NoTriggerHasLeftOne_SaysSo()
    {
        var client = new DurableOrchestrationClient(new DurableClientAccessor(), TimeProvider.System);
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => client.GetAsync("1", default));
        Assert.Contains("[DurableClient]", e.Message, StringComparison.Ordinal);
    }

    private static Task<TaskHub> StartAsync() => TaskHub.StartAsync(registry =>
    {
        registry.AddOrchestration(Waits, async context =>
        {
            await context.WaitForExternalEventAsync<string>("go");
            return context.GetInput<string>();
        });
        registry.AddOrchestration(Ends, context => Task.FromResult(context.GetInput<string>()));
        registry.AddOrchestration<string>(Fails, _ => throw new InvalidOperationException("no"));
    });

    private static DurableOrchestrationClient ClientOver(Mock<DurableTaskClient> hub, TimeProvider time) =>
        new(new DurableClientAccessor { Client = hub.Object }, time);

    private static OrchestrationMetadata Metadata(OrchestrationRuntimeStatus status) => new("waits", "1") { RuntimeStatus = status };
}
