using System.Net;

namespace QuantaPilot.Conformance;

/// <summary>A rejection ends the run, with its reason.</summary>
public sealed class RejectionTests : Scenario
{
    [Fact]
    public async Task Reject_WithAReason_EndsTheRunAndMergesNothing()
    {
        var run = await StartWaitingAsync();
        var before = run.Remote.Head("main");

        var answer = (await run.DecideAsync(false, "the glossary is wrong")).Expect(HttpStatusCode.OK);
        Assert.Equal("applied", answer.Text("result"));
        var ended = await run.UntilFailureAsync("gate_rejected");

        Assert.Equal([.. Contract.WholeRun[..^1], "run_failed"], await run.LogNamesAsync());
        var decision = await run.OnlyAsync("gate_decision");
        Assert.False(decision.GetProperty("approved").GetBoolean());
        Assert.Equal("the glossary is wrong", decision.Text("reason"));
        Assert.Equal("gate_rejected", (await run.OnlyAsync("run_failed")).Text("error_code"));
        Assert.Contains("the glossary is wrong", ended.GetProperty("error").Text("message"), StringComparison.Ordinal);
        Assert.Equal("rejected", (await run.GateAsync()).Text("status"));
        Assert.Equal(before, run.Remote.Head("main"));
    }

    [Fact]
    public async Task Reject_WithoutAReason_IsRefusedAndTheGateStaysOpen()
    {
        var run = await StartWaitingAsync();

        (await run.DecideAsync(false)).ExpectInvalid("reason");

        Assert.Equal("pending", (await run.GateAsync()).Text("status"));
        await run.ApproveAsync();
        await run.UntilEndAsync("completed");
    }

    [Fact]
    public async Task Decide_AfterARejection_ChangesNothing()
    {
        var run = await StartWaitingAsync();
        (await run.DecideAsync(false, "no")).Expect(HttpStatusCode.OK);

        var late = (await run.DecideAsync(true, "yes after all")).Expect(HttpStatusCode.OK);

        Assert.Equal("already_decided", late.Text("result"));
        Assert.Equal("rejected", late.GetProperty("gate").Text("status"));
        await run.UntilFailureAsync("gate_rejected");
    }

    [Fact]
    public async Task Reason_WithSecretsAndAddresses_IsKeptWithoutThem()
    {
        var run = await StartWaitingAsync();

        (await run.DecideAsync(false, "ask ann@example.com, token ghp_0123456789abcdef0123456789abcdef0123")).Expect(HttpStatusCode.OK);

        await run.UntilFailureAsync("gate_rejected");
        Assert.Equal("ask [redacted], token [redacted]", (await run.OnlyAsync("gate_decision")).Text("reason"));
        var shown = (await Admin.GetAsync(run.Path)).Text;
        Assert.DoesNotContain("ann@example.com", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("ghp_", shown, StringComparison.Ordinal);
    }
}
