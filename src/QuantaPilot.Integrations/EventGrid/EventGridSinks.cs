using Azure.Identity;
using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Integrations.EventGrid;

/// <summary>The topics that the host's settings name.</summary>
public sealed class EventGridSinks : IEventSinkSource
{
    private readonly IEventSink[] _sinks;

    /// <param name="topics">The topics.</param>
    /// <param name="time">For dates in answers.</param>
    /// <param name="logger">The log.</param>
    /// <exception cref="FormatException">A topic is not accepted, or two have one name.</exception>
    public EventGridSinks(IReadOnlyList<EventGridTopic> topics, TimeProvider time, ILogger<EventGridSinks> logger)
    {
        foreach (var topic in topics) topic.Require();
        if (topics.GroupBy(topic => topic.Name).FirstOrDefault(named => named.Count() > 1) is { } twice)
            throw new FormatException($"There are {twice.Count()} Event Grid topics named '{twice.Key}': each needs a name of its own.");
        // One for all topics, so that they share its tokens.
        var credential = topics.Any(topic => topic.Key is null) ? new DefaultAzureCredential() : null;
        _sinks = [.. topics.Select(topic => new EventGridSink(topic, EventGridClients.Create(topic, credential, null), time, logger))];
    }

    public ValueTask<IReadOnlyList<IEventSink>> ListAsync(CancellationToken cancellationToken) => new(_sinks);
}
