namespace QuantaPilot.Conformance;

/// <summary>Faults of the remote that pass: a step is repeated, and what it did before is neither lost nor done twice.</summary>
public sealed class RetryTests : Scenario
{
    [Fact]
    public async Task Remote_ThatFailsTwiceAndThenWorks_LeavesNoTraceInTheRun()
    {
        var remote = await ServeAsync();
        // A step is tried three times.
        remote.Fail(2);
        var run = await StartAsync(remote);
        await run.UntilAskedAsync();

        remote.Fail(2);
        await run.ApproveAsync();

        await run.UntilEndAsync("completed");
        Assert.Equal(Contract.WholeRun, await run.LogNamesAsync());
        Assert.Equal(2, remote.Subjects.Count);
    }

    [Fact]
    public async Task Remote_ThatTakesThePushesButDoesNotAnswer_HoldsEachChangeOnce()
    {
        var remote = await ServeAsync();
        remote.LoseAnswer(RemoteRequest.Push);
        var run = await StartAsync(remote);
        await run.UntilAskedAsync();
        Assert.Single(remote.Repository.Lines("log", "--format=%s", $"main..{run.DocumentationBranch}"));

        remote.LoseAnswer(RemoteRequest.Push);
        await run.ApproveAsync();

        await run.UntilEndAsync("completed");
        Assert.Equal(Contract.WholeRun, await run.LogNamesAsync());
        Assert.Equal(2, remote.Subjects.Count);
    }

    [Fact]
    public async Task Remote_ThatGoesOnFailing_EndsTheRunNamingWhatItAnswers()
    {
        var remote = await ServeAsync();
        remote.Fail(int.MaxValue);
        var run = await StartAsync(remote);

        var ended = await run.UntilFailureAsync("repository_unreachable");

        Assert.Contains("503", ended.GetProperty("error").Text("message"), StringComparison.Ordinal);
        Assert.Equal(["run_started", "run_failed"], await run.LogNamesAsync());
    }
}
