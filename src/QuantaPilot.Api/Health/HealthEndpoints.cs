using Microsoft.AspNetCore.Http;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Health;

/// <summary><c>/healthz</c>: the process answers. <c>/readyz</c>: it takes work. Neither needs a token nor tells more.</summary>
internal sealed class HealthEndpoints(Readiness readiness, IRunStore store) : IApiEndpointSource
{
    private static readonly JsonResult<HealthResource> _ok = new(new HealthResource("ok"), CoreJson.Default.HealthResource);

    public IEnumerable<ApiEndpoint> Endpoints =>
    [
        new("GetHealth", "GET", "/healthz", AccessRule.Anybody, _ => Task.FromResult<IResult>(_ok)),
        new("GetReadiness", "GET", "/readyz", AccessRule.Anybody, GetReadinessAsync),
    ];

    private async Task<IResult> GetReadinessAsync(HttpContext context)
    {
        if (!readiness.IsReady)
            return new ProblemResult(StatusCodes.Status503ServiceUnavailable, ErrorCodes.Unavailable, "The host is starting or stopping.");
        await store.LastPositionAsync(context.RequestAborted);
        return _ok;
    }
}
