using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Messaging.EventGrid;

namespace QuantaPilot.Integrations.EventGrid;

internal static class EventGridClients
{
    /// <param name="topic">The topic.</param>
    /// <param name="credential">Who the host is; for a topic without a key.</param>
    /// <param name="transport">Null for the library's own.</param>
    public static EventGridPublisherClient Create(EventGridTopic topic, TokenCredential? credential, HttpPipelineTransport? transport)
    {
        var options = new EventGridPublisherClientOptions();
        // The delivery orchestration repeats, on durable timers, and an attempt has a time limit of its own.
        options.Retry.MaxRetries = 0;
        if (transport is not null) options.Transport = transport;
        return topic.Key is { } key
            ? new EventGridPublisherClient(topic.Endpoint, new AzureKeyCredential(key), options)
            : new EventGridPublisherClient(topic.Endpoint, credential, options);
    }
}
