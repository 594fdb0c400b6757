using System.Diagnostics;
using System.Net;

namespace QuantaPilot.Conformance;

/// <summary>Pause, resume and cancel, at a gate and while a step is in hand.</summary>
public sealed class ControlTests : Scenario
{
    /// <summary>Less than the 2 minutes after which a silent remote counts as unreachable.</summary>
    private static readonly TimeSpan RemoteSilence = TimeSpan.FromSeconds(100);

    [Fact]
    public async Task Pause_AtAGate_HoldsTheRunUntilItIsResumed()
    {
        var run = await StartWaitingAsync();

        (await run.ControlAsync("pause", "lunch")).Expect(HttpStatusCode.Accepted);
        var paused = await run.UntilEventAsync("run_paused");
        Assert.Equal("lunch", paused.GetProperty("data").Text("reason"));
        var shown = await run.GetAsync();
        Assert.Equal("paused", shown.Text("status"));
        Assert.Equal("lunch", shown.Text("status_reason"));

        // The decision counts, but a paused run goes no further.
        await run.ApproveAsync();
        Assert.Equal("paused", (await run.GetAsync()).Text("status"));
        (await run.ControlAsync("resume")).Expect(HttpStatusCode.Accepted);

        await run.UntilEndAsync("completed");
        Assert.Equal(
            ["run_started", "documentation_generated", "gate_requested", "run_paused", "run_resumed", "gate_decision", "run_completed"],
            await run.LogNamesAsync());
    }

    [Fact]
    public async Task Pause_DuringAStep_TakesEffectWhenTheStepHasEnded()
    {
        var remote = await ServeAsync();
        var push = remote.HoldNext(RemoteRequest.BranchesToPush);
        var run = await StartAsync(remote);
        await push.UntilReachedAsync();

        (await run.ControlAsync("pause", "wait a bit")).Expect(HttpStatusCode.Accepted);
        var pausing = await run.UntilStatusAsync("pausing");
        Assert.Equal("documentation", pausing.Text("step"));
        Assert.Equal(["run_started"], await run.LogNamesAsync());
        push.Release();

        await run.UntilEventAsync("run_paused");
        Assert.Equal(["run_started", "documentation_generated", "run_paused"], await run.LogNamesAsync());
        (await run.ControlAsync("resume")).Expect(HttpStatusCode.Accepted);
        await run.UntilAskedAsync();
    }

    [Fact]
    public async Task Resume_BeforeThePauseTookEffect_WithdrawsIt()
    {
        var remote = await ServeAsync();
        var push = remote.HoldNext(RemoteRequest.BranchesToPush);
        var run = await StartAsync(remote);
        await push.UntilReachedAsync();

        (await run.ControlAsync("pause", "oops")).Expect(HttpStatusCode.Accepted);
        await run.UntilStatusAsync("pausing");
        (await run.ControlAsync("resume")).Expect(HttpStatusCode.Accepted);
        await run.UntilStatusAsync("running");
        push.Release();

        await run.UntilAskedAsync();
        Assert.Equal(["run_started", "documentation_generated", "gate_requested"], await run.LogNamesAsync());
    }

    [Fact]
    public async Task Cancel_AtAGate_EndsTheRunAndMergesNothing()
    {
        var run = await StartWaitingAsync();

        (await run.ControlAsync("cancel", "no longer needed")).Expect(HttpStatusCode.Accepted);
        var ended = await run.UntilEndAsync("cancelled");

        Assert.Equal("cancelled", ended.GetProperty("error").Text("error_code"));
        var failed = await run.OnlyAsync("run_failed");
        Assert.Equal("cancelled", failed.Text("error_code"));
        Assert.Equal("no longer needed", failed.Text("message"));
        Assert.Equal("cancelled", (await run.GateAsync()).Text("status"));
        Assert.DoesNotContain("docs/ANCHOR.md", run.Remote.Files);
        (await run.DecideAsync(true)).ExpectProblem(HttpStatusCode.Conflict, "gate_not_pending");
    }

    [Fact]
    public async Task Cancel_WhilePaused_EndsTheRun()
    {
        var run = await StartWaitingAsync();
        (await run.ControlAsync("pause")).Expect(HttpStatusCode.Accepted);
        await run.UntilEventAsync("run_paused");

        (await run.ControlAsync("cancel")).Expect(HttpStatusCode.Accepted);

        await run.UntilEndAsync("cancelled");
        Assert.Equal(["run_paused", "run_failed"], (await run.LogNamesAsync()).TakeLast(2));
    }

    [Fact]
    public async Task Cancel_DuringATransfer_StopsItWithoutWaitingForTheRemote()
    {
        var remote = await ServeAsync();
        // Never released: only the cancellation can end this transfer in time.
        var push = remote.HoldNext(RemoteRequest.BranchesToPush);
        var run = await StartAsync(remote);
        await push.UntilReachedAsync();
        var clock = Stopwatch.StartNew();

        (await run.ControlAsync("cancel", "stop it")).Expect(HttpStatusCode.Accepted);

        await run.UntilEndAsync("cancelled");
        Assert.True(clock.Elapsed < RemoteSilence, $"The transfer went on for {clock.Elapsed}.");
        Assert.Equal(["run_started", "run_failed"], await run.LogNamesAsync());
    }

    [Fact]
    public async Task Control_WhereItDoesNotApply_IsRefusedNamingTheStatus()
    {
        var run = await StartWaitingAsync();
        await AssertRefusedAsync(run, "resume", "waiting");
        await run.ApproveAsync();
        await run.UntilEndAsync("completed");

        foreach (var action in new[] { "pause", "resume", "cancel" }) await AssertRefusedAsync(run, action, "completed");
    }

    private static async Task AssertRefusedAsync(Run run, string action, string status)
    {
        var problem = (await run.ControlAsync(action)).ExpectProblem(HttpStatusCode.Conflict, "invalid_state");
        Assert.Equal(run.Id, problem.Text("run_id"));
        Assert.Contains(status, problem.Text("detail"), StringComparison.Ordinal);
    }
}
