using QuantaPilot.Core.Subscriptions;

namespace QuantaPilot.Core.Ports;

/// <summary>Posts to the receivers of webhooks.</summary>
public interface IWebhookSender
{
    /// <summary>
    /// Posts one CloudEvent, once, within a time limit. Faults are answers. Whether the subscription is enabled is not asked.
    /// </summary>
    /// <param name="subscription">Where to, and what it is signed with.</param>
    /// <param name="webhook">What is sent.</param>
    /// <param name="bodyLimit">How many bytes of the answer's body to give back; 0 for none.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled; the event may have arrived.</exception>
    Task<WebhookAnswer> SendAsync(Subscription subscription, Webhook webhook, int bodyLimit, CancellationToken cancellationToken);
}

/// <param name="Id">The <c>webhook-id</c>: the same for each attempt, so that receivers can tell repeats.</param>
/// <param name="Json">The body, a CloudEvent.</param>
public sealed record Webhook(string Id, ReadOnlyMemory<byte> Json);

/// <param name="Outcome">Whether it arrived.</param>
/// <param name="Body">The beginning of the answer's body, if it was asked for and there was an answer.</param>
public sealed record WebhookAnswer(SinkAnswer Outcome, string? Body = null);
