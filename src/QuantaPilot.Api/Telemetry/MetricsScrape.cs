using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using OpenTelemetry.Metrics;

namespace QuantaPilot.Api.Telemetry;

/// <summary>Answers with the figures of this process, in Prometheus' text format.</summary>
internal sealed class MetricsScrape : IResult
{
    private readonly RequestDelegate _exporter;

    public MetricsScrape(IServiceProvider services, MeterProvider meters) => _exporter = new ApplicationBuilder(services)
        .UseOpenTelemetryPrometheusScrapingEndpoint(
            meters, predicate: _ => true, path: null, configureBranchedPipeline: null, optionsName: null)
        .Build();

    public Task ExecuteAsync(HttpContext context)
    {
        // The exporter would speak OpenMetrics to whoever prefers it. All scrapers read this one, and the API describes one.
        context.Request.Headers.Accept = "text/plain";
        return _exporter(context);
    }
}
