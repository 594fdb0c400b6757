using System.Collections.Frozen;
using Azure;
using Azure.Identity;
using Azure.Messaging.EventGrid;
using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Integrations.EventGrid;

/// <summary>
/// Publishes events to an Event Grid topic, as the bytes that the log holds: CloudEvents in JSON, in batches within the
/// size that Event Grid takes.
/// </summary>
internal sealed class EventGridSink : IEventSink
{
    private readonly EventGridPublisherClient _client;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly FrozenSet<string> _types;
    private int _unauthorized;

    public EventGridSink(EventGridTopic topic, EventGridPublisherClient client, TimeProvider time, ILogger logger)
    {
        Name = topic.Name;
        _client = client;
        _time = time;
        _logger = logger;
        _types = topic.EventTypes.Select(type => CloudEvent.TypePrefix + type).ToFrozenSet(StringComparer.Ordinal);
    }

    public string Name { get; }

    public bool Takes(CloudEvent e) => _types.Count == 0 || _types.Contains(e.Type);

    public async Task<IReadOnlyList<SinkAnswer>> SendAsync(IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken)
    {
        var answers = new SinkAnswer?[events.Count];
        for (var i = 0; i < events.Count; i++)
        {
            if (!EventGridBatches.Fits(events[i])) answers[i] = SinkAnswer.Refused(DeliveryCodes.TooLarge);
        }
        var open = new Stack<ArraySegment<int>>(
            EventGridBatches.Split(events, [.. Enumerable.Range(0, events.Count).Where(i => answers[i] is null)]).Reverse());
        SinkAnswer? failure = null;
        while (open.TryPop(out var batch))
        {
            // After one that failed in passing the others would only meet the same, one after the other.
            var answer = failure ?? await PublishAsync([.. batch.Select(i => events[i])], cancellationToken);
            if (answer.Code == DeliveryCodes.TooLarge && batch.Count > 1)
            {
                var half = batch.Count / 2;
                open.Push(batch[half..]);
                open.Push(batch[..half]);
                continue;
            }
            if (answer.Verdict == SinkVerdict.FailedTransiently) failure = answer;
            foreach (var i in batch) answers[i] = answer;
        }
        return answers!;
    }

    private async Task<SinkAnswer> PublishAsync(IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken)
    {
        try
        {
            var response = await _client.SendEncodedCloudEventsAsync(EventGridBatches.Write(events), cancellationToken);
            Interlocked.Exchange(ref _unauthorized, 0);
            return SinkAnswer.Delivered(response.Status);
        }
        catch (RequestFailedException e)
        {
            var answer = EventGridFaults.Classify(e, _time);
            if (answer.Code == DeliveryCodes.Unauthorized) TellUnauthorized(WithoutAnswer(e));
            else if (answer.Code == DeliveryCodes.Rejected) Logs.Rejected(_logger, Name, e.Status, e.ErrorCode);
            return answer;
        }
        catch (AuthenticationFailedException e)
        {
            TellUnauthorized(e);
            return SinkAnswer.FailedTransiently(DeliveryCodes.Unauthorized);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The library's own time limit.
            return SinkAnswer.FailedTransiently(DeliveryCodes.TimedOut);
        }
    }

    /// <summary>For the log: what answers at the endpoint may repeat what it was sent, the key too.</summary>
    private static RequestFailedException WithoutAnswer(RequestFailedException e) =>
        new(e.Status, $"The topic answered HTTP {e.Status}.", e.ErrorCode, null);

    /// <summary>Once, until it succeeds again: each attempt would say the same.</summary>
    private void TellUnauthorized(Exception e)
    {
        if (Interlocked.Exchange(ref _unauthorized, 1) == 0) Logs.Unauthorized(_logger, e, Name);
    }
}
