using System.Text.Json;
using Moq;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Core.Tests.Deliveries;

public sealed class EventHandoverTests
{
    private static readonly SinkAnswer Down = SinkAnswer.FailedTransiently(DeliveryCodes.Unreachable);

    private readonly ScriptedSink _sink = new("lifecycle");
    private readonly DeliveryWorld _world;

    public EventHandoverTests() => _world = new DeliveryWorld(_sink);

    [Fact]
    public async Task HandOver_SinkIsUp_SendsThePublicEventsAtOnceAndRecordsThem()
    {
        await _world.HandOverAsync(1, 2);

        Assert.Equal(["1,2"], _sink.Attempts);
        Assert.All(_world.Store.All, delivery =>
        {
            Assert.Equal(DeliveryStatus.Delivered, delivery.Status);
            Assert.Equal(new DeliveryAttempt(_world.Time.GetUtcNow(), DeliveryCodes.Delivered, 200), Assert.Single(delivery.Attempts));
            Assert.Equal("https://example.com/org/project", delivery.Project);
            Assert.Null(delivery.InstanceId);
            Assert.Null(delivery.NextAttemptAt);
        });
        Assert.Equal(2, _world.Store.All.Count);
        Assert.Empty(_world.Started);
    }

    [Fact]
    public async Task HandOver_Events_AreTheBytesOfTheLog()
    {
        var events = DeliveryWorld.Events(3);

        await _world.Handover.HandOverAsync(_world.Run, events, default);

        var logged = JsonSerializer.SerializeToUtf8Bytes(CloudEvent.From(_world.Run, events[0])!, CoreJson.Default.CloudEvent);
        Assert.Equal(logged, Assert.Single(_sink.LastSent).Json.ToArray());
    }

    [Fact]
    public async Task HandOver_NoSinks_TouchesNothing()
    {
        var world = new DeliveryWorld();

        Assert.True(world.Handover.HandOverAsync(null!, null!, default).IsCompletedSuccessfully);

        await world.HandOverAsync(1);
        Assert.Empty(world.Store.All);
    }

    [Fact]
    public async Task HandOver_SinkThatTakesOtherTypes_GetsNothing()
    {
        var other = new ScriptedSink("gates", "quantapilot.gate_requested");
        var world = new DeliveryWorld(other);

        await world.HandOverAsync(1);

        Assert.Empty(other.Attempts);
        Assert.Empty(world.Store.All);
    }

    [Fact]
    public async Task HandOver_SinkFails_LeavesThoseEventsToAnOrchestration()
    {
        _sink.Answer = sequence => sequence == 1 ? SinkAnswer.Delivered(200) : Down;

        await _world.HandOverAsync(1, 2, 3);

        Assert.Equal([DeliveryStatus.Delivered, DeliveryStatus.Pending, DeliveryStatus.Pending], _world.Store.All.Select(d => d.Status));
        var (id, input) = Assert.Single(_world.Started);
        Assert.Equal($"delivery-lifecycle-{DeliveryWorld.Id}-2", id);
        Assert.Equal([2, 3], input.Batch.Sequences);
        Assert.Equal(1, input.Tried);
        Assert.InRange(input.FirstAttemptAt - _world.Time.GetUtcNow(), TimeSpan.FromSeconds(4.5), TimeSpan.FromSeconds(5.5));
        Assert.Equal(input.FirstAttemptAt, _world.Store[2].NextAttemptAt);
        Assert.Equal((null, id), (_world.Store[1].InstanceId, _world.Store[2].InstanceId));
    }

    [Fact]
    public async Task HandOver_SinkAsksToWait_WaitsAsLong()
    {
        _sink.Answer = _ => SinkAnswer.FailedTransiently(DeliveryCodes.Throttled, 429, TimeSpan.FromMinutes(7));

        await _world.HandOverAsync(1);

        Assert.Equal(TimeSpan.FromMinutes(7), _world.Started.Values.Single().FirstAttemptAt - _world.Time.GetUtcNow());
    }

    [Fact]
    public async Task HandOver_SinkRefuses_DeadLettersAtOnce()
    {
        _sink.Answer = _ => SinkAnswer.Refused(DeliveryCodes.TooLarge, 413);

        await _world.HandOverAsync(1);

        Assert.Equal(DeliveryStatus.DeadLettered, _world.Store[1].Status);
        Assert.Equal((DeliveryCodes.TooLarge, 413), (_world.Store[1].Attempts[0].Code, _world.Store[1].Attempts[0].HttpStatus));
        Assert.Empty(_world.Started);
    }

