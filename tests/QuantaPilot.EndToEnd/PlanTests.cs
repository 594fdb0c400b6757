using System.Text.Json;

namespace QuantaPilot.EndToEnd;

/// <summary>Milestones one after the other, as the documentation plans them, each on top of what was merged before it.</summary>
public sealed class PlanTests : IClassFixture<PlanTests.Fixture>
{
    private const string Configuration =
        """
        version: 1
        agents: { coder: { type: command, run: [bash, tools/agent.sh], timeout: 1m } }

        """;

    private const string Plan =
        """
        # Milestones

        ## M-001: Greeting

        - [ ] it says hello

        ### Tasks

        1. greet.sh says hello

        ### Checks

        - `bash greet.sh`

        ## M-002: Farewell

        ### Tasks

        1. leave.sh says goodbye

        ### Checks

        - `bash leave.sh`
        """;

    /// <summary>The second milestone can't be done without what the first one left and what a person added.</summary>
    private const string DependentAgent =
        """
        set -eu
        case $QP_STEP in
          M-001/1) echo "by the first" > first.txt;;
          M-002/1) cat first.txt person.txt > second.txt;;
        esac
        """;

    private readonly Fixture _fixture;

    public PlanTests(Fixture fixture) => _fixture = fixture;

    private QpClient Client => _fixture.Client;

    [Fact]
    public async Task Run_PlanInTheDocumentation_CarriesOutEachMilestoneByAPullRequestOfItsOwn()
    {
        var repository = Repository(Configuration, SamplePipeline.Agent, Plan);

        var runId = await Client.StartRunAsync(repository.Url);
        await ApproveAsync(runId, SamplePipeline.Gates);
        var run = await Client.WaitForEndAsync(runId);

        Assert.True(run.GetProperty("status").GetString() == "completed", run.ToString());
        SamplePipeline.AssertMergedOnce(repository);
        var log = await Client.ReadLogAsync(runId);
        Assert.Equal(SamplePipeline.Events, log.Select(Name));
        Assert.Equal(
            ["M-001", "M-002"],
            log.Where(e => Name(e) == "milestone_completed").Select(e => e.GetProperty("data").GetProperty("milestone_id").GetString()));
        var milestones = run.GetProperty("milestones").EnumerateArray();
        Assert.Equal(
            [("M-001", "Greeting", "completed"), ("M-002", "Farewell", "completed")],
            milestones.Select(milestone => (Text(milestone, "id"), Text(milestone, "title"), Text(milestone, "status"))));
        var pullRequests = run.GetProperty("pull_requests").EnumerateArray().ToList();
        Assert.Equal(
            [$"quantapilot/{runId}/documentation", $"quantapilot/{runId}/M-001", $"quantapilot/{runId}/M-002"],
            pullRequests.Select(pullRequest => Text(pullRequest, "branch")));
        // The newest is on top of the target.
        var merged = pullRequests.Select(pullRequest => Text(pullRequest, "merge_sha"));
        Assert.Equal(merged.Reverse(), repository.Lines("log", "--format=%H", "-3", "main"));
    }

    [Fact]
    public async Task Run_PlanAtFault_FailsNamingTheLineBeforeAnybodyIsAsked()
    {
        var repository = Repository(
            Configuration, SamplePipeline.Agent, Plan.Replace("- `bash leave.sh`", "- run leave.sh", StringComparison.Ordinal));
        var line = Plan.Split('\n').Index().Single(line => line.Item == "- `bash leave.sh`").Index + 1;

        var run = await Client.WaitForEndAsync(await Client.StartRunAsync(repository.Url));

        Assert.Equal("configuration_invalid", Text(run.GetProperty("error"), "error_code"));
        var message = Text(run.GetProperty("error"), "message");
        Assert.StartsWith($"docs/30_milestones.md: line {line}: M-002: a check must be", message, StringComparison.Ordinal);
        Assert.Equal(["run_started", "run_failed"], await Client.ReadLogNamesAsync(Text(run, "run_id")));
        Assert.Empty(run.GetProperty("pull_requests").EnumerateArray());
        Assert.Single(repository.Lines("log", "--format=%H", "main"));
    }

    [Fact]
    public async Task Milestone_AfterAnother_SeesItsMergeAndThePushThatCameBeforeIt()
    {
        var repository = Repository(Configuration + "gates: { anchor: { required: false } }\n", DependentAgent, DependentPlan());

        var runId = await Client.StartRunAsync(repository.Url);
        await Client.WaitForEventAsync(runId, "gate_requested");
        // The first is done and not merged yet.
        PushByAPerson(repository);
        await ApproveAsync(runId, SamplePipeline.Gates[1..]);

        await AssertBuiltOnBothAsync(repository, runId);
    }

    [Fact]
    public async Task Milestone_AfterAnother_SeesItsMergeAndThePushThatCameAfterIt()
    {
        var repository = Repository(
            Configuration + "gates: { anchor: { required: false }, milestone: { required: false } }\n", DependentAgent, DependentPlan());
        var pushes = 0;
        _fixture.Remote.Intercept = context =>
        {
            // The first request after the merge: it is answered with what the person has pushed.
            if (repository.Lines("ls-tree", "--name-only", "main").Contains("first.txt") && Interlocked.Increment(ref pushes) == 1)
                PushByAPerson(repository);
            return Task.FromResult(false);
        };

        var runId = await Client.StartRunAsync(_fixture.Remote.UrlOf(repository));
        await Client.WaitForEndAsync(runId);

        Assert.True(pushes > 0);
        await AssertBuiltOnBothAsync(repository, runId);
    }

    private static string DependentPlan() => Plan.Replace("- `bash greet.sh`", "- `grep first first.txt`", StringComparison.Ordinal)
        .Replace("- `bash leave.sh`", "- `grep person second.txt`", StringComparison.Ordinal);

    private static void PushByAPerson(GitRepository repository) =>
        repository.CommitOnTop("main", ("person.txt", "by a person\n"));

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    private static string Name(JsonElement e) => Text(e, "type")["quantapilot.".Length..];

    private async Task AssertBuiltOnBothAsync(GitRepository repository, string runId)
    {
        var run = await Client.WaitForEndAsync(runId);

        Assert.True(run.GetProperty("status").GetString() == "completed", run.ToString());
        Assert.Equal(["by the first", "by a person"], repository.Lines("show", "main:second.txt"));
        Assert.Equal(["by a person"], repository.Lines("show", "main:person.txt"));
        // Two by people, and one for each pull request.
        Assert.Equal(5, repository.Lines("log", "--format=%H", "main").Count);
    }

    private async Task ApproveAsync(string runId, IEnumerable<string> gates)
    {
        var after = 0;
        foreach (var gate in gates)
        {
            var requested = await Client.WaitForEventAsync(runId, "gate_requested", after);
            after = requested.GetProperty("sequence").GetInt32();
            Assert.Equal("applied", await Client.DecideAsync(runId, gate, true));
        }
    }

    private GitRepository Repository(string configuration, string agent, string plan)
    {
        var repository = new GitRepository(_fixture.Directory, Path.GetRandomFileName());
        repository.Commit(
            "main",
            ("README.md", "# Sample\n\nGreets and leaves.\n"),
            ("quantapilot.yml", configuration),
            ("docs/30_milestones.md", plan),
            ("tools/agent.sh", agent));
        return repository;
    }

    /// <summary>One git server and one server of ours for all of these.</summary>
    public sealed class Fixture() : ServedRemotes(
        "--allow", "file://*", "--allow-commands", "file://*", "--allow", "http://127.0.0.1:*", "--allow-commands", "http://127.0.0.1:*");
}
