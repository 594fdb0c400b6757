using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Functions.Tests.Support;

namespace QuantaPilot.Functions.Tests.Durable;

/// <summary>Whole runs on Durable Task: the orchestration as it is, through the app's adapter.</summary>
public sealed class RunTests
{
    private const string TwoMilestones = """
        version: 1
        agents:
          coder: { type: command, run: [make] }
        milestones:
          - { id: M-001, title: First, tasks: [ { agent: coder, prompt: begin }, { agent: coder, prompt: go on } ] }
          - { id: M-002, title: Second, tasks: [ { agent: coder, prompt: finish } ] }
        gates:
          first-merge: { required: true }
        """;

    [Fact]
    public async Task Run_WithMilestones_GoesThroughAllItsGates()
    {
        await using var run = await RunHub.StartAsync(new ScriptedForge { Configuration = TwoMilestones });
        foreach (var gate in (string[])[Gate.Anchor, Gate.FirstMerge, "milestone:M-001", "milestone:M-002"])
        {
            await run.UntilAtGateAsync(gate);
            await run.DecideAsync(gate);
        }

        Assert.Equal(new RunOutcome(RunStatus.Completed, null), await run.OutcomeAsync());
        Assert.Equal(
            [
                "run_started", "documentation_generated", "gate_requested", "gate_decision",
                "gate_requested", "gate_decision", "gate_requested", "gate_decision", "milestone_completed",
                "gate_requested", "gate_decision", "milestone_completed", "run_completed",
            ],
            await run.LogAsync());
        Assert.All((await run.UntilAsync(RunStatus.Completed)).PullRequests, pullRequest => Assert.NotNull(pullRequest.MergeSha));
    }

    [Fact]
    public async Task Run_DecidedBeforeItWaits_GoesOn()
    {
        await using var run = await RunHub.StartAsync(new ScriptedForge(), async run =>
        {
            // The activity that asked for the gate has not answered yet, so the orchestration is not waiting for a decision.
            if ((await run.Store.GetAsync(run.Id, default))!.PendingGate is not null) await run.DecideAsync(Gate.Anchor);
        });
        Assert.Equal(RunStatus.Completed, (await run.OutcomeAsync()).Status);
    }

    [Fact]
    public async Task Run_ThatWaitsForLong_RemindsByDurableTimers()
    {
        await using var run = await RunHub.StartAsync(new ScriptedForge
        {
            Configuration = "version: 1\ngates: { anchor: { timeout: 90s, remind: 1s } }\n",
        });
        // Started, documented, asked, and reminded of twice.
        await run.UntilAsync(snapshot => snapshot.Sequence >= 5);
        await run.DecideAsync(Gate.Anchor);

        Assert.Equal(RunStatus.Completed, (await run.OutcomeAsync()).Status);
        var log = await run.LogAsync();
        Assert.Equal(["run_started", "documentation_generated"], log[..2]);
        Assert.All(log[2..^2], name => Assert.Equal("gate_requested", name));
        Assert.Equal(["gate_decision", "run_completed"], log[^2..]);
    }

    [Fact]
    public async Task Run_OnAForgeWithChecks_AwaitsThemByDurableTimersAndSignals()
    {
        var forge = new ScriptedForge { Checks = new CheckReport(CheckState.Pending, ["build"], []) };
        await using var run = await RunHub.StartAsync(forge);
        var waiting = await run.UntilAsync(snapshot => snapshot.Step == "checks:1");
        Assert.Equal(RunStatus.Running, waiting.Status);

        forge.Checks = new CheckReport(CheckState.Succeeded, [], []);
        await run.TellAsync(new RunSignal(RunSignalKind.ForgeChanged) { ForgeChange = new ForgeChange("check_run", 1, null) });
        await run.UntilAtGateAsync(Gate.Anchor);
        await run.DecideAsync(Gate.Anchor);

        Assert.Equal(new RunOutcome(RunStatus.Completed, null), await run.OutcomeAsync());
        Assert.Equal(1, forge.MadeReady);
    }

