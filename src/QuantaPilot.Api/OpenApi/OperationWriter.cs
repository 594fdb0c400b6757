using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.OpenApi;

/// <summary>Writes what openapi.json has for one endpoint.</summary>
internal sealed partial class OperationWriter(SchemaFiles files)
{
    public const string TokenScheme = "token";
    private const string Json = "application/json";
    private const string ProblemJson = "application/problem+json";
    private const string EventStream = "text/event-stream";

    public JsonObject Write(ApiEndpoint endpoint)
    {
        if (!EndpointDescriptions.All.TryGetValue(endpoint.Name, out var description))
            throw new InvalidOperationException($"{nameof(EndpointDescriptions)} has nothing on the endpoint {endpoint.Name}.");
        var operation = new JsonObject
        {
            ["operationId"] = endpoint.Name,
            ["tags"] = new JsonArray(description.Tag),
            ["summary"] = description.Summary,
        };
        if (description.Details.Length > 0) operation["description"] = description.Details;
        operation["security"] = Security(endpoint.Rule);
        if (Parameters(endpoint, description) is { Count: > 0 } parameters) operation["parameters"] = parameters;
        if (description.Body is { } body)
        {
            operation["requestBody"] = new JsonObject
            {
                ["required"] = !description.BodyIsOptional,
                ["content"] = new JsonObject { [Json] = Content(SchemaFiles.Reference(body), RequestExamples(endpoint)) },
            };
        }
        operation["responses"] = Responses(endpoint, description);
        return operation;
    }

    /// <summary>Alternatives: a token needs one of the roles.</summary>
    private static JsonArray Security(AccessRule rule) => rule == AccessRule.Anybody || rule.IsSigned
        ? new JsonArray()
        : new JsonArray([.. rule.Roles.Append(TokenRole.Admin).Distinct().Select(Alternative)]);

    private static JsonObject Alternative(TokenRole role) => new() { [TokenScheme] = new JsonArray(role.ToString().ToLowerInvariant()) };

    private static JsonArray Parameters(ApiEndpoint endpoint, EndpointDescription description)
    {
        var parameters = new JsonArray();
        foreach (Match match in PathParameter().Matches(endpoint.Pattern))
        {
            var name = match.Groups[1].Value;
            var schema = SchemaFiles.Reference(name == "gate" ? "gate_name" : name);
            parameters.Add(new JsonObject { ["name"] = name, ["in"] = "path", ["required"] = true, ["schema"] = schema });
        }
        foreach (var (place, name, schema, text) in description.Parameters)
        {
            var parameter = new JsonObject { ["name"] = name, ["in"] = place, ["schema"] = SchemaFiles.Reference(schema) };
            if (text is not null) parameter["description"] = text;
            parameters.Add(parameter);
        }
        return parameters;
    }

    private JsonObject Responses(ApiEndpoint endpoint, EndpointDescription description)
    {
        var responses = new JsonObject { [$"{description.Status}"] = Success(endpoint, description) };
        foreach (var codes in ErrorCodesOf(endpoint, description).GroupBy(ProblemStatus.Of).OrderBy(group => group.Key))
            responses[$"{codes.Key}"] = Problem(endpoint, codes.Key, [.. codes]);
        return responses;
    }

    private JsonObject Success(ApiEndpoint endpoint, EndpointDescription description)
    {
        var content = new JsonObject();
        if (description.Answer is { } answer)
            content[Json] = Content(SchemaFiles.Reference(answer), ResponseExamples(endpoint, description.Status, Json));
        if (description.OtherAnswer is var (mediaType, other))
            content[mediaType] = Content(SchemaFiles.Reference(other), ResponseExamples(endpoint, description.Status, mediaType));
        if (description.Streams)
        {
            content[EventStream] = Content(
                SchemaFiles.Reference("event_stream"), ResponseExamples(endpoint, description.Status, EventStream));
        }
        var text = description.Status switch { 201 => "Created.", 202 => "Accepted.", 204 => "Done.", _ => "The answer." };
        var ofTokens = endpoint.Rule == AccessRule.Anybody || endpoint.Rule.IsSigned ? [] : ResponseHeaders.OfTokens;
        return Response(text, [.. description.Headers, .. ofTokens], content);
    }

