using System.Text.Json.Serialization;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Contracts;

/// <summary>A public event as it crosses every border: CloudEvents 1.0, JSON format.</summary>
public sealed record CloudEvent
{
    public const string ContentType = "application/cloudevents+json";

    /// <summary>What every type begins with.</summary>
    public const string TypePrefix = "quantapilot.";

    [JsonPropertyName("specversion")]
    public string SpecVersion { get; init; } = "1.0";

    /// <summary><c>{run_id}:{sequence}</c>: the same event always has the same id.</summary>
    public required string Id { get; init; }

    /// <summary><c>quantapilot.{event}</c>.</summary>
    public required string Type { get; init; }

    public string Source { get; init; } = "/quantapilot/runs";

    /// <summary>The run id.</summary>
    public required string Subject { get; init; }

    public required DateTimeOffset Time { get; init; }

    [JsonPropertyName("datacontenttype")]
    public string DataContentType { get; init; } = "application/json";

    [JsonPropertyName("dataschema")]
    public required string DataSchema { get; init; }

    [JsonPropertyName("correlationid")]
    public required string CorrelationId { get; init; }

    public required long Sequence { get; init; }

    public required string Project { get; init; }

    public required EventData Data { get; init; }

    /// <summary>The public form of an event, or null if it has none.</summary>
    /// <param name="run">The run it happened to.</param>
    /// <param name="e">The event, with its sequence number.</param>
    public static CloudEvent? From(RunSnapshot run, RunEvent e)
    {
        if (e.Sequence is not { } sequence || EventData.From(run, e) is not var (name, data)) return null;
        return new CloudEvent
        {
            Id = $"{run.RunId}:{sequence}",
            Type = TypePrefix + name,
            Subject = run.RunId.ToString(),
            Time = e.At,
            DataSchema = $"https://quantapilot.dev/schemas/api.schema.json#/$defs/{name}",
            CorrelationId = run.CorrelationId,
            Sequence = sequence,
            Project = run.Project,
            Data = data,
        };
    }
}