    [Fact]
    public async Task HandOver_SinkHangs_IsHeldUpByTheLimitOnlyAndOnce()
    {
        _sink.Before = token => Task.Delay(Timeout.Infinite, token);

        var first = _world.HandOverAsync(1);
        Assert.False(first.IsCompleted);
        _world.Time.Advance(_world.Options.DirectLimit);
        await first;
        await _world.HandOverAsync(2);

        Assert.Equal(["1"], _sink.Attempts);
        Assert.Equal(DeliveryCodes.TimedOut, _world.Store[1].Attempts.Single().Code);
        Assert.Empty(_world.Store[2].Attempts);
        Assert.Equal(DeliveryStatus.Pending, _world.Store[2].Status);
        Assert.Equal(2, _world.Started.Count);
    }

    [Fact]
    public async Task HandOver_SinkThatHeedsNoToken_IsLeftBehind()
    {
        var never = new TaskCompletionSource();
        _sink.Before = _ => never.Task;

        var handover = _world.HandOverAsync(1);
        _world.Time.Advance(_world.Options.DirectLimit);
        await handover;

        Assert.Equal(DeliveryCodes.TimedOut, _world.Store[1].Attempts.Single().Code);
    }

    [Fact]
    public async Task HandOver_SinkThrows_KeepsItsEventsAndReachesTheOthers()
    {
        _sink.Before = _ => throw new InvalidOperationException("a bug");
        var other = new ScriptedSink("other");
        var world = new DeliveryWorld(_sink, other);

        await world.HandOverAsync(1);

        Assert.Equal(["1"], other.Attempts);
        var failed = world.Store.All.Single(delivery => delivery.Sink == "lifecycle");
        Assert.Equal((DeliveryStatus.Pending, DeliveryCodes.InternalError), (failed.Status, failed.Attempts.Single().Code));
        Assert.Equal($"delivery-lifecycle-{DeliveryWorld.Id}-1", Assert.Single(world.Started).Key);
    }

    [Fact]
    public async Task HandOver_PauseIsOver_TriesOnceForAllAndGoesOnWhenItSucceeds()
    {
        _sink.Answer = _ => Down;
        await _world.HandOverAsync(1);
        _sink.Answer = _ => SinkAnswer.Delivered(200);
        await _world.HandOverAsync(2);
        _world.Time.Advance(_world.Options.FirstPause);

        await _world.HandOverAsync(3);
        await _world.HandOverAsync(4);

        Assert.Equal(["1", "3", "4"], _sink.Attempts);
    }

    [Fact]
    public async Task HandOver_SameEventsAgain_SendsOnlyWhatIsNew()
    {
        await _world.HandOverAsync(1, 2);
        await _world.HandOverAsync(1, 2, 3);

        Assert.Equal(["1,2", "3"], _sink.Attempts);
    }

    [Fact]
    public async Task HandOver_RepeatedAfterACrash_SendsAgainAndFindsTheOrchestration()
    {
        _sink.Answer = _ => Down;
        await _world.HandOverAsync(1, 2);
        _world.Restart();
        _world.Time.Advance(_world.Options.FirstPause);

        await _world.HandOverAsync(1, 2);

        Assert.Equal(["1,2", "1,2"], _sink.Attempts);
        Assert.Single(_world.Started);
        Assert.Equal(2, _world.Store[1].Attempts.Count);
    }

    [Fact]
    public async Task HandOver_StoreIsAway_ThrowsAndARepeatHandsOver()
    {
        _world.Store.Fault = new IOException("away");
        await Assert.ThrowsAsync<IOException>(() => _world.HandOverAsync(1));
        Assert.Empty(_world.Store.All);

        await _world.HandOverAsync(1);

        Assert.Equal(DeliveryStatus.Delivered, _world.Store[1].Status);
    }

    [Fact]
    public async Task HandOver_OrchestrationCannotBeStarted_ThrowsAndARepeatStartsIt()
    {
        _sink.Answer = _ => Down;
        _world.Client.SetupSequence(c => c.StartAsync(DeliveryOrchestration.Name, It.IsAny<string>(), It.IsAny<object?>(), default))
            .ThrowsAsync(new IOException("away"))
            .ReturnsAsync(true);
        await Assert.ThrowsAsync<IOException>(() => _world.HandOverAsync(1));

        await _world.HandOverAsync(1);

        _world.Client.Verify(
            c => c.StartAsync(DeliveryOrchestration.Name, $"delivery-lifecycle-{DeliveryWorld.Id}-1", It.IsAny<DeliveryInput>(), default),
            Times.Exactly(2));
    }

    [Fact]
    public async Task HandOver_HostStops_IsLeftToARepeat()
    {
        using var stopping = new CancellationTokenSource();
        _sink.Before = token => Task.Delay(Timeout.Infinite, token);

        var handover = _world.Handover.HandOverAsync(_world.Run, DeliveryWorld.Events(1), stopping.Token);
        await stopping.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => handover);
        Assert.Empty(_world.Store.All);
    }
}
