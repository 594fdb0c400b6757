using System.Text.Json.Nodes;

namespace QuantaPilot.Api.Tests.Fuzz;

/// <param name="In"><c>path</c>, <c>query</c> or <c>header</c>.</param>
/// <param name="Name">As the caller writes it.</param>
/// <param name="Schema">Of its value.</param>
internal sealed record ApiParameter(string In, string Name, JsonNode Schema);

/// <summary>An operation as openapi.json has it.</summary>
/// <param name="Id">Its operationId: the name of the endpoint.</param>
/// <param name="Method">In capitals.</param>
/// <param name="Pattern">The path, with parameters in braces.</param>
/// <param name="Parameters">All that it takes.</param>
/// <param name="Body">The schema of its body; null if it takes none.</param>
/// <param name="BodyIsRequired">False if the body can be left out.</param>
internal sealed record ApiOperation(
    string Id, string Method, string Pattern, IReadOnlyList<ApiParameter> Parameters, JsonNode? Body, bool BodyIsRequired)
{
    public static JsonObject Document { get; } = JsonNode.Parse(RepositoryFiles.Read("_schemas/openapi.json"))!.AsObject();

    /// <summary>All of them, by their ids.</summary>
    public static IReadOnlyList<ApiOperation> All { get; } = [.. Document["paths"]!.AsObject()
        .SelectMany(path => ReadPath(path.Key, path.Value!.AsObject()))
        .OrderBy(operation => operation.Id, StringComparer.Ordinal)];

    private static IEnumerable<ApiOperation> ReadPath(string pattern, JsonObject methods) => methods.Select(method =>
    {
        var operation = method.Value!;
        var body = operation["requestBody"];
        var parameters = operation["parameters"]?.AsArray() ?? [];
        return new ApiOperation(
            (string)operation["operationId"]!,
            method.Key.ToUpperInvariant(),
            pattern,
            [.. parameters.Select(p => new ApiParameter((string)p!["in"]!, (string)p["name"]!, p["schema"]!))],
            body?["content"]!["application/json"]!["schema"],
            (bool?)body?["required"] ?? false);
    });
}
