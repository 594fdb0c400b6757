using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;

namespace QuantaPilot.Api.Events;

internal sealed class EventEndpoints(EventHandlers events) : IApiEndpointSource
{
    public IEnumerable<ApiEndpoint> Endpoints =>
    [
        new("ListRunEvents", "GET", "/runs/{run_id}/events", AccessRule.Read, events.OfRunAsync),
        new("StreamEvents", "GET", "/events", AccessRule.Read, events.OfAllAsync),
    ];
}
