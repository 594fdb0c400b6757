namespace QuantaPilot.Api.Tests.Fuzz;

/// <summary>What is generated against a validator that is not ours.</summary>
public sealed class SchemaInstancesTests
{
    private const int Samples = 200;
    private readonly SchemaInstances _instances = new((_, _) => null);

    public static TheoryData<string> Bodies() => [.. ApiOperation.All.Where(o => o.Body is not null).Select(o => Schema(o)).Distinct()];

    [Theory]
    [MemberData(nameof(Bodies))]
    public void Valid_OfEachBody_IsValid(string schema)
    {
        for (var seed = 0; seed < Samples; seed++)
            Assert.Null(SchemaSet.FindFault(schema, _instances.Valid(new Random(seed), Body(schema))!.ToJsonString()));
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public void Invalid_OfEachBody_NearlyAlwaysIs(string schema)
    {
        var invalid = Enumerable.Range(0, Samples).Count(
            seed => SchemaSet.FindFault(schema, _instances.Invalid(new Random(seed), Body(schema))!.ToJsonString()) is not null);

        // Texts without a pattern take most of what is put in their place, and what GitHub sends is GitHub's: little of it is described.
        Assert.InRange(invalid, schema == "github_event" ? 1 : Samples / 2, Samples);
    }

    private static System.Text.Json.Nodes.JsonNode Body(string schema) =>
        ApiOperation.All.First(o => o.Body is not null && Schema(o) == schema).Body!;

    private static string Schema(ApiOperation operation) => ((string)operation.Body!["$ref"]!).Split('/')[^1];
}
