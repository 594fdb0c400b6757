using System.Text.Json;
using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Telemetry;

namespace QuantaPilot.Core.Deliveries;

/// <summary>
/// Hands recorded events over to the sinks. Each sink gets one attempt at once, within a short time limit; what fails in
/// passing is left to a <see cref="DeliveryOrchestration"/>. Once this has returned, each event has arrived, has been
/// dead-lettered, or is in the care of an orchestration, and the delivery store says which.
/// </summary>
public sealed class EventHandover(
    EventSinks sinks,
    SinkSender sender,
    SinkCircuits circuits,
    IDeliveryStore store,
    IOrchestrationClient client,
    DeliveryOptions options,
    TimeProvider time,
    ILogger<EventHandover> logger)
{
    private readonly HandedOver _handedOver = new();

    /// <summary>
    /// Hands the public ones of the events over. Idempotent, so that an activity that runs again after a crash closes the gap
    /// between the recording of an event and its way out: what is handed over again may arrive again, under the same id.
    /// </summary>
    /// <param name="run">The run that they happened to.</param>
    /// <param name="events">Events that are in its log.</param>
    /// <param name="stopping">The host stops: the hand-over is left to a repeat.</param>
    public Task HandOverAsync(RunSnapshot run, IReadOnlyList<RunEvent> events, CancellationToken stopping) =>
        sinks.IsEmpty ? Task.CompletedTask : HandOverToAllAsync(run, events, stopping);

    private async Task HandOverToAllAsync(RunSnapshot run, IReadOnlyList<RunEvent> events, CancellationToken stopping)
    {
        var all = await sinks.ListAsync(stopping);
        if (all.Count == 0) return;
        var known = _handedOver.UpTo(run.RunId);
        var fresh = events.Where(e => e.Sequence > known).Select(e => CloudEvent.From(run, e)).OfType<CloudEvent>().ToList();
        if (fresh.Count == 0) return;
        // Written once, whatever the number of sinks, and only if one takes it.
        var written = new Dictionary<long, OutgoingEvent>();
        var handovers = new List<Task>();
        foreach (var sink in all)
        {
            var taken = fresh.Where(sink.Takes).Select(Write).ToList();
            if (taken.Count > 0) handovers.Add(HandOverAsync(sink, run, taken, stopping));
        }
        await Task.WhenAll(handovers);
        _handedOver.Note(run.RunId, fresh[^1].Sequence);

        OutgoingEvent Write(CloudEvent e)
        {
            if (written.TryGetValue(e.Sequence, out var there)) return there;
            var json = JsonSerializer.SerializeToUtf8Bytes(e, CoreJson.Default.CloudEvent);
            return written[e.Sequence] = new OutgoingEvent(e.Sequence, json);
        }
    }

    private async Task HandOverAsync(IEventSink sink, RunSnapshot run, List<OutgoingEvent> events, CancellationToken stopping)
    {
        var at = time.GetUtcNow();
        var answers = circuits.TryPass(sink.Name) ? await sender.SendAsync(sink, events, options.DirectLimit, stopping) : null;
        var batch = new DeliveryBatch(run.RunId, sink.Name, [.. events.Select(e => e.Sequence)]);
        var failed = batch.Sequences.Where((_, i) => answers?[i].Verdict is null or SinkVerdict.FailedTransiently).ToList();
        var instance = failed.Count > 0 ? DeliveryInstance.For(batch with { Sequences = failed }) : null;
        // The run's id stands in for a random number: an activity has none, and only other runs need another jitter.
        var delay = DeliverySchedule.DelayBefore(1, Guid.Parse(run.RunId.ToString()));
        var due = time.GetUtcNow() + DeliverySchedule.Longer(delay, answers);

        var deliveries = await store.UpdateAsync(batch, Change, stopping);
        foreach (var delivery in deliveries)
        {
            if (answers is not null) Instruments.CountDelivery(delivery);
            Logs.IfDeadLettered(logger, delivery);
        }
        var pending = deliveries.Where(delivery => delivery.Status == DeliveryStatus.Pending).ToList();
        if (pending.Count == 0 || instance is null) return;
        var left = batch with { Sequences = [.. pending.Select(delivery => delivery.Sequence)] };
        var input = new DeliveryInput(left, due, Tried: 1) { CorrelationId = run.CorrelationId };
        // A repeat finds it. Stored first, so that the attempts of the orchestration come on top.
        await client.StartAsync(DeliveryOrchestration.Name, instance, input, stopping);

        Delivery Change(long sequence, Delivery? present)
        {
            var delivery = present ?? new Delivery
            {
                RunId = run.RunId,
                Sequence = sequence,
                Sink = sink.Name,
                Project = run.Project,
                NextAttemptAt = due,
                CreatedAt = at,
                UpdatedAt = at,
            };
            var answer = answers?[events.FindIndex(e => e.Sequence == sequence)];
            return (answer is null ? delivery : delivery.Attempted(answer, at, due)).InCareOf(instance);
        }
    }
}
