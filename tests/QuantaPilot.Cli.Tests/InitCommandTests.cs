using System.Text.Json;
using LibGit2Sharp;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Pipelines;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Cli.Tests;

public sealed class InitCommandTests : IDisposable
{
    private const string Git = "repository";

    private readonly CliRunner _cli = new();

    private string Folder => Path.Combine(_cli.WorkingDirectory, Git);

    private string FilePath => Path.Combine(Folder, "quantapilot.yml");

    public void Dispose()
    {
        // git's objects are read-only, which stops deletion on some systems.
        foreach (var file in Directory.EnumerateFiles(_cli.WorkingDirectory, "*", SearchOption.AllDirectories))
            File.SetAttributes(file, FileAttributes.Normal);
        _cli.Dispose();
    }

    [Theory]
    [InlineData("dotnet", "dotnet test")]
    [InlineData("dotnet-two", "dotnet test A.sln|dotnet test B.slnx")]
    [InlineData("dotnet-project", "dotnet test tests/X.Tests/X.Tests.csproj")]
    [InlineData("node", "npm ci|npm test")]
    [InlineData("node-pnpm", "pnpm install --frozen-lockfile|pnpm test")]
    [InlineData("node-placeholder", "")]
    [InlineData("node-folder", "bash -c cd web && npm install && npm run test")]
    [InlineData("python", "pytest")]
    [InlineData("python-recognised", "pytest")]
    [InlineData("python-poetry", "poetry install|poetry run pytest")]
    [InlineData("python-uv", "uv run pytest")]
    [InlineData("python-tox", "tox")]
    [InlineData("python-unittest", "python3 -m unittest")]
    [InlineData("go", "go test ./...")]
    [InlineData("rust", "cargo test --workspace")]
    [InlineData("java", "mvn -q test")]
    [InlineData("java-wrapper", "sh mvnw -q test")]
    [InlineData("gradle", "sh gradlew test")]
    [InlineData("php", "composer install|composer test")]
    [InlineData("cmake", "cmake -B build|cmake --build build|ctest --test-dir build")]
    [InlineData("make", "make test")]
    [InlineData("two", "dotnet test|npm ci|npm test")]
    [InlineData("plain", "")]
    public async Task Init_RepositoryOfAnEcosystem_ProposesItsChecksInAValidFile(string ecosystem, string checks)
    {
        Commit(InitSamples.Of(ecosystem));

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("init", Git, "--json"));
        using var json = JsonDocument.Parse(_cli.Out.Output);
        var proposed = json.RootElement.GetProperty("checks").EnumerateArray()
            .Select(check => string.Join(' ', check.EnumerateArray().Select(word => word.GetString())));
        Assert.Equal(checks, string.Join('|', proposed));
        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("validate", Git));

        var active = Read(File.ReadAllText(FilePath));
        Assert.Equivalent(PipelineDefinition.Default, active);
        var milestone = Assert.Single(Read(Uncomment(File.ReadAllText(FilePath))).Milestones);
        var expected = checks.Length == 0 ? "make test" : checks;
        Assert.Equal(expected, string.Join('|', milestone.Checks.Select(check => string.Join(' ', check.Run))));
    }

    [Fact]
    public async Task Init_File_BeginsWithTheSchemaForEditorsAndExplainsEachMember()
    {
        Commit([("README.md", "# Sample\n")]);

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("init", Git));
        var text = await File.ReadAllTextAsync(FilePath);
        Assert.StartsWith($"# yaml-language-server: $schema={PipelineTemplate.SchemaUrl}\n", text, StringComparison.Ordinal);
        var lines = text.Split('\n');
        string[] explained =
            ["version:", "agent:", "path:", "anchor:", "approvals:", "timeout:", "self_approval:", "on_reject:", "milestone:", "merge:"];
        Assert.All(explained, member =>
        {
            var at = Array.FindIndex(lines, line => line.TrimStart().StartsWith(member, StringComparison.Ordinal));
            Assert.StartsWith("#", lines[at - 1].TrimStart(), StringComparison.Ordinal);
        });
        Assert.Equal($"{Path.Combine(Git, "quantapilot.yml")}\n", _cli.Out.Output);
    }

    [Fact]
    public async Task Init_SchemaElsewhere_IsNamed()
    {
        Commit([("README.md", "# Sample\n")]);

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("init", Git, "--stdout", "--schema", ".schemas/quantapilot.schema.json"));
        Assert.StartsWith("# yaml-language-server: $schema=.schemas/quantapilot.schema.json\n", _cli.Out.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Init_FileIsThere_IsLeftAsItIsUnlessForced()
    {
        Commit([("README.md", "# Sample\n")]);
        await File.WriteAllTextAsync(FilePath, "version: 1\nmerge: rebase\n# mine and longer than nothing\n");

        Assert.Equal(ExitCodes.Failed, await _cli.RunAsync("init", Git));
        Assert.Contains($"{Path.Combine(Git, "quantapilot.yml")} is there already", _cli.Error.Output, StringComparison.Ordinal);
        Assert.Contains("merge: rebase", await File.ReadAllTextAsync(FilePath), StringComparison.Ordinal);

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("init", Git, "--force"));
        Assert.Equal(MergeMethod.Squash, Read(await File.ReadAllTextAsync(FilePath)).Merge);
        Assert.DoesNotContain("mine", await File.ReadAllTextAsync(FilePath), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--stdout")]
    [InlineData("--dry-run")]
    public async Task Init_DryRun_WritesNothing(string option)
    {
        Commit(InitSamples.Of("node"));

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("init", Git, option));
        Assert.False(File.Exists(FilePath));
        Assert.NotNull(Read(_cli.Out.Output));
        Assert.Contains("- { run: [npm, test], timeout: 10m }", _cli.Out.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Init_RepositoryWithoutACommit_SaysThatNothingIsKnown()
    {
        Repository.Init(Folder);

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("init", Git));
        Assert.Contains("there is no commit yet", _cli.Error.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("validate", Git));
    }

    [Fact]
    public async Task Init_NoRepository_SaysSo()
    {
        Directory.CreateDirectory(Folder);

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("init", Git));
        Assert.Contains("this is no git repository", _cli.Error.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("validate", Git));
    }

    [Fact]
    public async Task Init_BelowTheRoot_SaysWhereRunsLook()
    {
        Commit([("web/index.html", "<p>")]);

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("init", $"{Git}/web"));
        Assert.Contains("for this one they need --config", _cli.Error.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Folder, "web", "quantapilot.yml")));
    }

    [Fact]
    public async Task Init_ProjectWithDocuments_KeepsToTheirFolder()
    {
        Commit([("doc/guide.md", "# Guide\n")]);

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("init", Git, "--stdout"));
        Assert.Equal("doc", Read(_cli.Out.Output).Documentation.Path);
    }

    [Fact]
    public async Task Init_ContinuousIntegration_IsNamedBesideTheChecks()
    {
        Commit([.. InitSamples.Of("go"), (".github/workflows/ci.yml", "on: push\njobs: { test: { steps: [ { run: go vet ./... } ] } }\n")]);

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("init", Git, "--stdout"));
        Assert.Contains("is in .github/workflows/ci.yml (GitHub Actions).", _cli.Out.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Init_NamesThatYamlWouldRead_AreQuoted()
    {
        Commit([("a: #b.sln", ""), ("it's \"two\".slnx", ""), ("- x.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\" />")]);

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("init", Git, "--stdout"));
        var checks = Assert.Single(Read(Uncomment(_cli.Out.Output)).Milestones).Checks;
        Assert.Equal(["a: #b.sln", "it's \"two\".slnx"], checks.Select(check => check.Run[2]));
    }

    [Theory]
    [InlineData("init nowhere", "'nowhere' is no directory")]
    [InlineData("init --schema ", "--schema takes a URL or a path without spaces")]
    [InlineData("init one two", "two")]
    public async Task Init_WrongUse_Exits2AndNamesIt(string commandLine, string named)
    {
        Assert.Equal(ExitCodes.WrongUse, await _cli.RunAsync(commandLine.Split(' ')));
        Assert.Contains(named, _cli.Error.Output, StringComparison.Ordinal);
    }

    private static PipelineDefinition Read(string text) => PipelineReader.Read("quantapilot.yml", text);

    /// <summary>As the file says that its example is used.</summary>
    private static string Uncomment(string text)
    {
        var lines = text.Split('\n');
        var start = Array.FindIndex(lines, line => line.Contains("An example of work", StringComparison.Ordinal));
        var example = lines[start..].Select(line => line.StartsWith("# ", StringComparison.Ordinal) ? line[2..] : line.TrimStart('#'));
        return string.Join('\n', lines[..start].Concat(example));
    }

    private void Commit((string Path, string Text)[] files)
    {
        Repository.Init(Folder);
        foreach (var (path, text) in files)
        {
            var full = Path.Combine(Folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, text);
        }
        using var repository = new Repository(Folder);
        LibGit2Sharp.Commands.Stage(repository, "*");
        var who = new Signature("A Person", "person@example.com", new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        repository.Commit("Begin", who, who);
    }
}
