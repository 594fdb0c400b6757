using System.Net;

namespace QuantaPilot.Conformance;

/// <summary>What the server says of itself.</summary>
public sealed class DescriptionTests : Scenario
{
    [Fact]
    public async Task OpenApi_WithoutAToken_IsTheContract()
    {
        var answer = await Caller(null).GetAsync("/openapi.json");

        answer.Expect(HttpStatusCode.OK);
        Assert.Equal(RepositoryFiles.Read("_schemas/openapi.json"), answer.Text);
    }
}
