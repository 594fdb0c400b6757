using System.Text.Json.Nodes;
using QuantaPilot.Api.OpenApi;
using QuantaPilot.Core.Contracts;

namespace QuantaPilot.Api.Tests.Schemas;

/// <summary>api.examples.json against the schemas and the description of the API.</summary>
public sealed class ExampleTests
{
    private static readonly JsonObject _examples = JsonNode.Parse(RepositoryFiles.Read("_schemas/api.examples.json"))!.AsObject();
    private static readonly JsonObject _document = JsonNode.Parse(RepositoryFiles.Read("_schemas/openapi.json"))!.AsObject();

    public static TheoryData<string> Events() => [.. EventData.Names];

    public static TheoryData<string, int> Requests()
    {
        var data = new TheoryData<string, int>();
        foreach (var (endpoint, examples) in _examples["requests"]!.AsObject())
        {
            for (var i = 0; i < examples!.AsArray().Count; i++) data.Add(endpoint, i);
        }
        return data;
    }

    [Fact]
    public void Examples_HaveEachEventAndEachEndpoint()
    {
        Assert.Equal(EventData.Names.Order(), Names(_examples["events"]).Order());
        Assert.Equal(EndpointDescriptions.All.Keys.Except(["GetOpenApi"]).Order(), Names(_examples["requests"]).Order());
    }

    [Theory]
    [MemberData(nameof(Events))]
    public void Event_IsValidAsWhatItIs(string name)
    {
        var example = _examples["events"]![name]!;

        Assert.Null(SchemaSet.FindFault("event", example.ToJsonString()));
        Assert.Null(SchemaSet.FindFault($"{name}_event", example.ToJsonString()));
        Assert.Null(SchemaSet.FindFaultBy((string)example["dataschema"]!, example["data"]!.ToJsonString()));
        Assert.Null(SchemaSet.FindFaultBy((string)SchemaSet.Api["$id"]!, example.ToJsonString()));
    }

    [Theory]
    [MemberData(nameof(Events))]
    public void Event_WithMoreOrLessDataThanTheSeedHas_IsNot(string name)
    {
        var more = _examples["events"]![name]!.DeepClone();
        more["data"]!["more"] = 1;
        Assert.NotNull(SchemaSet.FindFault("event", more.ToJsonString()));

        foreach (var member in Names(_examples["events"]![name]!["data"]))
        {
            var less = _examples["events"]![name]!.DeepClone();
            less["data"]!.AsObject().Remove(member);
            Assert.NotNull(SchemaSet.FindFault("event", less.ToJsonString()));
        }
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void Request_AndItsAnswer_AreAsDescribed(string endpoint, int index)
    {
        var example = _examples["requests"]![endpoint]![index]!;
        var (request, response) = (example["request"]!, example["response"]!);
        var operation = Assert.Single(Operations(), candidate => (string?)candidate["operationId"] == endpoint);
        var accepted = (int)response["status"]! < 400;

        if (request["body"] is { } body)
        {
            var schema = (string)operation["requestBody"]!["content"]!["application/json"]!["schema"]!["$ref"]!;
            var fault = SchemaSet.FindFault(schema.Split('/')[^1], body.ToJsonString());
            if (accepted) Assert.Null(fault);
        }
        if (response["body"] is not { } answer)
        {
            Assert.Equal(204, (int)response["status"]!);
            return;
        }
        var type = (string?)response["headers"]?["Content-Type"] ?? "application/json";
        var described = operation["responses"]![$"{response["status"]}"]!["content"]![type]!["schema"]!;
        var name = ((string?)described["$ref"] ?? (string)described["allOf"]![0]!["$ref"]!).Split('/')[^1];
        Assert.Equal(!accepted, name == "problem");
        Assert.Null(SchemaSet.FindFault(name, answer.ToJsonString()));
    }

    private static IEnumerable<JsonNode> Operations() =>
        _document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => operation.Value!));

    private static IEnumerable<string> Names(JsonNode? members) => members!.AsObject().Select(member => member.Key);
}
