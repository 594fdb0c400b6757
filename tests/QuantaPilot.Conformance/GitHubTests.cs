using System.Net;
using QuantaPilot.Testing.GitHub;

namespace QuantaPilot.Conformance;

/// <summary>Runs over repositories on GitHub: the suite's, whose branches and merges are git's own.</summary>
public sealed class GitHubTests : Scenario
{
    [GitHubFact]
    public async Task Run_OnGitHub_AsksOnceChecksHaveSucceededAndMergesThere()
    {
        var repository = Server.Outside.Host(NewName("sample"), "version: 1\n");
        repository.CheckOfAll = new FakeCheckRun("build", null);
        var run = await StartAsync(repository);
        await Patiently.UntilAsync(
            run.GetAsync, shown => shown.TryGetProperty("step", out var step) && step.GetString() == "checks:1", "Checks were not awaited");
        var pull = Assert.Single(repository.PullRequests);
        Assert.True(pull.Draft);
        Assert.Equal(["run_started", "documentation_generated"], await run.LogNamesAsync());

        repository.CheckOfAll = new FakeCheckRun("build", "success");
        var review = (await run.UntilAskedAsync()).GetProperty("review");
        Assert.Equal((false, pull.HeadSha), (pull.Draft, review.Text("head_sha")));
        Assert.Equal(pull.Url, review.GetProperty("pull_request").Text("url"));
        Assert.Equal(["quantapilot"], pull.Labels);
        await run.ApproveAsync();

        await run.UntilEndAsync("completed");
        Assert.Equal(["Documentation for main (#1)", "Change by a person"], repository.Git.Lines("log", "--format=%s", "main"));
        Assert.Equal(pull.MergeSha, repository.Head("main"));
        Assert.Equal(["refs/heads/main"], repository.Git.Lines("for-each-ref", "--format=%(refname)"));
        Assert.Contains("approved", Assert.Single(pull.Comments).Body, StringComparison.Ordinal);
        Assert.Equal(Contract.WholeRun, await run.LogNamesAsync());
    }

    [GitHubFact]
    public async Task Check_ThatFails_EndsTheRunBeforeAnybodyIsAsked()
    {
        var repository = Server.Outside.Host(NewName("sample"), "version: 1\nlimits: { retries: 0 }\n");
        repository.CheckOfAll = new FakeCheckRun("build", "failure", "2 tests failed");
        var run = await StartAsync(repository);

        var ended = await run.UntilFailureAsync("checks_failed");

        Assert.Contains("build", ended.GetProperty("error").Text("message"), StringComparison.Ordinal);
        Assert.DoesNotContain("gate_requested", await run.LogNamesAsync());
        Assert.Null(Assert.Single(repository.PullRequests).MergeSha);
    }

    [GitHubFact]
    public async Task Push_ToWhatIsUnderReview_IsNotMergedWithAnApprovalOfWhatWasBefore()
    {
        var repository = Server.Outside.Host(NewName("sample"), "version: 1\n");
        repository.CheckOfAll = new FakeCheckRun("build", "success");
        var run = await StartAsync(repository);
        var reviewed = (await run.UntilAskedAsync()).GetProperty("review").Text("head_sha");

        var pushed = repository.Git.PushOnTop(run.DocumentationBranch);
        await run.ApproveAsync();
        var again = await run.UntilAskedAsync(after: 3);

        Assert.Equal(pushed, again.GetProperty("review").Text("head_sha"));
        Assert.Null(Assert.Single(repository.PullRequests).MergeSha);
        (await run.DecideAsync(true, headSha: reviewed)).ExpectProblem(HttpStatusCode.Conflict, "stale");
        (await run.DecideAsync(true, headSha: pushed)).Expect(HttpStatusCode.OK);
        await run.UntilEndAsync("completed");
    }
}
