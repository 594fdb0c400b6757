using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Deliveries;

namespace QuantaPilot.Core.Orchestrations;

/// <param name="Batch">What is to be delivered where.</param>
/// <param name="FirstAttemptAt">When it is tried.</param>
/// <param name="Tried">
/// How often it was tried before: 1 after the attempt of the hand-over, also if that was left out since the sink had just
/// failed; 0 for a redelivery.
/// </param>
public sealed record DeliveryInput(DeliveryBatch Batch, DateTimeOffset FirstAttemptAt, int Tried)
{
    /// <summary>The caller's id for the run, for telemetry; null for a redelivery, which knows the events only.</summary>
    public string? CorrelationId { get; init; }
}

/// <summary>
/// Delivers events of one run to one sink after the first attempt has failed: again on the retry schedule until each has
/// arrived or was refused, or the schedule is used up. The outcome is in the delivery store.
/// </summary>
public static class DeliveryOrchestration
{
    /// <summary>The registered name. It is in recorded histories: never change it.</summary>
    public const string Name = "delivery";

    /// <summary>The external event that asks for an attempt now; a <see cref="Done"/>. It does not use up a retry.</summary>
    public const string DeliverNow = "deliver_now";

    /// <summary>The activity throws for faults of the host only, the store being away, say: they use up no retry.</summary>
    private static readonly RetryPolicy HostRetries = new(int.MaxValue, TimeSpan.FromSeconds(1), 2, TimeSpan.FromMinutes(5));

    public static async Task<Done> RunAsync(IOrchestrationContext context)
    {
        var input = context.GetInput<DeliveryInput>();
        var (batch, due, tried) = input;
        var asked = context.WaitForExternalEventAsync<Done>(DeliverNow);
        while (true)
        {
            await WaitAsync(context, due, asked);
            if (asked.IsCompleted) asked = context.WaitForExternalEventAsync<Done>(DeliverNow);
            else tried++;

            // An attempt that was asked for counts as none, so it may come before the first.
            TimeSpan? retryIn = tried > DeliverySchedule.Retries
                ? null
                : DeliverySchedule.DelayBefore(Math.Max(tried, 1), context.NewGuid());
            var attempt = new AttemptDeliveryInput(batch, retryIn) { CorrelationId = input.CorrelationId };
            var result = await context.CallActivityAsync<DeliveryAttemptResult>(ActivityNames.AttemptDelivery, attempt, HostRetries);
            if (result.NextAttemptAt is not { } next) return new Done();
            batch = batch with { Sequences = result.Pending };
            due = next;
        }
    }

    private static async Task WaitAsync(IOrchestrationContext context, DateTimeOffset due, Task asked)
    {
        using var cancellation = new CancellationTokenSource();
        while (context.UtcNow < due && !asked.IsCompleted)
        {
            // Backends that cut off fractions of a second fire early, hence the loop.
            await Task.WhenAny(context.CreateTimerAsync(due, cancellation.Token), asked);
        }
        cancellation.Cancel();
    }
}
