using System.Text;
using LibGit2Sharp;
using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using QuantaPilot.Integrations.Outline.Writing;

namespace QuantaPilot.Integrations.Tests.Outline;

/// <summary>Repositories that mean harm, or have nothing to say.</summary>
public sealed class OutlineHostileTests
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables().UseYamlFrontMatter().Build();

    [Fact]
    public async Task RunAsync_NamesAndTextsWithMarkup_StayText()
    {
        const string nasty = "<script>alert(1)</script> | x | [a](javascript:1) `code` @everyone closes #1\u202e **b**";
        using var repository = new FixtureRepository(
            ("README.md", $"# {nasty}\n\nThis is a tool: {nasty}\n\n## Features\n\n- {nasty}\n"),
            ("package.json", """{ "name": "n\"]; click m0 \"javascript:1\"", "version": "1 | 2", "description": "<img src=x>", "dependencies": { "a`|b\n## Injected": "<b>" }, "scripts": { "test": "x" } }"""),
            ("a\n## Injected\nb/c.js", "app.listen(1) // TODO <img onerror=x> | [y](z)"),
            ("we|ird`name](evil)/<b>.js", "app.get('/x|`<i>', y) "),
            ("per%41cent#frag?q=1/ü ä.js", "app.listen(2)"),
            ("lib/package.json", """{ "name": "lib", "dependencies": { "n\"]; click m0 \"javascript:1\"": "workspace:*" } }"""),
            ("CODEOWNERS", "* evil'\n"));

        var result = await repository.RunAsync();

        foreach (var (name, text) in repository.Documents())
        {
            Assert.Empty(FrontMatter.Check(text, Path.GetFileNameWithoutExtension(name)));
            var document = Markdown.Parse(text, Pipeline);
            Assert.Single(document.Descendants<HtmlBlock>());
            Assert.Empty(document.Descendants<HtmlInline>());
            Assert.DoesNotContain(
                document.Descendants<LinkInline>(),
                l => l.Url!.StartsWith("javascript", StringComparison.Ordinal) || l.Url == "evil" || l.IsImage);
            Assert.DoesNotContain(
                document.Descendants<HeadingBlock>(),
                h => h.Inline!.FirstChild!.ToString()!.Contains("Injected", StringComparison.Ordinal));
            Assert.All(
                document.Descendants<Markdig.Extensions.Tables.Table>(),
                t => Assert.Single(t.OfType<Markdig.Extensions.Tables.TableRow>().Select(r => r.Count).Distinct()));
            Assert.DoesNotContain("\u202e", text, StringComparison.Ordinal);
        }
        Assert.Contains(
            "  m1[\"n____click_m0__javascript:1_\"]\n  m0 --> m1\n", repository.Document("10_architecture"), StringComparison.Ordinal);
        Assert.DoesNotContain("@everyone", result.Summary, StringComparison.Ordinal);
        Assert.DoesNotContain("#1", result.Summary, StringComparison.Ordinal);
        Assert.Contains(
            "[`per%41cent#frag?q=1/ü ä.js:1`](../per%2541cent%23frag%3Fq%3D1/%C3%BC%20%C3%A4.js#L1)",
            repository.Document("10_architecture"),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("package.json", "{\"a\":", "}", "not valid JSON")]
    [InlineData("Cargo.toml", "a = [", "]", "TOML nested deeper than 64")]
    [InlineData(".github/workflows/ci.yml", "[", "]", "YAML nested deeper than 64")]
    [InlineData(".gitlab-ci.yml", "- ", "", "YAML nested deeper than 64")]
    public async Task RunAsync_NestingWithoutEnd_IsReportedAndSurvived(string path, string open, string close, string expected)
    {
        using var repository = new FixtureRepository(
            ("main.go", "package main\n"),
            (path, string.Concat(Enumerable.Repeat(open, 1_500)) + string.Concat(Enumerable.Repeat(close, 1_500))));

        await repository.RunAsync();

        Assert.Contains($"| [`{path}`](../{path}) | {expected}", repository.Document("00_overview"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("> ")]
    [InlineData("- ")]
    [InlineData("[")]
    [InlineData("![")]
    [InlineData("*a **")]
    [InlineData("<b>")]
    [InlineData("(((")]
    [InlineData("1. a\n")]
    public async Task RunAsync_ReadmeNestedWithoutEnd_IsSurvived(string open)
    {
        var nested = string.Concat(Enumerable.Repeat(open, 18_000 / open.Length));
        using var repository = new FixtureRepository(("README.md", $"# Tool\n\n{nested}text\n"), ("docs/30_milestones.md", nested + "x"));

        await repository.RunAsync();

        Assert.Equal(DocumentSet.Ids.Count - 1, repository.Documents().Count);
    }

    [Theory]
    [InlineData("package.json", "{ not json")]
    [InlineData("package.json", "[1, 2]")]
    [InlineData("package.json", "{ \"scripts\": [], \"dependencies\": 1, \"bin\": null }")]
    [InlineData("a.csproj", "<Project><PropertyGroup>")]
    [InlineData("pom.xml", "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><project>&a;</project>")]
    [InlineData("pyproject.toml", "= = =")]
    [InlineData("docker-compose.yml", "services: 5")]
    [InlineData(".github/workflows/ci.yml", "a: &x [*x]")]
    [InlineData("openapi.yaml", "openapi: 3.0.0\npaths: [x]")]
    [InlineData("global.json", "[]")]
    [InlineData("CODEOWNERS", "*\n\n")]
    [InlineData("go.mod", "")]
    [InlineData("appsettings.json", "7")]
    public async Task RunAsync_MalformedFile_IsSurvived(string path, string text)
    {
        using var repository = new FixtureRepository((path, text));

        await repository.RunAsync();

        Assert.Equal(DocumentSet.Ids.Count, repository.Documents().Count);
    }

    [Theory]
    [InlineData("node")]
    [InlineData("dotnet")]
    [InlineData("python")]
    [InlineData("go")]
    [InlineData("rust")]
    [InlineData("java")]
    public async Task RunAsync_FilesCutAnywhere_AreSurvived(string sample)
    {
        var cut = Samples.Of(sample)
            .SelectMany(f => Enumerable.Range(0, Math.Min(f.Text.Length, 400)).Select(n => ($"at{n}/{f.Path}", f.Text[..n])));
        using var repository = new FixtureRepository([.. cut]);

        await repository.RunAsync();

        Assert.Equal(DocumentSet.Ids.Count, repository.Documents().Count);
    }

    [Fact]
    public async Task RunAsync_KeptDocumentThatIsVeryLarge_IsNotParsed()
    {
        using var repository = new FixtureRepository(("docs/90_api.md", string.Concat(Enumerable.Repeat("[a](", 50_000))));

        var result = await repository.RunAsync();

        Assert.Contains("Needs a hand: `docs/90_api.md`: larger than 131072 bytes", result.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_BytesThatAreNoText_AreSurvived()
    {
        using var repository = new FixtureRepository(("x.go", "package x\n"));
        repository.Add(
            "README.md", [0x23, 0x20, 0xff, 0xfe, 0x41, 0x0a, 0x0a, .. Encoding.ASCII.GetBytes("This is a tool with bytes."), 0xc3]);
        repository.Add("image.go", [0, 1, 2, 3]);
        repository.Add("long.js", Encoding.ASCII.GetBytes(new string('x', 400_000)));
        repository.Add("large.py", Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("# TODO more\n", 100_000))));
        repository.Add("bom.py", [0xef, 0xbb, 0xbf, .. Encoding.ASCII.GetBytes("# TODO once\r\n")]);
        repository.Commit();

        await repository.RunAsync();

        Assert.Contains("3 files counted by name alone", repository.Document("00_overview"), StringComparison.Ordinal);
        Assert.Contains("| Left to do in the code | 1 TODO", repository.Document("00_overview"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_LinkThatPointsOut_IsNotFollowed()
    {
        using var repository = new FixtureRepository(("x.go", "package x\n"));
        repository.Add("README.md", Encoding.ASCII.GetBytes("/etc/passwd"), Mode.SymbolicLink);
        repository.Commit();

        await repository.RunAsync();

        Assert.Contains("There is no README at the root.", repository.Document("00_overview"), StringComparison.Ordinal);
        Assert.Contains("1 symbolic link", repository.Document("00_overview"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_EmptyTree_AsksInsteadOfClaiming()
    {
        using var repository = new FixtureRepository();

        await repository.RunAsync();

        Assert.Contains("What is this project, and for whom?", repository.Document("00_overview"), StringComparison.Ordinal);
        Assert.Contains("No source code was recognised.", repository.Document("00_overview"), StringComparison.Ordinal);
        Assert.Contains("No tests were recognised.", repository.Document("40_acceptance"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_TenThousandFiles_CountsThemAll()
    {
        using var repository = new FixtureRepository();
        repository.AddFolders("src", count: 100, [.. Enumerable.Range(0, 100).Select(i => ($"file{i}.py", "def f():\n    pass\n"))]);
        repository.Commit();

        await repository.RunAsync();

        Assert.Contains("| Python | 100.0 % | 10,000 | 20,000 |", repository.Document("00_overview"), StringComparison.Ordinal);
    }
}