    [Fact]
    public async Task Run_Rejected_FailsWithTheReason()
    {
        await using var run = await RunHub.StartAsync(new ScriptedForge());
        await run.UntilAtGateAsync(Gate.Anchor);
        await run.DecideAsync(Gate.Anchor, approved: false, "too thin");
        var outcome = await run.OutcomeAsync();
        Assert.Equal((RunStatus.Failed, ErrorCodes.GateRejected), (outcome.Status, outcome.Error?.ErrorCode));
        Assert.Contains("too thin", outcome.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_GateTimesOut_EndsAsConfigured()
    {
        await using var run = await RunHub.StartAsync(new ScriptedForge
        {
            Configuration = "version: 1\ngates:\n  anchor: { timeout: 1s, on_timeout: reject }\n",
        });
        Assert.Equal(ErrorCodes.GateTimedOut, (await run.OutcomeAsync()).Error?.ErrorCode);
        Assert.Equal(GateStatus.TimedOut, Assert.Single((await run.UntilAsync(RunStatus.Failed)).Gates).Status);
    }

    [Fact]
    public async Task Run_PausedAtAGate_TakesTheDecisionOnResume()
    {
        await using var run = await RunHub.StartAsync(new ScriptedForge());
        await run.UntilAtGateAsync(Gate.Anchor);
        await run.TellAsync(new RunSignal(RunSignalKind.Pause, "lunch"));
        Assert.Equal("lunch", (await run.UntilAsync(RunStatus.Paused)).StatusReason);
        await run.DecideAsync(Gate.Anchor);
        await run.TellAsync(new RunSignal(RunSignalKind.Resume));

        Assert.Equal(RunStatus.Completed, (await run.OutcomeAsync()).Status);
        Assert.Equal(["run_paused", "run_resumed", "gate_decision", "run_completed"], (await run.LogAsync())[^4..]);
    }

    [Fact]
    public async Task Run_PausedDuringAStep_IsPausingUntilTheStepEnds()
    {
        var (began, end) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var run = await RunHub.StartAsync(new ScriptedForge
        {
            Work = _ =>
            {
                began.TrySetResult();
                return end.Task;
            },
        });
        await began.Task;
        await run.TellAsync(new RunSignal(RunSignalKind.Pause, "lunch"));
        await run.UntilAsync(RunStatus.Pausing);
        end.SetResult();
        await run.UntilAsync(RunStatus.Paused);
        await run.TellAsync(new RunSignal(RunSignalKind.Resume));
        await run.UntilAtGateAsync(Gate.Anchor);
        Assert.Equal(["documentation_generated", "run_paused", "run_resumed", "gate_requested"], (await run.LogAsync())[^4..]);
    }

    [Fact]
    public async Task Run_CancelledDuringAStep_StopsTheStep()
    {
        var began = new TaskCompletionSource();
        await using var run = await RunHub.StartAsync(new ScriptedForge
        {
            Work = async cancelled =>
            {
                began.TrySetResult();
                await Task.Delay(Timeout.Infinite, cancelled);
            },
        });
        await began.Task;
        await run.TellAsync(new RunSignal(RunSignalKind.Cancel, "wrong branch"));
        var outcome = await run.OutcomeAsync();
        Assert.Equal((RunStatus.Cancelled, "wrong branch"), (outcome.Status, outcome.Error?.Message));
    }

    [Fact]
    public async Task Run_CancelledWhilePaused_Ends()
    {
        await using var run = await RunHub.StartAsync(new ScriptedForge());
        await run.UntilAtGateAsync(Gate.Anchor);
        await run.TellAsync(new RunSignal(RunSignalKind.Pause));
        await run.UntilAsync(RunStatus.Paused);
        await run.TellAsync(new RunSignal(RunSignalKind.Cancel, "enough"));
        Assert.Equal(RunStatus.Cancelled, (await run.OutcomeAsync()).Status);
        Assert.Equal(GateStatus.Cancelled, Assert.Single((await run.UntilAsync(RunStatus.Cancelled)).Gates).Status);
    }

    [Fact]
    public async Task Run_StepFailsForAPassingReason_IsTriedAgain()
    {
        var attempts = 0;
        await using var run = await RunHub.StartAsync(new ScriptedForge
        {
            BeforeCheckout = () =>
            {
                if (Interlocked.Increment(ref attempts) == 1)
                    throw new StepException(ErrorCodes.RepositoryUnreachable, "The remote does not answer.", transient: true);
            },
        });
        await run.UntilAtGateAsync(Gate.Anchor);
        Assert.Equal(3, attempts);
    }

    [Fact]
    public async Task Run_StorageIsAwayInMidStep_UsesUpNoneOfTheTriesOfOtherFaults()
    {
        var attempts = 0;
        await using var run = await RunHub.StartAsync(new ScriptedForge
        {
            BeforeCheckout = () =>
            {
                switch (Interlocked.Increment(ref attempts))
                {
                    case 2: throw new StorageUnavailableException(isRefusal: false, "Azure Storage takes no requests: HTTP 503.");
                    case 3 or 4: throw new StepException(ErrorCodes.RepositoryUnreachable, "The remote does not answer.", transient: true);
                }
            },
        });
        await run.UntilAtGateAsync(Gate.Anchor);
        Assert.Equal(5, attempts);
        Assert.Equal(["run_started", "documentation_generated", "gate_requested"], await run.LogAsync());
    }

    [Fact]
    public async Task Run_ActivityThrows_IsTriedAgain()
    {
        var attempts = 0;
        await using var run = await RunHub.StartAsync(new ScriptedForge
        {
            BeforeCheckout = () =>
            {
                if (Interlocked.Increment(ref attempts) == 1) throw new InvalidOperationException("a bug");
            },
        });
        await run.UntilAtGateAsync(Gate.Anchor);
        Assert.Equal(["run_started", "documentation_generated", "gate_requested"], await run.LogAsync());
    }

    [Fact]
    public async Task Run_StartedAgain_IsOneRun()
    {
        await using var run = await RunHub.StartAsync(new ScriptedForge());
        Assert.False(await run.StartOnceMoreAsync());
        await run.UntilAtGateAsync(Gate.Anchor);
        await run.DecideAsync(Gate.Anchor);
        await run.OutcomeAsync();
        Assert.False(await run.StartOnceMoreAsync());
        Assert.Equal(["run_started", "documentation_generated", "gate_requested", "gate_decision", "run_completed"], await run.LogAsync());
    }
}
