
namespace QuantaPilot.EndToEnd;

/// <summary>What is wrong with a repository ends its run with a code that says so; what is merely odd does not.</summary>
public sealed class RepositoryFaultTests : IClassFixture<RepositoryFaultTests.Fixture>
{
    private readonly Fixture _fixture;

    public RepositoryFaultTests(Fixture fixture) => _fixture = fixture;

    [Fact]
    public async Task Run_RepositoryThatDoesNotExist_Fails() =>
        await AssertFailsAsync(new Uri(_fixture.Directory.Combine("nowhere.git")).AbsoluteUri, "repository_not_found");

    [Fact]
    public async Task Run_BranchThatDoesNotExist_Fails()
    {
        var repository = Repository(("README.md", "# Here\n"));
        await AssertFailsAsync(repository.Url, "branch_not_found", branch: "nowhere");
    }

    [Fact]
    public async Task Run_EmptyRepository_Fails() =>
        await AssertFailsAsync(new GitRepository(_fixture.Directory, Path.GetRandomFileName()).Url, "repository_empty");

    [Fact]
    public async Task Run_InvalidConfiguration_FailsNamingTheLine()
    {
        var repository = Repository(("quantapilot.yml", "version: 1\nmerge: octopus\n"));
        var run = await AssertFailsAsync(repository.Url, "configuration_invalid");
        Assert.Contains("line 2: merge", run, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_CheckThatFails_FailsShowingItsOutput()
    {
        var repository = Repository(
            ("README.md", "# Here\n"),
            ("quantapilot.yml", SamplePipeline.Configuration.Replace("greet.sh]", "broken.sh]", StringComparison.Ordinal)
                + "\ngates: { anchor: { required: false } }\n"),
            ("tools/agent.sh", SamplePipeline.Agent),
            ("broken.sh", "echo it does not greet; exit 3\n"));
        var run = await AssertFailsAsync(repository.Url, "checks_failed");
        Assert.Contains("it does not greet", run, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_TargetMovesOnInConflictEachTime_FailsNamingTheFile()
    {
        var repository = Repository(("README.md", "# Here\n"));
        var runId = await _fixture.Client.StartRunAsync(repository.Url);
        var after = 0;
        // Once for the first attempt, and for each of the three that are made anew.
        foreach (var document in new[] { "ANCHOR", "00_overview", "10_architecture", "20_requirements" })
        {
            var asked = await _fixture.Client.WaitForEventAsync(runId, "gate_requested", after);
            after = asked.GetProperty("sequence").GetInt32();
            repository.Commit("main", ($"docs/{document}.md", "A person's own.\n"));
            await _fixture.Client.DecideAsync(runId, "anchor", true);
        }
        var run = await _fixture.Client.WaitForEndAsync(runId);
        Assert.Equal("merge_conflict", run.GetProperty("error").GetProperty("error_code").GetString());
        Assert.Contains("docs/20_requirements.md", run.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_TargetMovedOnElsewhere_IsMerged()
    {
        var repository = Repository(("README.md", "# Here\n"));
        var runId = await _fixture.Client.StartRunAsync(repository.Url);
        await _fixture.Client.WaitForEventAsync(runId, "gate_requested");
        repository.Commit("main", ("other.txt", "A person's own.\n"));
        await _fixture.Client.DecideAsync(runId, "anchor", true);
        Assert.Equal("completed", (await _fixture.Client.WaitForEndAsync(runId)).GetProperty("status").GetString());
        Assert.Contains("other.txt", repository.Lines("ls-tree", "-r", "--name-only", "main"));
        Assert.Contains("docs/ANCHOR.md", repository.Lines("ls-tree", "-r", "--name-only", "main"));
    }

    [Fact]
    public async Task Run_NoReadmeAndBinaryFiles_Completes()
    {
        var repository = new GitRepository(_fixture.Directory, Path.GetRandomFileName());
        repository.Commit(
            "main",
            work => File.WriteAllBytes(Path.Combine(work, "picture.bin"), [.. Enumerable.Range(0, 4096).Select(i => (byte)(i * 7))]));
        await AssertCompletesAsync(repository);
    }

    [Fact]
    public async Task Run_TenThousandFiles_Completes()
    {
        var repository = new GitRepository(_fixture.Directory, Path.GetRandomFileName());
        repository.Commit("main", work =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                var folder = Directory.CreateDirectory(Path.Combine(work, $"folder{i % 100}"));
                File.WriteAllText(Path.Combine(folder.FullName, $"file{i}.txt"), $"file {i}\n");
            }
        });
        await AssertCompletesAsync(repository);
    }

    [Fact]
    public async Task Run_DocumentationFolderThatLinksOutside_FailsAndWritesNothingThere()
    {
        var outside = System.IO.Directory.CreateDirectory(_fixture.Directory.Combine("outside")).FullName;
        var repository = new GitRepository(_fixture.Directory, Path.GetRandomFileName());
        repository.Commit("main", work => File.CreateSymbolicLink(Path.Combine(work, "docs"), outside));
        await AssertFailsAsync(repository.Url, "repository_unsafe");
        Assert.Empty(System.IO.Directory.GetFileSystemEntries(outside));
    }

    [Fact]
    public async Task Run_HostileFileNames_CompletesWithTheWholeSet()
    {
        var repository = new GitRepository(_fixture.Directory, Path.GetRandomFileName());
        repository.Commit("main", work =>
        {
            File.WriteAllText(Path.Combine(work, "new\nline.md"), "# a\n");
            File.WriteAllText(Path.Combine(work, "pipe|and[link](x).md"), "# b\n");
            File.WriteAllText(Path.Combine(work, "<script>alert(1)<script>.md"), "# c\n");
        });
        await AssertCompletesAsync(repository);
        Assert.Equal(11, repository.Lines("ls-tree", "-r", "--name-only", "main", "docs/").Count);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../../..")]
    public async Task Run_LinkThatLeadsOut_FailsNamingIt(string target)
    {
        var repository = new GitRepository(_fixture.Directory, Path.GetRandomFileName());
        repository.Commit("main", work => File.CreateSymbolicLink(Path.Combine(work, "way-out"), target));
        Assert.Contains("way-out", await AssertFailsAsync(repository.Url, "repository_unsafe"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_TreeWithDotDot_FailsAndWritesNothingOutside()
    {
        var repository = Repository(("README.md", "# Here\n"));
        // git refuses to make such a tree, so it is written by hand: one entry named "..", a file.
        var blob = repository.Git("rev-parse", "main:README.md");
        byte[] tree = [.. "100644 ..\0"u8, .. Convert.FromHexString(blob)];
        var treeId = GitCommand.Run(repository.Bare, tree, ["hash-object", "-t", "tree", "-w", "--literally", "--stdin"]);
        var commit = repository.Git("commit-tree", treeId, "-m", "hostile");
        repository.Git("update-ref", "refs/heads/main", commit);
        await AssertFailsAsync(repository.Url, "repository_unsafe");
    }

    [Fact]
    public async Task Run_RepositoryThatSettingsDoNotAllow_IsRefused()
    {
        var (status, problem) = await _fixture.Client.SendAsync(
            HttpMethod.Post, "/run", new { repo_url = "file:///srv/elsewhere.git", branch = "main" });
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, status);
        Assert.Equal("repository_not_allowed", problem.GetProperty("error_code").GetString());
    }

    private GitRepository Repository(params (string Path, string Text)[] files)
    {
        var repository = new GitRepository(_fixture.Directory, Path.GetRandomFileName());
        repository.Commit("main", files);
        return repository;
    }

    private async Task<string> AssertFailsAsync(string url, string code, string branch = "main")
    {
        var runId = await _fixture.Client.StartRunAsync(url, branch);
        var run = await _fixture.Client.WaitForEndAsync(runId);
        Assert.True(run.GetProperty("status").GetString() == "failed", run.ToString());
        Assert.Equal(code, run.GetProperty("error").GetProperty("error_code").GetString());
        var last = (await _fixture.Client.ReadLogAsync(runId))[^1];
        Assert.Equal("quantapilot.run_failed", last.GetProperty("type").GetString());
        Assert.Equal(code, last.GetProperty("data").GetProperty("error_code").GetString());
        Assert.DoesNotContain(_fixture.Directory.Combine("data"), run.ToString(), StringComparison.Ordinal);
        return run.GetProperty("error").GetProperty("message").GetString()!;
    }

    private async Task<string> AssertCompletesAsync(GitRepository repository)
    {
        var runId = await _fixture.Client.StartRunAsync(repository.Url);
        await _fixture.Client.WaitForEventAsync(runId, "gate_requested");
        await _fixture.Client.DecideAsync(runId, "anchor", true);
        var run = await _fixture.Client.WaitForEndAsync(runId);
        Assert.True(run.GetProperty("status").GetString() == "completed", run.ToString());
        return runId;
    }

    /// <summary>One server for all of these.</summary>
#pragma warning disable CA1001 // xunit disposes it through IAsyncLifetime.
    public sealed class Fixture : IAsyncLifetime
#pragma warning restore CA1001
    {
        private ServerProcess? _server;
        private QpClient? _client;

        internal TempDirectory Directory { get; } = new();

        internal QpClient Client => _client!;

        public async Task InitializeAsync()
        {
            _server = new ServerProcess(Directory.Combine("data"), "--allow", $"file://{Directory.Path}/*", "--allow-commands", "file://*");
            _client = await _server.StartAndWaitAsync();
        }

        public async Task DisposeAsync()
        {
            _client?.Dispose();
            if (_server is not null) await _server.DisposeAsync();
            Directory.Dispose();
        }
    }
}
