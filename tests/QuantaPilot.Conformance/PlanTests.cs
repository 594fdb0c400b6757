namespace QuantaPilot.Conformance;

/// <summary>What is to be done, from the documentation or quantapilot.yml, milestone by milestone.</summary>
public sealed class PlanTests : Scenario
{
    private const string Plan =
        """
        # Milestones

        ## M-001: Greeting

        - [ ] it greets

        ### Tasks

        1. greet.sh says hello

        ## M-002: Over already

        - [x] it was done by hand

        ### Tasks

        1. nothing

        ## M-003: Farewell

        ### Tasks

        1. leave.sh says goodbye
        """;

    [AgentFact]
    public async Task Plan_InTheDocumentation_IsCarriedOutOnceItIsApproved()
    {
        var configuration = AgentPipeline.Agents + "gates: { milestone: { required: false } }\n";
        var run = await StartAsync(await ServeFilesAsync([("quantapilot.yml", configuration), ("docs/30_milestones.md", Plan)]));
        var review = (await run.UntilAskedAsync()).GetProperty("review");
        Assert.Contains("M-001", review.Text("summary"), StringComparison.Ordinal);
        Assert.Contains("M-003", review.Text("summary"), StringComparison.Ordinal);
        await run.ApproveAsync();

        var first = await Agent.NextTaskAsync(run.Remote);
        Assert.Equal(("M-001/1", "greet.sh says hello"), (first.Step, first.Text("prompt")));
        Assert.Equal(["it greets"], first.Json.Items("criteria").Select(text => text.GetString()));
        await Agent.WriteAsync(first, "greet.sh", "echo hello\n");
        var second = await Agent.NextTaskAsync(run.Remote);
        Assert.Equal(("M-003/1", "leave.sh says goodbye"), (second.Step, second.Text("prompt")));
        await Agent.WriteAsync(second, "leave.sh", "echo goodbye\n");

        var ended = await run.UntilEndAsync("completed");
        Assert.Equal(["M-001 completed", "M-003 completed"], ended.Items("milestones").Select(m => $"{m.Text("id")} {m.Text("status")}"));
    }

    [AgentFact]
    public async Task Plan_InTheDocumentationWithAFault_IsRefusedWithItsLineBeforeAnybodyIsAsked()
    {
        var faulty = Plan.Replace("### Tasks\n\n1. nothing", "### Surprises\n\n1. nothing", StringComparison.Ordinal);
        var run = await StartAsync(await ServeFilesAsync([("quantapilot.yml", AgentPipeline.Agents), ("docs/30_milestones.md", faulty)]));

        var ended = await run.UntilFailureAsync("configuration_invalid");

        Assert.StartsWith("docs/30_milestones.md: line 15: M-002: ", ended.GetProperty("error").Text("message"), StringComparison.Ordinal);
        Assert.DoesNotContain("gate_requested", await run.LogNamesAsync());
    }

    [AgentFact]
    public async Task Milestone_AfterAnother_WorksOnWhatThatOneMerged()
    {
        var run = await StartAsync(await ServeAsync(AgentPipeline.TwoMilestones));
        await Agent.WriteAsync(await Agent.NextTaskAsync(run.Remote), "greet.sh", "echo hello\n");

        var second = await Agent.NextTaskAsync(run.Remote);

        Assert.Equal(run.Remote.Head("main"), second.Text("base_commit"));
        Assert.Equal("echo hello", run.Remote.Repository.Git("show", $"{second.Text("base_commit")}:greet.sh"));
        await Agent.WriteAsync(second, "leave.sh", "echo goodbye\n");
        await run.UntilEndAsync("completed");
        // By a person, for the documentation, and for each milestone.
        Assert.Equal(4, run.Remote.Subjects.Count);
    }
}
