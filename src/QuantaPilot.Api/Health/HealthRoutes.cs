using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Health;

public static class HealthRoutes
{
    /// <summary><c>/healthz</c>: the process answers. <c>/readyz</c>: it takes work. Neither needs a token nor tells more.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var readiness = routes.ServiceProvider.GetRequiredService<Readiness>();
        var store = routes.ServiceProvider.GetRequiredService<IRunStore>();
        var ok = new JsonResult<HealthResource>(new HealthResource("ok"), CoreJson.Default.HealthResource);
        routes.MapApi("GET", "/healthz", AccessRule.Anybody, _ => Task.FromResult<IResult>(ok));
        routes.MapApi("GET", "/readyz", AccessRule.Anybody, async context =>
        {
            if (!readiness.IsReady)
                return new ProblemResult(StatusCodes.Status503ServiceUnavailable, ErrorCodes.Unavailable, "The host is starting or stopping.");
            await store.LastPositionAsync(context.RequestAborted);
            return ok;
        });
    }
}
