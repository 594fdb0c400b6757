using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Command;
using QuantaPilot.Integrations.RunLogs;
using QuantaPilot.Integrations.Tests.RunLogs;

namespace QuantaPilot.Integrations.Tests.Command;

/// <summary>What programs write goes to the log of the step, while they run.</summary>
public sealed class CommandLogTests : IDisposable
{
    private static readonly CommandOptions _allowed = new() { AllowedRepositories = ["*"] };
    private readonly TestWorkspace _workspace = new();
    private readonly ScriptedLogStore _store = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Run_WhileTheProgramWorks_ItsLinesCanBeRead()
    {
        _workspace.Script("agent.sh", "echo working in $PWD; echo 'to stderr' >&2; echo ready > begun; read < go; echo finished");
        var (begun, go) = (_workspace.Pipe("begun"), _workspace.Pipe("go"));
        await using var log = Open();
        // By a clock of its own, since that of the log runs ahead below: past the agent's time-out where the pipes are slow.
        var running = new CommandAgent(_allowed, TimeProvider.System).RunAsync(
            TestWorkspace.Task("bash", "agent.sh") with { Log = log }, _workspace, default);
        await File.ReadAllTextAsync(begun);

        // Its lines are on their way through two pipes.
        while (!_store.All.Contains("to stderr", StringComparison.Ordinal) || !_store.All.Contains("working in", StringComparison.Ordinal))
        {
            _time.Advance(RunLogWriter.Interval);
            await Task.Yield();
        }
        Assert.False(running.IsCompleted);
        Assert.Contains("working in [checkout]", _store.All, StringComparison.Ordinal);
        await File.WriteAllTextAsync(go, "go\n");
        await running;
        await log.DisposeAsync();

        Assert.EndsWith("finished", _store.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ProgramFails_TheLogHasMoreThanTheMessage()
    {
        await using (var log = Open())
        {
            var error = await Assert.ThrowsAsync<StepException>(() => new CommandAgent(_allowed, _time).RunAsync(
                TestWorkspace.Task("bash", "-c", "seq 1 20000; exit 3") with { Log = log }, _workspace, default));
            Assert.DoesNotContain("\n15000\n", error.Message, StringComparison.Ordinal);
        }

        Assert.StartsWith("1\n2\n3\n", _store.All, StringComparison.Ordinal);
        Assert.EndsWith("\n15000\n" + string.Join('\n', Enumerable.Range(15001, 5000)), _store.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_Output_GoesToItsLogAlsoWhenItSucceeds()
    {
        await using (var log = Open())
        {
            var complaint = await new CommandCheckRunner(_allowed, _time).RunAsync(
                TestWorkspace.RepoUrl, ["echo", "all is well"], TimeSpan.FromMinutes(1), _workspace, log, default);
            Assert.Null(complaint);
        }

        Assert.Equal("all is well", _store.All);
    }

    private IRunLog Open() => new StoredRunLogs(_store, _time, CheckedLogger.For<StoredRunLogs>())
        .Open(RunId.Parse(new string('a', 32)), "M-001/1", 1, "coder");
}
