using System.Text.Json.Nodes;

namespace QuantaPilot.Api.OpenApi;

/// <summary>The files of _schemas/ that openapi.json is made of; the build puts them into the assembly.</summary>
internal sealed class SchemaFiles
{
    private const string Definitions = "#/$defs/";
    private const string Components = "#/components/schemas/";
    private readonly JsonObject _errors = Read("error.schema.json");
    private readonly JsonObject _examples = Read("api.examples.json");

    /// <summary>A reference to a schema of <see cref="Schemas"/>.</summary>
    public static JsonObject Reference(string name) => new() { ["$ref"] = Components + name };

    /// <summary>All definitions of both schemas, which refer to each other as components of one document.</summary>
    public JsonObject Schemas()
    {
        var schemas = new JsonObject();
        foreach (var file in new[] { Read("api.schema.json"), _errors })
        {
            foreach (var (name, schema) in file["$defs"]!.AsObject()) schemas.Add(name, Relink(schema!));
        }
        return schemas;
    }

    /// <summary>The error codes that problems have.</summary>
    public IEnumerable<string> RequestErrorCodes => RequestErrors.Select(code => (string)code!["const"]!);

    private JsonArray RequestErrors => _errors["$defs"]!["request_error_code"]!["oneOf"]!.AsArray();

    /// <summary>What error.schema.json says of the code of a problem.</summary>
    public string Meaning(string errorCode) =>
        (string)RequestErrors.Single(code => (string?)code!["const"] == errorCode)!["description"]!;

    /// <summary>The examples of an endpoint, requests with their answers.</summary>
    public IEnumerable<JsonObject> Examples(string endpoint) =>
        _examples["requests"]![endpoint]?.AsArray().Select(example => example!.AsObject()) ?? [];

    private static JsonNode Relink(JsonNode node)
    {
        var copy = node.DeepClone();
        Visit(copy);
        return copy;

        static void Visit(JsonNode? node)
        {
            if (node is JsonArray array)
            {
                foreach (var item in array) Visit(item);
            }
            else if (node is JsonObject members)
            {
                if (members["$ref"]?.GetValue<string>() is { } target)
                    members["$ref"] = Components + target[(target.IndexOf(Definitions, StringComparison.Ordinal) + Definitions.Length)..];
                foreach (var (_, member) in members) Visit(member);
            }
        }
    }

    private static JsonObject Read(string name)
    {
        using var stream = typeof(SchemaFiles).Assembly.GetManifestResourceStream(name)!;
        return JsonNode.Parse(stream)!.AsObject();
    }
}
