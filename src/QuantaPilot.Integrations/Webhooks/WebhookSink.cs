using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Subscriptions;

namespace QuantaPilot.Integrations.Webhooks;

/// <summary>A subscription as a sink: each event is a request of its own.</summary>
internal sealed class WebhookSink(
    Subscription subscription, ISubscriptionStore store, IWebhookSender sender, TimeProvider time, ILogger logger) : IEventSink
{
    /// <summary>
    /// How long events are sent one after the other. With the two requests that may still be waited for after it this stays
    /// within <see cref="DeliveryOptions.AttemptLimit"/>.
    /// </summary>
    internal static readonly TimeSpan InOrderLimit = TimeSpan.FromSeconds(5);

    private readonly FrozenSet<string> _types =
        subscription.Filter.Events.Select(name => CloudEvent.TypePrefix + name).ToFrozenSet(StringComparer.Ordinal);

    private readonly RepositoryPolicy _projects = new(subscription.Filter.Projects);
    private readonly string? _run = subscription.Filter.RunId?.ToString();

    public string Name => subscription.Id;

    public bool Takes(CloudEvent e) => subscription.IsEnabled
        && (_types.Count == 0 || _types.Contains(e.Type))
        && (_run is null || _run == e.Subject)
        && _projects.AllowsProject(e.Project);

    public async Task<IReadOnlyList<SinkAnswer>> SendAsync(IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken)
    {
        // Kept for when it is enabled again, for as long as the retries last.
        if (!subscription.IsEnabled) return [.. events.Select(_ => SinkAnswer.FailedTransiently(DeliveryCodes.Disabled))];
        var answers = new SinkAnswer[events.Count];
        var (begun, sent) = (time.GetTimestamp(), 0);
        // In order for as long as the receiver is well. After that side by side, so that an event that it chokes on keeps no other back.
        while (sent < events.Count && time.GetElapsedTime(begun) < InOrderLimit)
        {
            answers[sent] = await SendAsync(events[sent], cancellationToken);
            if (answers[sent++].Verdict != SinkVerdict.Delivered) break;
        }
        await Task.WhenAll(Enumerable.Range(sent, events.Count - sent).Select(SendInPlaceAsync));
        if (answers.Any(answer => answer.Code == DeliveryCodes.Gone)) await DisableAsync(cancellationToken);
        return answers;

        async Task SendInPlaceAsync(int i) => answers[i] = await SendAsync(events[i], cancellationToken);
    }

    private async Task<SinkAnswer> SendAsync(OutgoingEvent e, CancellationToken cancellationToken) =>
        (await sender.SendAsync(subscription, new Webhook(IdOf(e), e.Json), 0, cancellationToken)).Outcome;

    /// <summary>The event's own id, which is the same at each attempt.</summary>
    private static string IdOf(OutgoingEvent e)
    {
        using var json = JsonDocument.Parse(e.Json);
        return json.RootElement.GetProperty("id").GetString()!;
    }

    private async Task DisableAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var after = await store.UpdateAsync(
            Name, present => present.Disabled("The receiver answered 410 (Gone): it wants no more events.", now), cancellationToken);
        if (after?.DisabledAt == now) Logs.Gone(logger, Name);
    }
}
