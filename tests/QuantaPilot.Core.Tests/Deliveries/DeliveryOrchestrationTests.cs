using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Core.Tests.Deliveries;

public sealed class DeliveryOrchestrationTests
{
    private static readonly SinkAnswer Down = SinkAnswer.FailedTransiently(DeliveryCodes.Unavailable, 503);

    private readonly ScriptedSink _sink = new("lifecycle") { Answer = _ => Down };
    private readonly DeliveryWorld _world;

    public DeliveryOrchestrationTests() => _world = new DeliveryWorld(_sink);

    [Fact]
    public async Task Delivery_SinkStaysDown_IsDeadLetteredAfterTheWholeSchedule()
    {
        var delivery = await StartAsync(1);
        delivery.RunToEnd();

        // 5 s for the hand-over's own attempt, then api.md's: each pause within a tenth of it.
        TimeSpan[] pauses =
        [
            TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5), TimeSpan.FromHours(10),
            TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
        ];
        Assert.Equal(pauses.Length + 1, delivery.Attempts.Count);
        Assert.All(pauses.Zip(delivery.Attempts.Zip(delivery.Attempts.Skip(1))), item =>
            Assert.InRange((item.Second.Second - item.Second.First) / item.First, 0.899, 1.101));
        var stored = _world.Store[1];
        Assert.Equal((DeliveryStatus.DeadLettered, null), (stored.Status, stored.NextAttemptAt));
        Assert.Equal(DeliverySchedule.Retries + 1, stored.Attempts.Count);
    }

    [Fact]
    public async Task Delivery_SinkComesBack_IsDelivered()
    {
        var delivery = await StartAsync(1, 2);
        delivery.Advance(delivery.NextTimer!.Value - delivery.UtcNow);
        Assert.Equal(DeliveryStatus.Pending, _world.Store[1].Status);
        Assert.Equal(delivery.NextTimer, _world.Store[1].NextAttemptAt);
        _sink.Answer = _ => SinkAnswer.Delivered(200);

        delivery.RunToEnd();

        Assert.All(_world.Store.All, d => Assert.Equal(DeliveryStatus.Delivered, d.Status));
        Assert.Equal(["1,2", "1,2", "1,2"], _sink.Attempts);
        Assert.Equal(["unavailable", "unavailable", "delivered"], _world.Store[1].Attempts.Select(attempt => attempt.Code));
    }

    [Fact]
    public async Task Delivery_SomeArrive_OnlyTheRestIsTriedAgain()
    {
        var delivery = await StartAsync(1, 2, 3, 4);
        _sink.Answer = sequence => sequence switch
        {
            1 or 4 => SinkAnswer.Delivered(200),
            2 => SinkAnswer.Refused(DeliveryCodes.TooLarge, 413),
            _ => Down,
        };
        delivery.Advance(delivery.NextTimer!.Value - delivery.UtcNow);
        _sink.Answer = _ => SinkAnswer.Delivered(200);
        delivery.RunToEnd();

        Assert.Equal(["1,2,3,4", "1,2,3,4", "3"], _sink.Attempts);
        Assert.Equal(
            [DeliveryStatus.Delivered, DeliveryStatus.DeadLettered, DeliveryStatus.Delivered, DeliveryStatus.Delivered],
            _world.Store.All.Select(d => d.Status));
    }

    [Fact]
    public async Task Delivery_SinkAsksToWaitLonger_Waits()
    {
        var delivery = await StartAsync(1);
        _sink.Answer = _ => SinkAnswer.FailedTransiently(DeliveryCodes.Throttled, 429, TimeSpan.FromHours(1));
        delivery.Advance(delivery.NextTimer!.Value - delivery.UtcNow);

        Assert.Equal(TimeSpan.FromHours(1), delivery.NextTimer - delivery.UtcNow);

        _sink.Answer = _ => SinkAnswer.FailedTransiently(DeliveryCodes.Throttled, 429, TimeSpan.FromDays(3650));
        delivery.Advance(TimeSpan.FromHours(1));
        Assert.Equal(DeliverySchedule.LongestRetryAfter, delivery.NextTimer - delivery.UtcNow);
    }

    [Fact]
    public async Task Delivery_TimerFiresEarly_WaitsForItsTimeAllTheSame()
    {
        var (_, input) = await HandOverAsync(1);
        var delivery = new ScriptedDelivery(_world, input) { FiresEarlyBy = TimeSpan.FromMilliseconds(900) }.Start();

        delivery.Advance(delivery.NextTimer!.Value - delivery.UtcNow);
        Assert.Empty(delivery.Attempts);
        delivery.Advance(delivery.NextTimer!.Value - delivery.UtcNow);

        Assert.Equal(TimeSpan.Zero, Assert.Single(delivery.Attempts));
    }

    [Fact]
    public async Task Delivery_AskedToDeliverNow_TriesAtOnceWithoutUsingUpARetry()
    {
        var delivery = await StartAsync(1);
        for (var i = 0; i < 20; i++) delivery.AskNow();
        Assert.Equal(21, _sink.Attempts.Count);
        Assert.Equal(DeliveryStatus.Pending, _world.Store[1].Status);

        _sink.Answer = _ => SinkAnswer.Delivered(200);
        delivery.AskNow();

        Assert.True(delivery.HasEnded);
        Assert.Null(delivery.NextTimer);
        Assert.Equal(DeliveryStatus.Delivered, _world.Store[1].Status);
    }

    [Fact]
    public async Task Delivery_HostHasAFault_TriesTheActivityAgainWithoutUsingUpARetry()
    {
        var (_, input) = await HandOverAsync(1);
        var delivery = new ScriptedDelivery(_world, input);
        for (var i = 0; i < 12; i++) delivery.Faults.Enqueue(new IOException("the store is away"));

        delivery.Start().RunToEnd();

        Assert.Equal(12 + DeliverySchedule.Retries, delivery.Attempts.Count);
        Assert.Equal(DeliverySchedule.Retries + 1, _world.Store[1].Attempts.Count);
    }

    [Fact]
    public async Task Delivery_SinkIsGone_IsTriedOnAndDeadLettered()
    {
        var (_, input) = await HandOverAsync(1);
        var delivery = new ScriptedDelivery(_world, input with { Batch = input.Batch with { Sink = "other" } });
        await _world.Store.UpdateAsync(
            input.Batch with { Sink = "other" }, (_, present) => present ?? _world.Store[1] with { Sink = "other" }, default);

        delivery.Start().RunToEnd();

        var other = _world.Store.All.Single(d => d.Sink == "other");
        Assert.Equal((DeliveryStatus.DeadLettered, DeliveryCodes.UnknownSink), (other.Status, other.Attempts[^1].Code));
    }

    [Fact]
    public async Task Delivery_EventIsGone_IsDeadLetteredAndTheOthersAreSent()
    {
        var delivery = await StartAsync(1, 2);
        _world.Logged.Remove(1);
        _sink.Answer = _ => SinkAnswer.Delivered(200);

        delivery.RunToEnd();

        Assert.Equal((DeliveryStatus.DeadLettered, DeliveryCodes.EventGone), (_world.Store[1].Status, _world.Store[1].Attempts[^1].Code));
        Assert.Equal(DeliveryStatus.Delivered, _world.Store[2].Status);
    }

    [Fact]
    public async Task Delivery_RemovedWithItsRun_EndsWithoutSending()
    {
        var delivery = await StartAsync(1);
        await _world.Store.DeleteOfRunAsync(DeliveryWorld.Id, default);

        delivery.RunToEnd();

        Assert.Equal(["1"], _sink.Attempts);
        Assert.Empty(_world.Store.All);
    }

    [Fact]
    public async Task Delivery_Succeeds_LetsRunsSendAtOnceAgain()
    {
        var delivery = await StartAsync(1);
        await _world.HandOverAsync(2);
        _sink.Answer = _ => SinkAnswer.Delivered(200);
        delivery.RunToEnd();

        await _world.HandOverAsync(3);

        Assert.Equal(["1", "1", "3"], _sink.Attempts);
    }

    [Fact]
    public async Task Redelivery_BeginsAtOnceWithAWholeSchedule()
    {
        _sink.Answer = _ => SinkAnswer.Refused(DeliveryCodes.Rejected, 400);
        await _world.HandOverAsync(1);
        var redelivered = await _world.Store.UpdateAsync(
            new DeliveryId(DeliveryWorld.Id, 1, "lifecycle").Batch, (_, present) =>
                present!.Redelivered(1, _world.Time.GetUtcNow()), default);
        _sink.Answer = _ => Down;

        var delivery = new ScriptedDelivery(_world, new DeliveryInput(redelivered[0].Id.Batch, _world.Time.GetUtcNow(), Tried: 0)).Start();
        Assert.Equal(TimeSpan.Zero, Assert.Single(delivery.Attempts));
        Assert.InRange(delivery.NextTimer!.Value - delivery.UtcNow, TimeSpan.FromSeconds(4.5), TimeSpan.FromSeconds(5.5));
        delivery.RunToEnd();

        Assert.Equal(DeliverySchedule.Retries + 1, delivery.Attempts.Count);
        Assert.Equal(DeliveryStatus.DeadLettered, _world.Store[1].Status);
    }

    private async Task<KeyValuePair<string, DeliveryInput>> HandOverAsync(params long[] sequences)
    {
        await _world.HandOverAsync(sequences);
        return Assert.Single(_world.Started);
    }

    private async Task<ScriptedDelivery> StartAsync(params long[] sequences)
    {
        var (_, input) = await HandOverAsync(sequences);
        return new ScriptedDelivery(_world, input).Start();
    }
}
