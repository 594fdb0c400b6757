using System.Collections;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using OpenTelemetry;
using QuantaPilot.Api.Telemetry;

namespace QuantaPilot.Host.Server;

/// <summary>Sends spans, metrics and log lines by OTLP, where a variable says whereto.</summary>
internal static class TelemetryExport
{
    private const string Prefix = "OTEL_";
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Adds it if <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set. The other variables are read by OpenTelemetry itself.</summary>
    public static void AddIfAsked(WebApplicationBuilder builder, IReadOnlyDictionary<string, string?>? variables)
    {
        variables ??= Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Where(variable => ((string)variable.Key).StartsWith(Prefix, StringComparison.Ordinal))
            .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value);
        if (string.IsNullOrEmpty(variables.GetValueOrDefault(Endpoint))) return;
        builder.Configuration.AddInMemoryCollection(variables);
        builder.Services.AddQuantaPilotTelemetry().UseOtlpExporter();
    }
}
