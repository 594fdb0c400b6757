using Microsoft.AspNetCore.Http;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Telemetry;

/// <summary><c>/metrics</c>: what this process has counted, over all projects.</summary>
/// <param name="scrape">Null where the host does not count.</param>
internal sealed class MetricsEndpoints(MetricsScrape? scrape = null) : IApiEndpointSource
{
    private static readonly string[] _everything = ["*"];

    public IEnumerable<ApiEndpoint> Endpoints => [new("GetMetrics", "GET", "/metrics", new AccessRule(TokenRole.Consumer), GetAsync)];

    private Task<IResult> GetAsync(HttpContext context) => Task.FromResult(Get(context));

    private IResult Get(HttpContext context)
    {
        if (new QueryReader(context).Problem is { } problem) return problem;
        if (!Caller.Of(context).Covers(_everything))
        {
            return new ProblemResult(
                StatusCodes.Status403Forbidden,
                ErrorCodes.Forbidden,
                "The figures are of all projects: the token must reach all of them (*).");
        }
        return (IResult?)scrape ?? ProblemResult.NotFound("This host counts nothing: its settings have metrics off.");
    }
}
