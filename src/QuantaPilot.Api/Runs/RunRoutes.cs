using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;

namespace QuantaPilot.Api.Runs;

public static class RunRoutes
{
    public static void MapRuns(this IEndpointRouteBuilder routes)
    {
        var runs = routes.ServiceProvider.GetRequiredService<RunHandlers>();
        var controls = routes.ServiceProvider.GetRequiredService<ControlHandlers>();
        routes.MapApi("POST", "/run", AccessRule.Operate, runs.StartAsync);
        routes.MapApi("GET", "/runs", AccessRule.Read, runs.ListAsync);
        routes.MapApi("GET", "/runs/{run_id}", AccessRule.Read, runs.GetAsync);
        routes.MapApi("POST", "/runs/{run_id}/pause", AccessRule.Operate, controls.PauseAsync);
        routes.MapApi("POST", "/runs/{run_id}/resume", AccessRule.Operate, controls.ResumeAsync);
        routes.MapApi("POST", "/runs/{run_id}/cancel", AccessRule.Operate, controls.CancelAsync);
    }
}
