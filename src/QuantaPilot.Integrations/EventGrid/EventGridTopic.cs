using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Deliveries;

namespace QuantaPilot.Integrations.EventGrid;

/// <summary>An Event Grid topic that gets events. It must have been made with the CloudEvents schema.</summary>
/// <remarks>No record, whose text would show the key.</remarks>
public sealed class EventGridTopic
{
    /// <summary>What the topic is called here: <see cref="SinkName.Accepted"/>. Deliveries are listed under it, so it is kept.</summary>
    public required string Name { get; init; }

    /// <summary>Where it takes events: <c>https://….eventgrid.azure.net/api/events</c>.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>The events that it gets, of <see cref="EventData.Names"/>. Default: none named, which stands for all.</summary>
    public IReadOnlyList<string> EventTypes { get; init; } = [];

    /// <summary>An access key of the topic. Default: none; who the host is on Azure counts (DefaultAzureCredential).</summary>
    public string? Key { get; init; }

    /// <exception cref="FormatException">A member is not accepted; the message names it and what is.</exception>
    internal void Require()
    {
        if (!SinkName.IsValid(Name)) throw Fault($"its name must have {SinkName.Accepted}");
        if (!Endpoint.IsAbsoluteUri || Endpoint.Scheme is not ("https" or "http"))
            throw Fault("its endpoint must be an absolute URL, https://….eventgrid.azure.net/api/events");
        if (Endpoint.UserInfo.Length > 0 || Endpoint.Query.Length > 0 || Endpoint.Fragment.Length > 0)
            throw Fault("its endpoint must have no credentials, query or fragment");
        if (Endpoint.Scheme == "http" && !Endpoint.IsLoopback)
            throw Fault("its endpoint must be https:// (http:// is accepted for loopback addresses only)");
        // Azure's own libraries send tokens over TLS only.
        if (Endpoint.Scheme == "http" && Key is null) throw Fault("an http:// endpoint needs a key");
        if (Key is not null && (Key.Length == 0 || Key.Any(c => c is <= ' ' or > '~')))
            throw Fault("its key must be printable ASCII without blanks");
        foreach (var type in EventTypes)
        {
            if (!EventData.Names.Contains(type)) throw Fault($"'{type}' is no event: accepted are {string.Join(", ", EventData.Names)}");
        }
    }

    private FormatException Fault(string what) => new($"The Event Grid topic '{Name}' is not accepted: {what}.");
}
