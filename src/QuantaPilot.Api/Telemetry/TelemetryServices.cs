using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using QuantaPilot.Core.Telemetry;

namespace QuantaPilot.Api.Telemetry;

/// <summary>OpenTelemetry, for hosts that export it.</summary>
public static class TelemetryServices
{
    /// <summary>
    /// Collects spans, metrics and log lines. A host calls this if it has somewhere to send them to, and adds the exporters to
    /// what is returned; without the call nothing is collected and nothing is paid.
    /// </summary>
    public static OpenTelemetryBuilder AddQuantaPilotTelemetry(this IServiceCollection services) => services
        .AddOpenTelemetry()
        .ConfigureResource(Describe)
        .WithTracing(tracing => tracing
            .AddSource(Instruments.Name)
            // Probes come every few seconds and tell nothing.
            .AddAspNetCoreInstrumentation(http => http.Filter = context => context.Request.Path.Value is not ("/healthz" or "/readyz"))
            .AddProcessor(new RunTagsProcessor()))
        .WithMetrics(AddMeters)
        .WithLogging(configureBuilder: null, logging =>
        {
            logging.IncludeScopes = true;
            logging.IncludeFormattedMessage = true;
        });

    /// <summary>
    /// Has <c>GET /metrics</c> answer with the figures of this process, from its start on. It can stand beside
    /// <see cref="AddQuantaPilotTelemetry"/>. Without the call the endpoint answers 404.
    /// </summary>
    public static IServiceCollection AddQuantaPilotMetrics(this IServiceCollection services)
    {
        services.AddOpenTelemetry()
            .ConfigureResource(Describe)
            .WithMetrics(metrics =>
            {
                AddMeters(metrics);
                // Whoever asks twice within a moment wants to see what has changed.
                metrics.AddPrometheusExporter(exporter => exporter.ScrapeResponseCacheDurationMilliseconds = 0);
            });
        return services.AddSingleton<MetricsScrape>();
    }

    /// <summary>OTEL_SERVICE_NAME goes before the name that is given here.</summary>
    private static void Describe(ResourceBuilder resource) => resource
        .AddService("quantapilot", serviceVersion: typeof(TelemetryServices).Assembly.GetName().Version?.ToString(3))
        .AddEnvironmentVariableDetector();

    private static void AddMeters(MeterProviderBuilder metrics) => metrics
        .AddMeter(Instruments.Name)
        // Memory, garbage collection, threads and processor time, by .NET itself.
        .AddMeter("System.Runtime")
        .AddAspNetCoreInstrumentation();
}
