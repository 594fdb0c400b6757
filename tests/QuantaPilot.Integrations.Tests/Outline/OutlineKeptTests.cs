using System.Text;
using LibGit2Sharp;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Tests.Outline;

/// <summary>What was there before, and where documents may be written.</summary>
public sealed class OutlineKeptTests
{
    private const string Milestones = "---\nid: '30_milestones'\ntitle: 'Milestones'\nstatus: 'ready'\nversion: '1.0.0'\nupdated: '2025-01-01'\nowners: ['ann']\n---\n\n## M-001 Bootstrap\n";

    [Fact]
    public async Task RunAsync_DocumentOfAPerson_IsKeptAndNamed()
    {
        using var repository = new FixtureRepository([.. Samples.Node, ("docs/30_milestones.md", Milestones)]);

        var result = await repository.RunAsync();

        Assert.False(File.Exists(Path.Combine(repository.Directory, "docs/30_milestones.md")), "the file of the commit was not touched");
        Assert.Contains("Kept, because a person wrote or changed them: `docs/30_milestones.md`", result.Summary, StringComparison.Ordinal);
        Assert.Contains("Milestones: kept as written", result.Summary, StringComparison.Ordinal);
        Assert.DoesNotContain("Needs a hand", result.Summary, StringComparison.Ordinal);
        Assert.Contains("written by a person, kept", repository.Document("ANCHOR"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_GeneratedDocumentChangedByHand_IsKept()
    {
        using var repository = new FixtureRepository(Samples.Node);
        await repository.RunAsync();
        var path = Path.Combine(repository.Directory, "docs/90_api.md");
        var edited = (await File.ReadAllTextAsync(path)).Replace("## HTTP routes", "## Our routes", StringComparison.Ordinal);
        await File.WriteAllTextAsync(path, edited);
        repository.CommitFolder("docs", FixtureRepository.CommittedAt.AddDays(1));

        var result = await repository.RunAsync();

        Assert.Equal(edited, await File.ReadAllTextAsync(path));
        Assert.Contains("changed them: `docs/90_api.md`", result.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_KeptDocumentWithFaults_NamesThemAndGoesOn()
    {
        using var repository = new FixtureRepository(
            [.. Samples.Node, ("docs/70_runbook.md", "# How we run it\n\nSee [the page](gone.md).\n")]);

        var result = await repository.RunAsync();

        Assert.Contains("Needs a hand: `docs/70_runbook.md`: front matter is missing", result.Summary, StringComparison.Ordinal);
        Assert.Contains("gone.md leads nowhere", repository.Document("ANCHOR"), StringComparison.Ordinal);
        Assert.Contains("`npm run test`", result.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("docs")]
    [InlineData("docs/90_api.md")]
    public async Task RunAsync_LinkWhereDocumentsGo_IsUnsafeAndNothingIsWritten(string link)
    {
        var outside = Directory.CreateTempSubdirectory("qp-outside-");
        using var repository = new FixtureRepository(Samples.Go);
        repository.Add(link, Encoding.UTF8.GetBytes(outside.FullName), Mode.SymbolicLink);
        repository.Commit();
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(repository.Directory, link))!);
        Directory.CreateSymbolicLink(Path.Combine(repository.Directory, link), outside.FullName);

        var error = await Assert.ThrowsAsync<StepException>(() => repository.RunAsync());

        Assert.Equal(ErrorCodes.RepositoryUnsafe, error.Code);
        Assert.Contains($"{link} is a symbolic link", error.Message, StringComparison.Ordinal);
        Assert.Empty(outside.EnumerateFileSystemInfos());
        Assert.Empty(Directory.GetFiles(repository.Directory, "*.md", SearchOption.AllDirectories));
        outside.Delete();
    }

    [Theory]
    [InlineData("../docs")]
    [InlineData("docs/../../x")]
    [InlineData("/tmp/docs")]
    [InlineData(".git/docs")]
    public async Task RunAsync_PathThatLeadsOutside_IsUnsafe(string path)
    {
        using var repository = new FixtureRepository(Samples.Go);

        var error = await Assert.ThrowsAsync<StepException>(() => repository.RunAsync(path));

        Assert.Equal(ErrorCodes.RepositoryUnsafe, error.Code);
    }

    [Fact]
    public async Task RunAsync_FileWhereTheFolderMustBe_IsInvalidAndSaysWhatToDo()
    {
        using var repository = new FixtureRepository([.. Samples.Go, ("docs", "a file")]);
        await File.WriteAllTextAsync(Path.Combine(repository.Directory, "docs"), "a file");

        var error = await Assert.ThrowsAsync<StepException>(() => repository.RunAsync());

        Assert.Equal(ErrorCodes.DocumentationInvalid, error.Code);
        Assert.Contains("docs is a file where a folder must be; set documentation.path", error.Message, StringComparison.Ordinal);
    }
}
