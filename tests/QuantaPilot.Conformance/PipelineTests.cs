using System.Net;
using System.Text.Json;

namespace QuantaPilot.Conformance;

/// <summary>Whole runs, as far as they go without programs of the repository: documentation, anchor gate, merge.</summary>
public sealed class PipelineTests : Scenario
{
    [Fact]
    public async Task Run_ApprovedAtItsGate_MergesWhatWasReviewed()
    {
        var remote = await ServeAsync();
        var before = remote.Head("main");
        var correlationId = Guid.NewGuid().ToString();
        var answer = await Admin.PostAsync("/run", new { repo_url = remote.Url, branch = "main", correlation_id = correlationId });
        var run = Started(answer, remote);
        Assert.Equal(correlationId, answer.Expect(HttpStatusCode.Accepted).Text("correlation_id"));

        var gate = await run.UntilAskedAsync();
        AssertPending(gate, run);
        Assert.Equal("waiting", (await run.GetAsync()).Text("status"));
        Assert.Equal(before, remote.Head("main"));

        var decided = (await run.DecideAsync(true, "reads well", gate.GetProperty("review").Text("head_sha"))).Expect(HttpStatusCode.OK);
        Assert.Equal("applied", decided.Text("result"));
        Assert.Equal("approved", decided.GetProperty("gate").Text("status"));
        var ended = await run.UntilEndAsync("completed");

        AssertCompleted(ended, run, correlationId);
        Assert.Equal(Contract.WholeRun, await run.LogNamesAsync());
        Assert.Equal(2, remote.Subjects.Count);
        Assert.Contains("docs/ANCHOR.md", remote.Files);
        Assert.Equal(before, remote.Repository.Git("rev-parse", "main^"));
    }

    [Fact]
    public async Task Run_GateNotRequired_CompletesWithoutAsking()
    {
        var run = await StartAsync(await ServeAsync("version: 1\ngates: { anchor: { required: false } }\nmerge: merge\n"));

        var ended = await run.UntilEndAsync("completed");

        Assert.Equal(["run_started", "documentation_generated", "run_completed"], await run.LogNamesAsync());
        Assert.Empty(ended.Items("gates"));
        var parents = run.Remote.Repository.Git("log", "-1", "--format=%P", "main").Split(' ');
        Assert.Equal([run.Remote.Head(run.DocumentationBranch)], parents[1..]);
    }

    [Fact]
    public async Task Run_ConfigurationAtAnotherPath_IsReadThere()
    {
        const string Path = "ops/pipeline.yml";
        var remote = await ServeFilesAsync([(Path, "version: 1\ndocumentation: { path: a/b }\ngates: { anchor: { required: false } }\n")]);
        var answer = await Admin.PostAsync("/run", new { repo_url = remote.Url, branch = "main", quantapilot_yaml_path = Path });
        var run = Started(answer, remote);

        Assert.Equal(Path, (await run.UntilEndAsync("completed")).Text("quantapilot_yaml_path"));
        Assert.Contains("a/b/ANCHOR.md", remote.Files);
    }

    [Fact]
    public async Task Run_TargetMovedOnElsewhere_KeepsBoth()
    {
        var run = await StartWaitingAsync();
        run.Remote.Repository.Commit("main", ("other.txt", "A person's own.\n"));

        await run.ApproveAsync();

        await run.UntilEndAsync("completed");
        Assert.Contains("other.txt", run.Remote.Files);
        Assert.Contains("docs/ANCHOR.md", run.Remote.Files);
    }

