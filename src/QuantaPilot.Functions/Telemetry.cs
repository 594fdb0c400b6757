using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using QuantaPilot.Api.Telemetry;

namespace QuantaPilot.Functions;

/// <summary>Spans, metrics and log lines of the worker, to wherever a variable says; without one nothing is collected.</summary>
internal static class Telemetry
{
    private const string AzureMonitor = "APPLICATIONINSIGHTS_CONNECTION_STRING";
    private const string Otlp = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static void AddTelemetry(this IServiceCollection services)
    {
        var (toAzureMonitor, toOtlp) = (IsSet(AzureMonitor), IsSet(Otlp));
        if (!toAzureMonitor && !toOtlp) return;
        var telemetry = services.AddQuantaPilotTelemetry();
        // Spans of invocations, so that the host need not send any for the worker.
        telemetry.UseFunctionsWorkerDefaults();
        if (toAzureMonitor) telemetry.UseAzureMonitorExporter();
        if (toOtlp) telemetry.UseOtlpExporter();
    }

    private static bool IsSet(string variable) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));
}
