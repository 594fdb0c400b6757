using QuantaPilot.Api.Tests.Support;

namespace QuantaPilot.Api.Tests.Schemas;

/// <summary>The files of _schemas/ before validators of others, so that it isn't only our own reading of the specifications.</summary>
public sealed class ValidatorTests
{
    [Fact]
    public async Task Ajv_CompilesEverySchemaAndAcceptsEveryExample()
    {
        var (exitCode, output) = await NodeScript.RunAsync("ajv.mjs");

        Assert.True(exitCode == 0, output);
        Assert.Contains(" 0 findings", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redocly_FindsNoErrorInOpenApi()
    {
        var (exitCode, output) = await NodeScript.RunAsync(
            "node_modules/@redocly/cli/bin/cli.js", "lint", "../../_schemas/openapi.json", "--extends=recommended");

        Assert.True(exitCode == 0, output);
        Assert.Contains("valid", output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task AsyncApiParser_FindsNothing()
    {
        var (exitCode, output) = await NodeScript.RunAsync("asyncapi.mjs");

        Assert.True(exitCode == 0, output);
        Assert.Contains(" 0 findings", output, StringComparison.Ordinal);
    }
}
