using System.Text.Json;
using System.Text.RegularExpressions;

namespace QuantaPilot.Infra.Tests;

/// <summary>What the compiler itself finds.</summary>
public sealed partial class LintTests
{
    [Theory]
    [InlineData("**/*.bicep")]
    [InlineData("main.bicepparam")]
    public async Task Lint_Files_FindsNothing(string files)
    {
        using var directory = new InfraDirectory();

        var result = await BicepCli.RunAsync(directory.Infra, InfraDirectory.AzdEnvironment, "lint", "--pattern", files);

        Assert.Equal((0, ""), (result.ExitCode, result.Findings));
    }

    [Theory]
    [InlineData("**/*.bicep")]
    [InlineData("main.bicepparam")]
    public async Task Format_Files_ChangesNothing(string files)
    {
        using var directory = new InfraDirectory();
        var before = directory.Texts();

        var result = await BicepCli.RunAsync(directory.Infra, InfraDirectory.AzdEnvironment, "format", "--pattern", files);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(before, directory.Texts());
    }

    [Fact]
    public async Task Config_EveryRule_IsAnError()
    {
        var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip };
        var text = await File.ReadAllTextAsync(Path.Combine(BicepCli.RepositoryRoot, "infra/bicepconfig.json"));

        var rules = JsonDocument.Parse(text, options).RootElement.GetProperty("analyzers").GetProperty("core").GetProperty("rules");

        Assert.All(rules.EnumerateObject(), rule => Assert.Equal("error", rule.Value.GetProperty("level").GetString()));
        // All 53 that this version has; it takes a name that it doesn't know without a word.
        Assert.Equal(53, rules.EnumerateObject().Count());
    }

    [Fact]
    public async Task Lint_UnusedParameterAndMissingDescription_AreErrors()
    {
        using var directory = new InfraDirectory();
        await File.WriteAllTextAsync(Path.Combine(directory.Infra, "bad.bicep"), "param unused string\n");

        var result = await BicepCli.RunAsync(directory.Infra, InfraDirectory.AzdEnvironment, "lint", "bad.bicep");

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(
            ["no-unused-params", "use-description-params"],
            ErrorCode().Matches(result.Findings).Select(match => match.Groups[1].Value).Order());
    }

    [Fact]
    public async Task Parameters_MissingToken_AreRefusedByItsName()
    {
        using var directory = new InfraDirectory();
        var environment = new Dictionary<string, string> { ["AZURE_ENV_NAME"] = "test", ["AZURE_LOCATION"] = "westeurope" };

        var result = await BicepCli.RunAsync(directory.Infra, environment, "build-params", "main.bicepparam", "--stdout");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("QUANTAPILOT_BOOTSTRAP_TOKEN", result.Findings, StringComparison.Ordinal);
    }

    [GeneratedRegex(": Error ([a-z-]+):")]
    private static partial Regex ErrorCode();
}
