using System.Text.Json.Nodes;
using Json.Schema;

namespace QuantaPilot.Testing;

/// <summary>The JSON schemas of _schemas/, and what a validator finds wrong by them.</summary>
public static class SchemaSet
{
    private const int MaxRemembered = 5_000;

    private static readonly Lock _lock = new();
    private static readonly EvaluationOptions _options = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };
    private static readonly Dictionary<string, JsonSchema> _references = new(StringComparer.Ordinal);

    /// <summary>What was found to be right before: many tests are answered with the same bytes.</summary>
    private static readonly HashSet<(string Reference, string Text)> _valid = [];

    public static JsonObject Api { get; } = Load("api.schema.json");

    public static JsonObject Errors { get; } = Load("error.schema.json");

    public static JsonObject Configuration { get; } = Load("quantapilot.schema.json");

    /// <summary>What is wrong with a value of the API; null if nothing is.</summary>
    /// <param name="name">A name under <c>$defs</c> of api.schema.json or error.schema.json.</param>
    /// <param name="json">The value.</param>
    public static string? FindFault(string name, string json)
    {
        var file = Errors["$defs"]!.AsObject().ContainsKey(name) ? Errors : Api;
        return FindFaultBy($"{file["$id"]}#/$defs/{name}", json);
    }

    /// <summary>What is wrong with a value by the schema at a URI; null if nothing is.</summary>
    public static string? FindFaultBy(string reference, string json)
    {
        // The library's registry and caches are shared by all evaluations.
        lock (_lock)
        {
            if (_valid.Contains((reference, json))) return null;
            if (!_references.TryGetValue(reference, out var schema))
                _references[reference] = schema = JsonSchema.FromText(new JsonObject { ["$ref"] = reference }.ToJsonString());
            var results = schema.Evaluate(JsonNode.Parse(json), _options);
            if (results.IsValid)
            {
                if (_valid.Count == MaxRemembered) _valid.Clear();
                _valid.Add((reference, json));
                return null;
            }
            var faults =
                from detail in results.Details
                from error in detail.Errors ?? new Dictionary<string, string>()
                select $"{detail.InstanceLocation}: {error.Value} ({detail.SchemaLocation})";
            return $"{string.Join("; ", faults)} in {json}";
        }
    }

    private static JsonObject Load(string file)
    {
        var text = RepositoryFiles.Read($"_schemas/{file}");
        SchemaRegistry.Global.Register(JsonSchema.FromText(text));
        return JsonNode.Parse(text)!.AsObject();
    }
}
