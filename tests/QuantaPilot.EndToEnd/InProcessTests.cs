using System.Diagnostics;
using System.Text.Json;

namespace QuantaPilot.EndToEnd;

/// <summary>Runs inside a <c>qp</c> process, stopped and carried on by another, with and without a terminal.</summary>
public sealed class InProcessTests : IDisposable
{
    private const int Interrupted = 130;
    private const string Enter = "\r";
    private const string Down = "\u001b[B";
    private const string ControlC = "\u0003";
    private const string HideCursor = "\u001b[?25l";
    private const string ShowCursor = "\u001b[?25h";

    private static readonly string[] Events = [
        "run_started", "documentation_generated", "gate_requested", "gate_decision", "run_completed"];

    private readonly TempDirectory _directory = new();
    private readonly GitRepository _repository;

    public InProcessTests()
    {
        _repository = new GitRepository(_directory, "repository");
        _repository.Commit("main", ("README.md", "# Sample\n"));
    }

    private string[] Data => ["--data", _directory.Combine("data")];

    private string[] Run => ["run", "--repo", _repository.Bare, "--branch", "main", .. Data];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Interrupt_AtAGate_StopsAndTheSuggestedCommandCompletesTheRun()
    {
        using var run = QpProcess.Start(_directory.Path, Run);
        await run.WaitForAsync("waiting for a decision");
        await run.InterruptAsync();

        Assert.Equal(Interrupted, await run.ExitAsync());
        Assert.Contains("Stopped; nothing is lost.", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Lost the connection", run.Output, StringComparison.Ordinal);

        using var resumed = QpProcess.StartLine(_directory.Path, run.Suggestion);
        await resumed.WaitForAsync("waiting for a decision");
        var (exit, output) = await QpProcess.RunAsync(_directory.Path, ["approve", run.RunId, .. Data]);
        Assert.Equal((0, "anchor is approved.\n"), (exit, output));

        Assert.Equal(0, await resumed.ExitAsync());
        Assert.Matches("Status +completed", resumed.Output);
        Assert.Equal(Events, await ReadEventsAsync(run.RunId));
        Assert.Equal(2, _repository.Lines("log", "--format=%s", "main").Count);
    }

    [Fact]
    public async Task Interrupt_DuringACommand_EndsItAndTheNextProcessDoesTheTaskOnce()
    {
        // The first agent tells its process id and goes on for ever; the next one does the work.
        var pipe = _directory.Combine("pid");
        using (var mkfifo = Process.Start("mkfifo", pipe)) await mkfifo.WaitForExitAsync();
        var agent = $"if mkdir {_directory.Combine("tried")} 2> /dev/null; then echo $$ > {pipe}; sleep 1000; fi\n{SamplePipeline.Agent}";
        _repository.Commit(
            "main",
            (
                "quantapilot.yml",
                SamplePipeline.Configuration + "\ngates: { anchor: { required: false }, milestone: { required: false } }\n"),
            ("tools/agent.sh", agent));

        using var run = QpProcess.Start(_directory.Path, [.. Run, "--allow-commands", "file:///*"]);
        var agentId = int.Parse(await File.ReadAllTextAsync(pipe));
        await run.InterruptAsync();

        Assert.Equal(Interrupted, await run.ExitAsync());
        Assert.False(
            File.Exists($"/proc/{agentId}/cmdline") && File.ReadAllText($"/proc/{agentId}/cmdline").Length > 0,
            "The agent is still there.");
        Assert.Empty(Directory.GetFileSystemEntries(_directory.Combine("data/work")));

        using var resumed = QpProcess.StartLine(_directory.Path, run.Suggestion);
        Assert.True(await resumed.ExitAsync() == 0, resumed.Output);
        Assert.Equal(
            ["run_started", "documentation_generated", "milestone_completed", "milestone_completed", "run_completed"], await ReadEventsAsync(run.RunId));
        Assert.Equal(["M-001/1", "M-002/1"], _repository.Lines("show", "main:done.log"));
    }

    [TerminalFact]
    public async Task Run_InATerminal_AsksForWhatIsMissingAndAtTheGate()
    {
        using var run = QpProcess.StartInTerminal(_directory.Path, QpProcess.Line(["run", .. Data]));
        await run.WaitForAsync("Repository (URL or path):");
        run.Type("nowhere" + Enter);
        await run.WaitForAsync("'nowhere' is neither a URL nor a directory here.");
        await run.WaitForAsync("Repository (URL or path):", times: 2);
        run.Type("repository.git" + Enter);
        await run.WaitForAsync("Branch");
        run.Type(Enter);
        await run.WaitForAsync("> Approve");
        run.Type(Enter);

        Assert.True(await run.ExitAsync() == 0, run.Output);
        Assert.Equal(Events, await ReadEventsAsync(run.RunId));
    }

    [TerminalFact]
    public async Task Run_InATerminalStoppedAtTheQuestion_LeavesTheTerminalInOrderAndAsksAgainWhenResumed()
    {
        using var run = QpProcess.StartInTerminal(_directory.Path, QpProcess.Line(Run));
        await run.WaitForAsync("> Approve");
        run.Type(ControlC);

        Assert.Equal(Interrupted, await run.ExitAsync());
        Assert.Contains("\nStopped; nothing is lost.", run.Output, StringComparison.Ordinal);
        Assert.True(
            run.Output.LastIndexOf(ShowCursor, StringComparison.Ordinal) > run.Output.LastIndexOf(HideCursor, StringComparison.Ordinal));

        using var resumed = QpProcess.StartInTerminal(_directory.Path, run.Suggestion);
        await resumed.WaitForAsync("> Approve");
        resumed.Type(Down);
        await resumed.WaitForAsync("> Reject");
        resumed.Type(Enter);
        await resumed.WaitForAsync("Why?");
        resumed.Type("not yet" + Enter);

        const int rejected = 3;
        Assert.Equal(rejected, await resumed.ExitAsync());
        Assert.Contains("anchor rejected: not yet", resumed.Output, StringComparison.Ordinal);
        Assert.Equal([.. Events[..^1], "run_failed"], await ReadEventsAsync(run.RunId));
    }

    /// <summary>The log of the run, checked for gaps and repeats.</summary>
    private async Task<IReadOnlyList<string>> ReadEventsAsync(string runId)
    {
        var (exit, output) = await QpProcess.RunAsync(_directory.Path, ["events", runId, "--json", .. Data]);
        Assert.True(exit == 0, output);
        var events = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .ToList();
        Assert.Equal(Enumerable.Range(1, events.Count), events.Select(e => e.GetProperty("sequence").GetInt32()));
        return [.. events.Select(e => e.GetProperty("type").GetString()!["quantapilot.".Length..])];
    }
}
