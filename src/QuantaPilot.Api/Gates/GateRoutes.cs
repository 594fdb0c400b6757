using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;

namespace QuantaPilot.Api.Gates;

public static class GateRoutes
{
    public static void MapGates(this IEndpointRouteBuilder routes)
    {
        var gates = routes.ServiceProvider.GetRequiredService<GateHandlers>();
        routes.MapApi("GET", "/gates", AccessRule.Read, gates.PendingAsync);
        routes.MapApi("POST", "/gates:decide", AccessRule.Approve, gates.DecideManyAsync);
        routes.MapApi("GET", "/runs/{run_id}/gates", AccessRule.Read, gates.OfRunAsync);
        routes.MapApi("POST", "/runs/{run_id}/gates/{gate}", AccessRule.Approve, gates.DecideAsync);
    }
}
