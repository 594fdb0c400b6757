using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Command;

namespace QuantaPilot.Integrations.Tests.Command;

/// <summary>What a program started ends with it, however it tried to get away.</summary>
public sealed class CommandStopTests : IDisposable
{
    // Three ways to leave: a child in the background, one whose parent has gone, one in a session of its own.
    private const string Script = """
        sleep 100000 & echo $! >> pids
        bash -c 'sleep 100000 & echo $! >> pids'
        bash -c 'setsid bash -c "echo \$\$ >> pids; exec sleep 100000" & while [ "$(wc -l < pids)" -lt 3 ]; do :; done'
        echo $$ >> pids
        echo ready > PIPE
        """;

    private static readonly CommandOptions Allowed = new() { AllowedRepositories = ["*"] };
    private readonly TestWorkspace _workspace = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task RunAsync_Cancelled_EndsTheWholeTree()
    {
        using var cancel = new CancellationTokenSource();
        var running = Start(TimeSpan.FromMinutes(20), cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        AssertAllEnded();
    }

    [Fact]
    public async Task RunAsync_TimedOut_EndsTheWholeTreeAndSaysSo()
    {
        var running = Start(TimeSpan.FromMinutes(5), default);

        _time.Advance(TimeSpan.FromMinutes(5));

        var error = await Assert.ThrowsAsync<StepException>(() => running);
        Assert.Equal(ErrorCodes.AgentTimedOut, error.Code);
        Assert.Contains("bash agent.sh was killed after 00:05:00", error.Message, StringComparison.Ordinal);
        AssertAllEnded();
    }

    [Fact]
    public async Task RunAsync_ProgramEndsAndLeavesOthers_EndsThemToo()
    {
        _workspace.Script("agent.sh", Script.Replace("echo ready > PIPE", "", StringComparison.Ordinal));

        await new CommandAgent(Allowed, _time).RunAsync(TestWorkspace.Task("bash", "agent.sh"), _workspace, default);

        AssertAllEnded();
    }

    [Fact]
    public async Task RunAsync_CancelledBefore_StartsNothing()
    {
        _workspace.Script("agent.sh", "touch started; sleep 100000");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new CommandAgent(Allowed, _time).RunAsync(TestWorkspace.Task("./agent.sh"), _workspace, new CancellationToken(canceled: true)));

        Assert.Null(_workspace.ReadText("started"));
    }

    [Fact]
    public async Task RunAsync_ProgramLeavesReadOnlyFoldersAndLinks_ItsHomeIsGoneAndNothingElse()
    {
        var options = Allowed with { HomeRoot = _workspace["homes"] };
        _workspace.Script("agent.sh", """
            mkdir -p ~/cache/a $TMPDIR/b
            touch ~/cache/a/f
            ln -s $QP_CHECKOUT ~/cache/link
            chmod 500 ~/cache/a ~/cache
            """);

        await new CommandAgent(options, _time).RunAsync(TestWorkspace.Task("bash", "agent.sh"), _workspace, default);

        Assert.Empty(Directory.GetFileSystemEntries(_workspace["homes"]));
        Assert.True(File.Exists(_workspace["agent.sh"]));
    }

    [Fact]
    public async Task End_ProgramsBelowThisRootAndAnother_EndsThoseBelowThisRootOnly()
    {
        var options = Allowed with { HomeRoot = _workspace["homes"] };
        var running = Start(TimeSpan.FromMinutes(20), default, options);

        CommandLeftovers.End(options with { HomeRoot = _workspace["home"] });
        Assert.All(Family(), id => Assert.False(HasEnded(id), $"process {id} is gone"));
        CommandLeftovers.End(options);

        var error = await Assert.ThrowsAsync<StepException>(() => running);
        Assert.Equal(ErrorCodes.AgentFailed, error.Code);
        AssertAllEnded();
        Assert.Empty(System.IO.Directory.GetFileSystemEntries(_workspace["homes"]));
    }

    /// <summary>Returns once the script says that its family is there.</summary>
    private Task<AgentResult> Start(TimeSpan timeout, CancellationToken cancellationToken, CommandOptions? options = null)
    {
        var pipe = _workspace.Pipe("pipe");
        _workspace.Script("agent.sh", Script.Replace("PIPE", pipe, StringComparison.Ordinal) + "\nwait");
        var task = TestWorkspace.Task("bash", "agent.sh");
        var running = new CommandAgent(options ?? Allowed, _time).RunAsync(
            task with { Agent = task.Agent with { Timeout = timeout } }, _workspace, cancellationToken);
        Assert.Equal("ready\n", File.ReadAllText(pipe));
        return running;
    }

    private string[] Family()
    {
        var ids = _workspace.ReadText("pids")!.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(ids.Length >= 4, "the whole family was there");
        return ids;
    }

    private void AssertAllEnded()
    {
        Assert.All(Family(), id => Assert.True(HasEnded(id), $"process {id} is still there"));
    }

    /// <summary>A zombie has ended; whoever inherited it has not looked yet.</summary>
    private static bool HasEnded(string id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[stat.LastIndexOf(')')..].StartsWith(") Z", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }
}
