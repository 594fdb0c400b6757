using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Core.Tests.Deliveries;

public sealed class DeliveryChangesTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Next = At.AddMinutes(5);
    private static readonly SinkAnswer Down = SinkAnswer.FailedTransiently(DeliveryCodes.Unavailable, 503);
    private static readonly Delivery Pending = new()
    {
        RunId = DeliveryWorld.Id,
        Sequence = 1,
        Sink = "lifecycle",
        Project = "https://example.com/org/project",
        NextAttemptAt = At,
        CreatedAt = At,
        UpdatedAt = At,
    };

    [Theory]
    [InlineData("lifecycle")]
    [InlineData("r2-d2")]
    [InlineData("0123456789abcdef0123456789abcdef")]
    public void TryFindRun_InTheIdOfADelivery_GivesItsRun(string sink)
    {
        var id = new DeliveryId(DeliveryWorld.Id, 7, sink);

        foreach (var instance in new[] { DeliveryInstance.For(id.Batch), DeliveryInstance.ForRedelivery(id, 2) })
        {
            Assert.True(DeliveryInstance.TryFindRun(instance, out var run));
            Assert.Equal(DeliveryWorld.Id, run);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("delivery")]
    [InlineData("019b0000aaaa7000800080000000c0de")]
    [InlineData("delivery-019b0000aaaa7000800080000000c0de-1")]
    [InlineData("other-lifecycle-019b0000aaaa7000800080000000c0de-1")]
    public void TryFindRun_InAnotherId_FindsNone(string instance) => Assert.False(DeliveryInstance.TryFindRun(instance, out _));

    [Fact]
    public void Attempted_FailsInPassing_StaysPendingUntilTheLast()
    {
        var once = Pending.Attempted(Down, At, Next);
        Assert.Equal((DeliveryStatus.Pending, Next), (once.Status, once.NextAttemptAt));

        var last = once.Attempted(Down, Next, null);
        Assert.Equal((DeliveryStatus.DeadLettered, null), (last.Status, last.NextAttemptAt));
        Assert.Equal([new DeliveryAttempt(At, "unavailable", 503), new DeliveryAttempt(Next, "unavailable", 503)], last.Attempts);
    }

    [Fact]
    public void Attempted_SameAttemptAgain_ChangesNothing()
    {
        var once = Pending.Attempted(Down, At, Next);
        Assert.Same(once, once.Attempted(Down, At, Next));
    }

    [Fact]
    public void Attempted_DeliveredBefore_StaysDelivered()
    {
        var delivered = Pending.Attempted(SinkAnswer.Delivered(200), At, Next);
        var after = delivered.Attempted(Down, Next, Next.AddHours(1));
        Assert.Equal((DeliveryStatus.Delivered, null), (after.Status, after.NextAttemptAt));
        Assert.Equal(2, after.Attempts.Count);
    }

    [Fact]
    public void Attempted_DeadLetteredBefore_IsDeliveredIfItArrivesAfterAll()
    {
        var dead = Pending.Attempted(SinkAnswer.Refused(DeliveryCodes.Rejected, 400), At, Next);
        Assert.Equal(DeliveryStatus.DeadLettered, dead.Status);
        Assert.Equal(DeliveryStatus.DeadLettered, dead.Attempted(Down, Next, Next.AddHours(1)).Status);
        Assert.Equal(DeliveryStatus.Delivered, dead.Attempted(SinkAnswer.Delivered(), Next, null).Status);
    }

    [Fact]
    public void Attempted_Often_KeepsTheLastAttempts()
    {
        var delivery = Enumerable.Range(0, 40).Aggregate(Pending, (d, i) => d.Attempted(Down, At.AddHours(i), Next));
        Assert.Equal(DeliveryChanges.AttemptsKept, delivery.Attempts.Count);
        Assert.Equal(At.AddHours(39), delivery.Attempts[^1].At);
    }

    [Fact]
    public void Redelivered_Settled_IsPendingUnderAnotherOrchestration()
    {
        var again = Pending.Attempted(SinkAnswer.Delivered(200), At, null).Redelivered(1, Next);
        Assert.Equal((DeliveryStatus.Pending, Next, 1), (again.Status, again.NextAttemptAt, again.Redeliveries));
        Assert.Equal($"delivery-lifecycle-{DeliveryWorld.Id}-1-r1", again.InstanceId);
        Assert.Same(again, again.Redelivered(1, Next.AddHours(1)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x:1:lifecycle")]
    [InlineData("019b0000aaaa7000800080000000c0de:0:lifecycle")]
    [InlineData("019b0000aaaa7000800080000000c0de:01:lifecycle")]
    [InlineData("019b0000aaaa7000800080000000c0de:1")]
    [InlineData("019b0000aaaa7000800080000000c0de:1:Lifecycle")]
    [InlineData("019b0000aaaa7000800080000000c0de:1:a:b")]
    public void TryParse_NoDeliveryId_IsRefused(string text) => Assert.False(DeliveryId.TryParse(text, out _));

    [Fact]
    public void TryParse_WhatToStringGives_IsTheSame()
    {
        var id = new DeliveryId(DeliveryWorld.Id, 12, "gates-2");
        Assert.True(DeliveryId.TryParse(id.ToString(), out var parsed));
        Assert.Equal(id, parsed);
        Assert.Equal($"{DeliveryWorld.Id}:12", id.EventId);
    }

    [Fact]
    public void Instance_LongestName_FitsAllEngines()
    {
        var id = new DeliveryId(DeliveryWorld.Id, int.MaxValue, new string('x', 32));
        Assert.True(SinkName.IsValid(id.Sink));
        Assert.True(DeliveryInstance.ForRedelivery(id, 9999).Length <= 100);
    }
}
