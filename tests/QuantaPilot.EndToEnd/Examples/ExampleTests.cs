using System.Text.Json;
using QuantaPilot.EndToEnd.Scripts;

namespace QuantaPilot.EndToEnd.Examples;

/// <summary>The projects under examples/, run whole: <c>qp run</c> as a process, <c>qp approve</c> as another, real repositories.</summary>
public sealed class ExampleTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string[] Data => ["--data", _directory.Combine("data")];

    public static TheoryData<string> Examples() =>
        [.. Directory.GetDirectories(RepositoryFiles.PathOf("examples")).Select(path => Path.GetFileName(path)!)];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task Validate_EachExample_IsValid(string name)
    {
        var (exit, output) = await QpProcess.RunAsync(RepositoryFiles.PathOf("examples"), "validate", name);

        Assert.True(exit == 0, output);
        Assert.Contains($"{name}/quantapilot.yml is valid.", output, StringComparison.Ordinal);
        Assert.True(File.Exists(RepositoryFiles.PathOf($"examples/{name}/README.md")));
        Assert.Contains($"]({name})", RepositoryFiles.Read("examples/README.md"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DocsOnly_Approved_HasItsDocumentationMergedAndNothingElse()
    {
        var repository = ExampleProject.Create(_directory, "docs-only");
        var before = repository.Lines("ls-tree", "-r", "--name-only", "main");

        var (exit, output, runId) = await RunAsync(repository, ["anchor"]);

        Assert.True(exit == 0, output);
        Assert.Equal(
            ["run_started", "documentation_generated", "gate_requested", "gate_decision", "run_completed"], await ReadEventsAsync(runId));
        var added = repository.Lines("ls-tree", "-r", "--name-only", "main").Except(before).ToList();
        Assert.All(added, path => Assert.StartsWith("docs/", path, StringComparison.Ordinal));
        Assert.Contains("docs/ANCHOR.md", added);
        Assert.Contains("Tides", repository.Git("show", "main:docs/00_overview.md"), StringComparison.Ordinal);
    }

    [ProgramsFact("node")]
    public async Task CommandAgent_EachGateApproved_HasWorkThatPassedItsChecksMerged()
    {
        var repository = ExampleProject.Create(_directory, "command-agent");

        var (exit, output, runId) = await RunAsync(repository, SamplePipeline.Gates, "--allow-commands", "file:///*");

        Assert.True(exit == 0, output);
        Assert.Equal(SamplePipeline.Events, await ReadEventsAsync(runId));
        // One commit each for the beginning, the documentation and the milestones.
        Assert.Equal(4, repository.Lines("log", "--format=%s", "main").Count);
        var slug = await ExampleProject.RunInCloneAsync(_directory, repository, "node", "bin/slug.mjs", "Crème brûlée, twice");
        Assert.Equal((0, "creme-brulee-twice\n"), slug);
        Assert.Equal(0, (await ExampleProject.RunInCloneAsync(_directory, repository, "node", "--test", "test/slug.test.mjs")).Exit);
    }

    [ProgramsFact("node")]
    public async Task CommandAgent_WorkThatOnlyItsOwnTestsPass_IsHeldBackByTheOtherCheck()
    {
        var repository = ExampleProject.Create(_directory, "command-agent", work =>
        {
            var agent = Path.Combine(work, "tools", "agent.mjs");
            var text = File.ReadAllText(agent);
            // Digits are dropped, of which the agent's own tests know nothing.
            File.WriteAllText(agent, text.Replace(@"[\\p{L}\\p{N}]+", @"[\\p{L}]+", StringComparison.Ordinal));
            Assert.NotEqual(text, File.ReadAllText(agent));
        });

        var (exit, output, runId) = await RunAsync(repository, ["anchor"], "--allow-commands", "file:///*");

        Assert.Equal(1, exit);
        Assert.Contains("checks_failed", output, StringComparison.Ordinal);
        Assert.Contains("node checks/slug.mjs ended with exit code 1", output, StringComparison.Ordinal);
        Assert.Equal("run_failed", (await ReadEventsAsync(runId))[^1]);
        Assert.DoesNotContain("src/slug.mjs", repository.Lines("ls-tree", "-r", "--name-only", "main"));
    }

    [Fact]
    public async Task CommandAgent_HostThatAllowsNoPrograms_RefusesItAtOnce()
    {
        var repository = ExampleProject.Create(_directory, "command-agent");

        var (exit, output, runId) = await RunAsync(repository, []);

        Assert.Equal(1, exit);
        Assert.Contains("agent_not_allowed", output, StringComparison.Ordinal);
        Assert.Equal(["run_started", "run_failed"], await ReadEventsAsync(runId));
    }

    /// <summary>Runs it to its end, with each of these gates approved once it is asked.</summary>
    private async Task<(int Exit, string Output, string RunId)> RunAsync(GitRepository repository, string[] gates, params string[] options)
    {
        using var run = QpProcess.Start(_directory.Path, ["run", "--repo", repository.Bare, "--branch", "main", .. Data, .. options]);
        foreach (var gate in gates)
        {
            await run.WaitForAsync($"{gate}: ");
            var (exit, output) = await QpProcess.RunAsync(_directory.Path, ["approve", run.RunId, gate, .. Data]);
            Assert.True(exit == 0, output);
        }
        return (await run.ExitAsync(), run.Output, run.RunId);
    }

    private async Task<List<string>> ReadEventsAsync(string runId)
    {
        var (exit, output) = await QpProcess.RunAsync(_directory.Path, ["events", runId, "--json", .. Data]);
        Assert.Equal(0, exit);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("type").GetString()!["quantapilot.".Length..])];
    }
}
