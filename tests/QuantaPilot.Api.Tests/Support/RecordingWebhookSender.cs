using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Subscriptions;

namespace QuantaPilot.Api.Tests.Support;

/// <summary>A sender that sends nothing, remembers what it was given, and answers what a test says.</summary>
internal sealed class RecordingWebhookSender : IWebhookSender
{
    public List<(Subscription Subscription, Webhook Webhook)> Sent { get; } = [];

    public Func<Subscription, WebhookAnswer> Answer { get; set; } = _ => new WebhookAnswer(SinkAnswer.Delivered(204), "");

    public Task<WebhookAnswer> SendAsync(Subscription subscription, Webhook webhook, int bodyLimit, CancellationToken cancellationToken)
    {
        Sent.Add((subscription, webhook));
        return Task.FromResult(Answer(subscription));
    }
}
