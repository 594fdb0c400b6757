using QuantaPilot.Integrations.Outline.Writing;

namespace QuantaPilot.Integrations.Tests.Outline;

public sealed class FrontMatterTests
{
    private const string Valid = "---\nid: '90_api'\ntitle: 'API'\nstatus: 'ready'\nversion: '0.1.0'\nupdated: '2025-08-19'\nowners: ['ann']\n---\n\nText\n";

    [Fact]
    public void Check_Valid_FindsNothing() => Assert.Empty(FrontMatter.Check(Valid, "90_api"));

    [Theory]
    [InlineData("id: '90_api'", "id: 'other'", "id must be '90_api'")]
    [InlineData("id: '90_api'\n", "", "id is missing")]
    [InlineData("title: 'API'", "title: ' '", "title must not be empty")]
    [InlineData("status: 'ready'", "status: 'done'", "status must be one of draft, review, ready, approved, superseded")]
    [InlineData("version: '0.1.0'", "version: '1'", "version must be a semantic version")]
    [InlineData("updated: '2025-08-19'", "updated: '19.8.2025'", "updated must be a date")]
    [InlineData("updated: '2025-08-19'", "updated: '2025-02-30'", "updated must be a date")]
    [InlineData("owners: ['ann']", "owners: []", "owners must be a list of at least one name")]
    [InlineData("owners: ['ann']", "owners: ann", "owners must be a list")]
    [InlineData("owners: ['ann']", "owners: ['ann']\nsecret: x", "secret is unknown")]
    [InlineData("title: 'API'", "title: [", "front matter is not valid YAML")]
    [InlineData("---\nid", "id", "front matter is missing")]
    public void Check_Fault_NamesTheField(string good, string bad, string expected)
    {
        var faults = FrontMatter.Check(Valid.Replace(good, bad, StringComparison.Ordinal), "90_api");

        Assert.Contains(faults, f => f.StartsWith(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("[a](b.md)", "b.md")]
    [InlineData("[a](../../outside.md)", "../../outside.md")]
    [InlineData("[a](/rooted.md)", "/rooted.md")]
    [InlineData("![a](missing.png)", "missing.png")]
    [InlineData("[a](file:///etc/passwd)", "file:///etc/passwd")]
    public void Broken_LinkThatLeadsNowhere_IsNamed(string markdown, string expected) =>
        Assert.Equal([expected], LinkChecker.Broken(markdown, "docs", p => p is "docs/a.md" or "src"));

    [Theory]
    [InlineData("[a](a.md#part)")]
    [InlineData("[a](../src)")]
    [InlineData("[a](#here)")]
    [InlineData("[a](https://example.com/x)")]
    [InlineData("`[a](b.md)`")]
    public void Broken_LinkThatResolves_IsNotNamed(string markdown) =>
        Assert.Empty(LinkChecker.Broken(markdown, "docs", p => p is "docs/a.md" or "src"));
}
