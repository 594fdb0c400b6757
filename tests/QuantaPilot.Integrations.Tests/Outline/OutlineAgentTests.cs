using System.Text;
using System.Text.RegularExpressions;
using QuantaPilot.Integrations.Outline.Writing;

namespace QuantaPilot.Integrations.Tests.Outline;

public sealed partial class OutlineAgentTests
{
    [Theory]
    [InlineData("node", "00_overview", "Orders is a service that keeps orders")]
    [InlineData("node", "00_overview", "| Version (npm) | `1.2.3` | [`package.json`](../package.json) |")]
    [InlineData("node", "10_architecture", "| `express` | `^5.0.0` | 1 manifest | [`package.json`](../package.json) |")]
    [InlineData("node", "20_requirements", "| R-002 | Cancels orders | [`README.md:7`](../README.md#L7) |")]
    [InlineData("node", "30_milestones", "| Refund orders | open | [`ROADMAP.md:3`](../ROADMAP.md#L3) |")]
    [InlineData("node", "30_milestones", "| TODO | page the list | [`src/app.js:5`](../src/app.js#L5) |")]
    [InlineData("node", "40_acceptance", "| test | `npm run build` | [`.github/workflows/ci.yml:7`](../.github/workflows/ci.yml#L7) |")]
    [InlineData("node", "40_acceptance", "| [`src`](../src) | Vitest | 1 | 2 |")]
    [InlineData("node", "60_constraints", "| `Node.js >=20` | [`package.json`](../package.json) |")]
    [InlineData("node", "60_constraints", "MIT License: [`LICENSE`](../LICENSE)")]
    [InlineData("node", "70_runbook", "| `npm run test` | [`package.json:4`](../package.json#L4) |")]
    [InlineData("node", "70_runbook", "| `PORT` | [`src/app.js:6`](../src/app.js#L6) |")]
    [InlineData("node", "80_adrs", "| [`docs/adr/0001-use-express.md`](../docs/adr/0001-use-express.md) | Use Express | Accepted |")]
    [InlineData("node", "90_api", "| `POST` | `/orders/:id/cancel` | Express or Fastify | [`src/app.js:4`](../src/app.js#L4) |")]
    [InlineData("node", "90_api", "| `orders` | `bin/cli.js` | [`package.json:3`](../package.json#L3) |")]
    [InlineData("node", "99_glossary", "| AWS | Acme Web Shop |")]
    [InlineData("node", "ANCHOR", "owners: ['@acme/orders']")]
    [InlineData("dotnet", "10_architecture", "| `Todo.Api` | NuGet |  | `Todo.Core` |")]
    [InlineData("dotnet", "10_architecture", "[`src/Todo.Api/Program.cs:1`](../src/Todo.Api/Program.cs#L1)")]
    [InlineData("dotnet", "40_acceptance", "| [`tests`](../tests) | xUnit | 1 | 2 |")]
    [InlineData("dotnet", "70_runbook", "| `dotnet build Todo.sln` |")]
    [InlineData("dotnet", "90_api", "| `GET` | `/todos/{id}` | ASP.NET minimal API |")]
    [InlineData("dotnet", "90_api", "[`TodoItem`](../src/Todo.Core/TodoItem.cs#L2)")]
    [InlineData("python", "00_overview", "Weather is a library that reads weather stations.")]
    [InlineData("python", "10_architecture", "| `requests` | `>=2.31` |")]
    [InlineData("python", "60_constraints", "`Python >=3.11`")]
    [InlineData("python", "70_runbook", "| `WEATHER_KEY` | [`weather/station.py:7`](../weather/station.py#L7) |")]
    [InlineData("python", "90_api", "| `GET` | `/stations/{id}` |")]
    [InlineData("python", "90_api", "| `weather` | `weather.cli:main` |")]
    [InlineData("go", "10_architecture", "| `github.com/go-chi/chi/v5` | `v5.1.0` |")]
    [InlineData("go", "40_acceptance", "| (root) | go test | 1 | 1 |")]
    [InlineData("go", "70_runbook", "| `make lint` | [`Makefile:4`](../Makefile#L4) |")]
    [InlineData("go", "90_api", "| `GET` | `/messages` |")]
    [InlineData("go", "90_api", "[`Forward`](../relay.go#L3)")]
    [InlineData("rust", "10_architecture", "| `grepper` | Cargo |  | `matcher` |")]
    [InlineData("rust", "60_constraints", "`Rust edition 2021`")]
    [InlineData("rust", "70_runbook", "| `cargo test --workspace` |")]
    [InlineData("rust", "90_api", "[`Matcher`](../crates/matcher/src/lib.rs#L1)")]
    [InlineData("java", "70_runbook", "| `./mvnw spring-boot:run` |")]
    [InlineData("java", "70_runbook", "| `spring.datasource.password` |")]
    [InlineData("java", "90_api", "| `GET` | `/vets/{id}` | Spring |")]
    [InlineData("java", "90_api", "| `POST` | `/vets` | Spring |")]
    public async Task RunAsync_Sample_SaysWhatIsThere(string sample, string id, string expected)
    {
        using var repository = new FixtureRepository(Samples.Of(sample));

        await repository.RunAsync();

        Assert.Contains(expected, repository.Document(id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_MilestonesInThePipelinesFile_ArePlannedAndNotAskedFor()
    {
        using var repository = new FixtureRepository(
            [.. Samples.Node, ("quantapilot.yml", "version: 1\nmilestones:\n  - id: M-001\n    title: Refunds\n")]);

        var result = await repository.RunAsync();

        Assert.Contains("- Milestones: 1 planned in quantapilot.yml, 2 entries in a road map", result.Summary, StringComparison.Ordinal);
        var document = repository.Document("30_milestones");
        Assert.Contains("| M-001 Refunds | planned | [`quantapilot.yml:3`](../quantapilot.yml#L3) |", document, StringComparison.Ordinal);
        Assert.DoesNotContain("Which milestones should the next run carry out", document, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("node", "/vendored")]
    [InlineData("node", "/commented")]
    [InlineData("python", "/documented")]
    [InlineData("go", "golang.org/x/sys")]
    [InlineData("java", "very-secret")]
    public async Task RunAsync_Sample_DoesNotSayWhatIsNotTheProject(string sample, string unwanted)
    {
        using var repository = new FixtureRepository(Samples.Of(sample));

        await repository.RunAsync();

        Assert.All(repository.Documents().Values, d => Assert.DoesNotContain(unwanted, d, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("node", "docs")]
    [InlineData("dotnet", "docs")]
    [InlineData("python", "doc/project/set")]
    [InlineData("go", ".")]
    [InlineData("rust", "docs")]
    [InlineData("java", "docs")]
    public async Task RunAsync_Sample_WritesTheWholeSetWithLinksThatResolve(string sample, string path)
    {
        var files = Samples.Of(sample);
        using var repository = new FixtureRepository(files);

        await repository.RunAsync(path);

        var documents = repository.Documents(path);
        Assert.Equal(DocumentSet.Ids.Select(id => id + ".md").Order(StringComparer.Ordinal), documents.Keys);
        foreach (var (name, text) in documents)
        {
            Assert.Empty(FrontMatter.Check(text, Path.GetFileNameWithoutExtension(name)));
            foreach (Match link in RelativeLink().Matches(text))
            {
                var target = Path.GetRelativePath(
                    repository.Directory, Path.GetFullPath(Path.Combine(repository.Directory, path, link.Groups[1].Value)));
                Assert.True(
                    files.Any(f => f.Path == target || f.Path.StartsWith(target + "/", StringComparison.Ordinal))
                        || File.Exists(Path.Combine(repository.Directory, target)),
                    $"{name} links to {target}");
            }
        }
    }

    [Fact]
    public async Task RunAsync_SameCommitElsewhereAndWithMoreHistory_SameBytes()
    {
        using var first = new FixtureRepository(Samples.Node);
        using var second = new FixtureRepository([.. Samples.Node.Reverse()]);
        second.Commit();

        var one = await first.RunAsync();
        var again = await first.RunAsync();
        var other = await second.RunAsync();

        Assert.NotEqual(first.HeadSha, second.HeadSha);
        Assert.Equal(first.Documents(), second.Documents());
        Assert.Equal(one, again);
        Assert.Equal(one, other);
        Assert.Matches("^[0-9a-f]{64}$", one.Digest!);
    }

    [Fact]
    public async Task RunAsync_ItsOwnResultCommittedLater_ChangesNothing()
    {
        using var repository = new FixtureRepository(Samples.Node);
        var first = await repository.RunAsync();
        var before = repository.Documents();
        repository.CommitFolder("docs", FixtureRepository.CommittedAt.AddDays(30));

        var second = await repository.RunAsync();

        Assert.Equal(before, repository.Documents());
        Assert.Equal(first.Digest, second.Digest);
    }

    [Fact]
    public async Task RunAsync_ChangedRepository_WritesItsOwnDocumentsAnew()
    {
        using var repository = new FixtureRepository(Samples.Node);
        var first = await repository.RunAsync();
        repository.Add("src/more.js", Encoding.UTF8.GetBytes("app.delete('/orders/:id', remove);\n"));
        repository.CommitFolder("docs", FixtureRepository.CommittedAt.AddDays(30));

        var second = await repository.RunAsync();

        Assert.NotEqual(first.Digest, second.Digest);
        Assert.Contains("| `DELETE` | `/orders/:id` |", repository.Document("90_api"), StringComparison.Ordinal);
        Assert.Contains("updated: '2025-09-18'", repository.Document("90_api"), StringComparison.Ordinal);
        Assert.DoesNotContain("Kept", second.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_Summary_TellsTheReviewerTheEssentials()
    {
        using var repository = new FixtureRepository(Samples.Node);

        var summary = (await repository.RunAsync()).Summary;

        Assert.Contains("Orders is a service", summary, StringComparison.Ordinal);
        Assert.Contains("JavaScript", summary, StringComparison.Ordinal);
        Assert.Contains("`npm run build`", summary, StringComparison.Ordinal);
        Assert.Contains("2 entries in a road map", summary, StringComparison.Ordinal);
        Assert.Contains("`docs/ANCHOR.md`", summary, StringComparison.Ordinal);
        Assert.Matches("Open questions: [1-9]", summary);
        Assert.InRange(summary.Split('\n').Length, 8, 16);
    }

    [Fact]
    public async Task RunAsync_EveryQuestion_IsCollectedInTheAnchor()
    {
        using var repository = new FixtureRepository(Samples.Go);

        await repository.RunAsync();

        var anchor = repository.Document("ANCHOR");
        var questions = repository.Documents().Values.SelectMany(d => d.Split('\n'))
            .Where(l => l.StartsWith("> **Question", StringComparison.Ordinal))
            .ToList();
        Assert.True(questions.Count >= 8);
        Assert.All(questions, q => Assert.Contains(q["> **Question for the reviewer:** ".Length..], anchor, StringComparison.Ordinal));
    }

    [Fact]
    public async Task RunAsync_Cancelled_WritesNothing()
    {
        using var repository = new FixtureRepository(Samples.Node);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => repository.RunAsync(cancellationToken: new CancellationToken(canceled: true)));

        Assert.False(Directory.Exists(Path.Combine(repository.Directory, "docs")));
    }

    [GeneratedRegex(@"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")]
    private static partial Regex RelativeLink();
}