    /// <summary>The problem of each error code that a request can end with, for all operations to refer to.</summary>
    public JsonObject SharedProblems()
    {
        var problems = new JsonObject();
        foreach (var code in files.RequestErrorCodes) problems[code] = Problem(ProblemStatus.Of(code), [code], new JsonObject());
        return problems;
    }

    private JsonObject Problem(ApiEndpoint endpoint, int status, IReadOnlyList<string> codes)
    {
        var examples = ResponseExamples(endpoint, status, ProblemJson);
        return codes.Count == 1 && examples.Count == 0
            ? new JsonObject { ["$ref"] = $"#/components/responses/{codes[0]}" }
            : Problem(status, codes, examples);
    }

    private JsonObject Problem(int status, IReadOnlyList<string> codes, JsonObject examples)
    {
        var schema = new JsonObject
        {
            ["allOf"] = new JsonArray(SchemaFiles.Reference("problem")),
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["error_code"] = new JsonObject { ["enum"] = new JsonArray([.. codes.Select(code => JsonValue.Create(code))]) },
            },
        };
        var meanings = codes.Select(code => $"`{code}`: {files.Meaning(code)}");
        return Response(
            string.Join("\n\n", meanings),
            ResponseHeaders.OfProblem(status),
            new JsonObject { [ProblemJson] = Content(schema, examples) });
    }

    private static JsonObject Response(string description, IReadOnlyList<string> headers, JsonObject content)
    {
        var response = new JsonObject { ["description"] = description };
        if (headers.Count > 0)
        {
            var references = new JsonObject();
            foreach (var name in headers) references[name] = new JsonObject { ["$ref"] = $"#/components/headers/{name}" };
            response["headers"] = references;
        }
        if (content.Count > 0) response["content"] = content;
        return response;
    }

    private static IEnumerable<string> ErrorCodesOf(ApiEndpoint endpoint, EndpointDescription description)
    {
        if (endpoint.Rule != AccessRule.Anybody)
        {
            yield return ErrorCodes.InvalidRequest;
            yield return ErrorCodes.Unauthenticated;
            if (!endpoint.Rule.IsSigned) yield return ErrorCodes.Forbidden;
            yield return ErrorCodes.RateLimited;
            yield return ErrorCodes.Unavailable;
        }
        if (PathParameter().IsMatch(endpoint.Pattern)) yield return ErrorCodes.NotFound;
        if (description.Body is not null)
        {
            yield return ErrorCodes.PayloadTooLarge;
            yield return ErrorCodes.UnsupportedMediaType;
        }
        foreach (var code in description.Problems) yield return code;
        yield return ErrorCodes.InternalError;
    }

    private static JsonObject Content(JsonObject schema, JsonObject examples)
    {
        var content = new JsonObject { ["schema"] = schema };
        if (examples.Count > 0) content["examples"] = examples;
        return content;
    }

    private JsonObject RequestExamples(ApiEndpoint endpoint) => ToExamples(files.Examples(endpoint.Name)
        .Where(example => (int)example["response"]!["status"]! < 400)
        .Select(example => (Example: example, Value: example["request"]!["body"])));

    private JsonObject ResponseExamples(ApiEndpoint endpoint, int status, string mediaType) => ToExamples(files.Examples(endpoint.Name)
        .Where(example => (int)example["response"]!["status"]! == status)
        .Where(example => ((string?)example["response"]!["headers"]?["Content-Type"] ?? Json) == mediaType)
        .Select(example => (Example: example, Value: example["response"]!["body"])));

    private static JsonObject ToExamples(IEnumerable<(JsonObject Example, JsonNode? Value)> examples)
    {
        var all = new JsonObject();
        foreach (var (example, value) in examples)
        {
            if (value is null) continue;
            var summary = (string)example["summary"]!;
            all[summary.ToLowerInvariant().Replace(' ', '-')] = new JsonObject { ["summary"] = summary, ["value"] = value.DeepClone() };
        }
        return all;
    }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex PathParameter();
}
