using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Subscriptions;

namespace QuantaPilot.Integrations.Webhooks;

/// <summary>
/// The subscriptions as sinks, also those that are disabled: what waits for them is kept. What waits for one that was deleted
/// ends dead-lettered once its retries are used up.
/// </summary>
public sealed class WebhookSinks(ISubscriptionStore store, IWebhookSender sender, TimeProvider time, ILogger<WebhookSinks> logger)
    : IEventSinkSource
{
    private Made _made = new([], []);

    public async ValueTask<IReadOnlyList<IEventSink>> ListAsync(CancellationToken cancellationToken)
    {
        var subscriptions = await store.ListRecentAsync(cancellationToken);
        var made = Volatile.Read(ref _made);
        if (!ReferenceEquals(made.Of, subscriptions))
        {
            made = new Made(subscriptions, [.. subscriptions.Select(one => new WebhookSink(one, store, sender, time, logger))]);
            Volatile.Write(ref _made, made);
        }
        return made.Sinks;
    }

    private sealed record Made(IReadOnlyList<Subscription> Of, IReadOnlyList<IEventSink> Sinks);
}
