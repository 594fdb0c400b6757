using System.Net;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Integrations.Webhooks;

/// <summary>
/// What receivers' answers mean. As Standard Webhooks has it, all that is no success is tried again, also a refusal: a
/// receiver may be mended while the delivery waits. Only 410 is for good.
/// </summary>
internal static class WebhookAnswers
{
    public static SinkAnswer Classify(HttpResponseMessage response, TimeProvider time)
    {
        var status = (int)response.StatusCode;
        return response.StatusCode switch
        {
            HttpStatusCode.Gone => SinkAnswer.Refused(DeliveryCodes.Gone, status),
            HttpStatusCode.TooManyRequests => SinkAnswer.FailedTransiently(DeliveryCodes.Throttled, status, RetryAfter(response, time)),
            HttpStatusCode.ServiceUnavailable =>
                SinkAnswer.FailedTransiently(DeliveryCodes.Unavailable, status, RetryAfter(response, time)),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => SinkAnswer.FailedTransiently(DeliveryCodes.Unauthorized, status),
            HttpStatusCode.NotFound => SinkAnswer.FailedTransiently(DeliveryCodes.NotFound, status),
            HttpStatusCode.RequestTimeout => SinkAnswer.FailedTransiently(DeliveryCodes.TimedOut, status),
            HttpStatusCode.RequestEntityTooLarge => SinkAnswer.FailedTransiently(DeliveryCodes.TooLarge, status),
            _ => status switch
            {
                >= 200 and < 300 => SinkAnswer.Delivered(status),
                >= 300 and < 400 => SinkAnswer.FailedTransiently(DeliveryCodes.Redirected, status),
                >= 400 and < 500 => SinkAnswer.FailedTransiently(DeliveryCodes.Rejected, status),
                _ => SinkAnswer.FailedTransiently(DeliveryCodes.Unavailable, status),
            },
        };
    }

    /// <summary>What it means that there was no answer.</summary>
    public static SinkAnswer Classify(HttpRequestException e) => e switch
    {
        { InnerException: AddressRefusedException } => SinkAnswer.FailedTransiently(DeliveryCodes.AddressRefused),
        // Something that speaks no HTTP, or headers without an end.
        { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded } =>
            SinkAnswer.FailedTransiently(DeliveryCodes.Unavailable),
        _ => SinkAnswer.FailedTransiently(DeliveryCodes.Unreachable),
    };

    /// <summary>What is ill-formed or past counts for nothing.</summary>
    internal static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider time)
    {
        var asked = response.Headers.RetryAfter?.Delta ?? response.Headers.RetryAfter?.Date - time.GetUtcNow();
        return asked > TimeSpan.Zero ? asked : null;
    }
}
