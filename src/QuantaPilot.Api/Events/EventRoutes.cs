using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;

namespace QuantaPilot.Api.Events;

public static class EventRoutes
{
    public static void MapEvents(this IEndpointRouteBuilder routes)
    {
        var events = routes.ServiceProvider.GetRequiredService<EventHandlers>();
        routes.MapApi("GET", "/runs/{run_id}/events", AccessRule.Read, events.OfRunAsync);
        routes.MapApi("GET", "/events", AccessRule.Read, events.OfAllAsync);
    }
}
