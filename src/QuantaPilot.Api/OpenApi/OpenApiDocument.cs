using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using QuantaPilot.Api.Http;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.OpenApi;

/// <summary>openapi.json: the table of endpoints, what is described of them, and the schemas, as one document (OpenAPI 3.1).</summary>
internal static class OpenApiDocument
{
    private static readonly JsonWriterOptions _format = new()
    {
        Indented = true,
        NewLine = "\n",
        // It is a file for people as well, and no HTML.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The document, UTF-8. The same endpoints give the same bytes.</summary>
    public static byte[] Write(IEnumerable<ApiEndpoint> endpoints)
    {
        var files = new SchemaFiles();
        var writer = new OperationWriter(files);
        var document = new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = Info(),
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/", ["description"] = "The host that serves this document." }),
            ["tags"] = new JsonArray([.. EndpointDescriptions.Tags.Select(Tag)]),
            ["paths"] = Paths(endpoints, writer),
            ["components"] = new JsonObject
            {
                ["schemas"] = files.Schemas(),
                ["responses"] = writer.SharedProblems(),
                ["headers"] = Headers(),
                ["securitySchemes"] = new JsonObject { [OperationWriter.TokenScheme] = TokenScheme() },
            },
        };
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, _format)) document.WriteTo(json);
        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    private static JsonObject Info() => new()
    {
        ["title"] = "QuantaPilot",
        ["version"] = typeof(OpenApiDocument).Assembly.GetName().Version!.ToString(3),
        ["description"] = "Gated pipelines over git repositories. Members of requests that are not known are refused by name; answers "
            + "may get more members in newer versions. Lists go on with `next_cursor`. Errors are problem details (RFC 9457) with an "
            + "`error_code`.",
        ["license"] = new JsonObject { ["name"] = "MIT", ["identifier"] = "MIT" },
    };

    private static JsonNode Tag(KeyValuePair<string, string> tag) => new JsonObject { ["name"] = tag.Key, ["description"] = tag.Value };

    private static JsonObject Paths(IEnumerable<ApiEndpoint> endpoints, OperationWriter writer)
    {
        var paths = new JsonObject();
        var inOrder = endpoints.OrderBy(e => e.Pattern, StringComparer.Ordinal).ThenBy(e => e.Method, StringComparer.Ordinal);
        foreach (var group in inOrder.GroupBy(endpoint => endpoint.Pattern))
        {
            var item = new JsonObject();
            foreach (var endpoint in group) item[endpoint.Method.ToLowerInvariant()] = writer.Write(endpoint);
            paths[group.Key] = item;
        }
        return paths;
    }

    private static JsonObject Headers()
    {
        var headers = new JsonObject();
        foreach (var (name, (type, description)) in ResponseHeaders.All)
            headers[name] = new JsonObject { ["description"] = description, ["schema"] = new JsonObject { ["type"] = type } };
        return headers;
    }

    private static JsonObject TokenScheme() => new()
    {
        ["type"] = "http",
        ["scheme"] = "bearer",
        ["bearerFormat"] = "qp_…",
        ["description"] = $"An API token. Without a valid one the answer is 401 `{ErrorCodes.Unauthenticated}`, without one of the roles "
            + $"that are listed 403 `{ErrorCodes.Forbidden}`; what lies outside of its projects does not exist for it.",
    };
}
