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
        // OTEL_SERVICE_NAME goes before it.
        .ConfigureResource(resource => resource
            .AddService("quantapilot", serviceVersion: typeof(TelemetryServices).Assembly.GetName().Version?.ToString(3))
            .AddEnvironmentVariableDetector())
        .WithTracing(tracing => tracing
            .AddSource(Instruments.Name)
            // Probes come every few seconds and tell nothing.
            .AddAspNetCoreInstrumentation(http => http.Filter = context => context.Request.Path.Value is not ("/healthz" or "/readyz"))
            .AddProcessor(new RunTagsProcessor()))
        .WithMetrics(metrics => metrics.AddMeter(Instruments.Name).AddAspNetCoreInstrumentation())
        .WithLogging(configureBuilder: null, logging =>
        {
            logging.IncludeScopes = true;
            logging.IncludeFormattedMessage = true;
        });
}
