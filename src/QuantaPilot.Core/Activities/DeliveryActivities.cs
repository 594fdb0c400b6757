using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Telemetry;

namespace QuantaPilot.Core.Activities;

/// <param name="Batch">What is to be delivered where.</param>
/// <param name="RetryIn">After what time what fails in passing would be tried again; null if this is the last attempt.</param>
public sealed record AttemptDeliveryInput(DeliveryBatch Batch, TimeSpan? RetryIn) : IAboutRun
{
    /// <inheritdoc/>
    public string? CorrelationId { get; init; }

    RunId IAboutRun.RunId => Batch.RunId;
}

/// <param name="Pending">What is to be tried again.</param>
/// <param name="NextAttemptAt">When; null if nothing is.</param>
public sealed record DeliveryAttemptResult(IReadOnlyList<long> Pending, DateTimeOffset? NextAttemptAt);

/// <summary>The work of a <see cref="DeliveryOrchestration"/>, over the ports. It may run more than once for the same input.</summary>
public sealed class DeliveryActivities(
    IRunStore runs,
    IDeliveryStore store,
    EventSinks sinks,
    SinkSender sender,
    DeliveryOptions options,
    TimeProvider time,
    ILogger<DeliveryActivities> logger)
{
    /// <summary>Sends those events of the batch that are still pending, and records what came of it.</summary>
    public async Task<DeliveryAttemptResult> AttemptDeliveryAsync(AttemptDeliveryInput input, CancellationToken stopping)
    {
        var present = await store.FindAsync(input.Batch, stopping);
        // What a repeat of this activity has settled, or was removed with its run, is not sent.
        var batch = input.Batch with { Sequences = [.. present.Where(IsPending).Select(delivery => delivery.Sequence)] };
        if (batch.Sequences.Count == 0) return new DeliveryAttemptResult([], null);

        var at = time.GetUtcNow();
        var answers = await SendAsync(batch, stopping);
        DateTimeOffset? next = input.RetryIn is { } delay ? time.GetUtcNow() + DeliverySchedule.Longer(delay, answers.Values) : null;
        var after = await store.UpdateAsync(batch, (sequence, delivery) => delivery?.Attempted(answers[sequence], at, next), stopping);
        foreach (var delivery in after)
        {
            Instruments.CountDelivery(delivery);
            Logs.IfDeadLettered(logger, delivery);
        }
        var pending = after.Where(IsPending).Select(delivery => delivery.Sequence).ToList();
        return new DeliveryAttemptResult(pending, pending.Count > 0 ? next : null);
    }

    private async Task<Dictionary<long, SinkAnswer>> SendAsync(DeliveryBatch batch, CancellationToken stopping)
    {
        if (await sinks.FindAsync(batch.Sink, stopping) is not { } sink)
        {
            // The settings may lack it by mistake, so this is no refusal.
            return batch.Sequences.ToDictionary(sequence => sequence, _ => SinkAnswer.FailedTransiently(DeliveryCodes.UnknownSink));
        }
        var events = await ReadAsync(batch, stopping);
        var answers = batch.Sequences.Except(events.Select(e => e.Sequence))
            .ToDictionary(sequence => sequence, _ => SinkAnswer.Refused(DeliveryCodes.EventGone));
        if (events.Count == 0) return answers;
        var sent = await sender.SendAsync(sink, events, options.AttemptLimit, stopping);
        for (var i = 0; i < events.Count; i++) answers.Add(events[i].Sequence, sent[i]);
        return answers;
    }

    private async Task<List<OutgoingEvent>> ReadAsync(DeliveryBatch batch, CancellationToken stopping)
    {
        var (first, last) = (batch.Sequences[0], batch.Sequences[^1]);
        var log = await runs.ReadEventsAsync(batch.RunId, first - 1, (int)(last - first + 1), stopping);
        return [.. log.Where(e => batch.Sequences.Contains(e.Sequence)).Select(e => new OutgoingEvent(e.Sequence, e.Json))];
    }

    private static bool IsPending(Delivery delivery) => delivery.Status == DeliveryStatus.Pending;
}