    [Fact]
    public async Task Run_TargetMovedOnInConflict_IsDoneAnewAndAskedAgainWithTheReason()
    {
        var run = await StartWaitingAsync();
        run.Remote.Repository.Commit("main", ("docs/ANCHOR.md", "A person's own.\n"));
        var asked = (await run.LogAsync()).Count;

        await run.ApproveAsync();
        var gate = await run.UntilAskedAsync(asked);
        Assert.Contains("docs/ANCHOR.md", gate.GetProperty("review").Text("summary"), StringComparison.Ordinal);
        Assert.Equal($"{run.DocumentationBranch}.2", gate.GetProperty("review").GetProperty("pull_request").Text("branch"));
        await run.ApproveAsync();

        await run.UntilEndAsync("completed");
        Assert.Contains("docs/00_overview.md", run.Remote.Files);
        Assert.Equal("A person's own.", run.Remote.Repository.Git("show", "main:docs/ANCHOR.md"));
    }

    [Fact]
    public async Task Run_BranchThatIsNot_Fails()
    {
        var run = await StartAsync(await ServeAsync(), branch: "nowhere");

        await run.UntilFailureAsync("branch_not_found");

        Assert.Equal(["run_started", "run_failed"], await run.LogNamesAsync());
        Assert.Equal("branch_not_found", (await run.OnlyAsync("run_failed")).Text("error_code"));
    }

    [Fact]
    public async Task Run_RepositoryThatIsNot_Fails()
    {
        var remote = await ServeAsync();
        var answer = await Admin.PostAsync("/run", new { repo_url = remote.Project + "-elsewhere.git", branch = "main" });

        await Started(answer, remote).UntilFailureAsync("repository_not_found");
    }

    [Fact]
    public async Task Run_InvalidConfiguration_FailsNamingLineAndMember()
    {
        var run = await StartAsync(await ServeAsync("version: 1\nmerge: octopus\n"));

        var ended = await run.UntilFailureAsync("configuration_invalid");

        var error = ended.GetProperty("error");
        Assert.Contains("line 2: merge", error.Text("message"), StringComparison.Ordinal);
        var told = await run.OnlyAsync("run_failed");
        Assert.Equal(error.Text("message"), told.Text("message"));
    }

    private static void AssertPending(JsonElement gate, Run run)
    {
        Assert.Equal("pending", gate.Text("status"));
        Assert.Equal(run.Id, gate.Text("run_id"));
        Assert.NotEmpty(gate.Text("description"));
        Assert.Equal(1, gate.GetProperty("approvals_needed").GetInt32());
        Assert.Empty(gate.Items("votes"));
        // The default time-out of a gate.
        Assert.Equal(TimeSpan.FromDays(7), Contract.Time(gate.Text("expires_at")) - Contract.Time(gate.Text("requested_at")));
        var review = gate.GetProperty("review");
        Assert.Equal(run.Remote.Head(run.DocumentationBranch), review.Text("head_sha"));
        Assert.Equal(run.DocumentationBranch, review.GetProperty("pull_request").Text("branch"));
        Assert.Matches("^[0-9a-f]{64}$", review.Text("digest"));
        Assert.NotEmpty(review.Text("summary"));
    }

    private static void AssertCompleted(JsonElement ended, Run run, string correlationId)
    {
        Assert.Equal(run.Id, ended.Text("run_id"));
        Assert.Equal(run.Remote.Url, ended.Text("repo_url"));
        Assert.Equal(run.Remote.Project, ended.Text("project"));
        Assert.Equal("main", ended.Text("branch"));
        Assert.Equal(correlationId, ended.Text("correlation_id"));
        Assert.Equal(Contract.WholeRun.Length, ended.GetProperty("last_sequence").GetInt32());
        Assert.False(ended.TryGetProperty("error", out _));
        var pullRequest = Assert.Single(ended.Items("pull_requests"));
        Assert.Equal(run.Remote.Head("main"), pullRequest.Text("merge_sha"));
        string[] times = ["created_at", "started_at", "ended_at"];
        Assert.Equal(times.Select(time => Contract.Time(ended.Text(time))).Order(), times.Select(time => Contract.Time(ended.Text(time))));
        var vote = Assert.Single(Assert.Single(ended.Items("gates")).Items("votes"));
        Assert.True(vote.GetProperty("approved").GetBoolean());
        Assert.Equal("reads well", vote.Text("reason"));
    }
}
