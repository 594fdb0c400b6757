using System.Text.Json;

namespace QuantaPilot.Integrations.Outline.Reading;

/// <summary>OpenAPI and Swagger descriptions, in YAML or JSON.</summary>
internal sealed class OpenApiReader : IFileReader
{
    private static readonly string[] Methods = ["get", "put", "post", "delete", "patch", "head", "options"];

    public bool Reads(TreeFile file) => file.Role is FileRole.Product or FileRole.Example && file.Extension is ".json" or ".yml" or ".yaml"
        && (file.Name.Contains("openapi", StringComparison.OrdinalIgnoreCase) || file.Name.Contains("swagger", StringComparison.OrdinalIgnoreCase)
            || file.Name.StartsWith("api.", StringComparison.OrdinalIgnoreCase)
            || file.Name.Contains("petstore", StringComparison.OrdinalIgnoreCase));

    public void Read(TreeFile file, string text, Findings findings)
    {
        if (!text.Contains("openapi", StringComparison.Ordinal) && !text.Contains("swagger", StringComparison.Ordinal)) return;
        var lines = new LineFinder(file.Path, text);
        if (file.Extension == ".json")
        {
            var json = Formats.Json(text);
            if (json.Text("openapi") is null && json.Text("swagger") is null) return;
            var info = json.TryGetProperty("info", out var i) ? i : default;
            var paths = json.Members("paths").SelectMany(p => p.Value.ValueKind == JsonValueKind.Object
                ? p.Value.EnumerateObject()
                    .Where(m => Methods.Contains(m.Name))
                    .Select(m => Operation(m.Name, p.Name, lines.Of($"\"{p.Name}\"")))
                : []);
            Findings.Add(findings.ApiDescriptions, new(file.Path, info.Text("title"), info.Text("version"), [.. paths.Take(500)]));
            return;
        }
        var yaml = Formats.Yaml(text);
        if (yaml.Text("openapi") is null && yaml.Text("swagger") is null) return;
        var operations = yaml.Child("paths").Members().SelectMany(p => p.Value.Members().Where(m => Methods.Contains(m.Name))
            .Select(m => Operation(m.Name, p.Name, new(file.Path, m.Line))));
        Findings.Add(
            findings.ApiDescriptions,
            new(file.Path, yaml.Child("info").Text("title"), yaml.Child("info").Text("version"), [.. operations.Take(500)]));
    }

    private static Route Operation(string method, string path, Source source) => new(method.ToUpperInvariant(), path, "OpenAPI", source);
}
