using System.Globalization;
using Azure;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Integrations.EventGrid;

/// <summary>What Event Grid's refusals mean: https://learn.microsoft.com/azure/event-grid/post-to-custom-topic, "Response".</summary>
internal static class EventGridFaults
{
    public static SinkAnswer Classify(RequestFailedException e, TimeProvider time) => e.Status switch
    {
        // No answer at all.
        0 => SinkAnswer.FailedTransiently(DeliveryCodes.Unreachable),
        // The client takes 200 alone for a success.
        >= 200 and < 300 => SinkAnswer.Delivered(e.Status),
        // A wrong key, or a role that was not granted: both may be mended while the delivery waits.
        401 or 403 => Transient(DeliveryCodes.Unauthorized, e, time),
        // No topic at the endpoint: perhaps one that is being made anew.
        404 or 410 => Transient(DeliveryCodes.NotFound, e, time),
        408 => Transient(DeliveryCodes.TimedOut, e, time),
        // Of a batch, the sink then sends the halves.
        413 => SinkAnswer.Refused(DeliveryCodes.TooLarge, e.Status),
        429 => Transient(DeliveryCodes.Throttled, e, time),
        >= 400 and < 500 => SinkAnswer.Refused(DeliveryCodes.Rejected, e.Status),
        // 5xx; and what no Event Grid answers, so that something else must sit at the endpoint for now.
        _ => Transient(DeliveryCodes.Unavailable, e, time),
    };

    private static SinkAnswer Transient(string code, RequestFailedException e, TimeProvider time) =>
        SinkAnswer.FailedTransiently(code, e.Status, RetryAfter(e.GetRawResponse(), time));

    /// <summary>Seconds or a date (RFC 9110). What is ill-formed or past counts for nothing.</summary>
    private static TimeSpan? RetryAfter(Response? response, TimeProvider time)
    {
        if (response is null || !response.Headers.TryGetValue("Retry-After", out var text)) return null;
        if (uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) return TimeSpan.FromSeconds(seconds);
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)) return null;
        var wait = date - time.GetUtcNow();
        return wait > TimeSpan.Zero ? wait : null;
    }
}
