namespace QuantaPilot.Conformance;

/// <summary>Agents that ask a model: the suite's, which writes what it is told to.</summary>
public sealed class ChatTests : Scenario
{
    private const string Configuration =
        """
        version: 1
        documentation: { agent: model }
        agents: { model: { type: chat } }

        """;

    [ChatFact]
    public async Task Run_WithDocumentsAndATaskOfAModel_HasThemMergedAndCounted()
    {
        const string Milestones =
            """
            milestones:
              - { id: M-001, title: Notes, tasks: [ { agent: model, prompt: Write notes.md } ] }
            """;
        var run = await StartAsync(await ServeAsync(Configuration + Milestones));
        var review = (await run.UntilAskedAsync()).GetProperty("review");
        Assert.Contains("loopback-1", review.Text("summary"), StringComparison.Ordinal);
        await run.ApproveAsync();
        await run.UntilAskedAsync(after: 4, gate: "milestone:M-001");
        await run.ApproveAsync("milestone:M-001");

        var ended = await run.UntilEndAsync("completed");

        Assert.Contains("The model writes.", run.Remote.Repository.Git("show", "main:docs/ANCHOR.md"), StringComparison.Ordinal);
        Assert.Equal("# Notes", run.Remote.Repository.Git("show", "main:notes.md"));
        // Of eleven documents and a task, 110 each.
        Assert.Equal(1_320, ended.GetProperty("usage").GetProperty("tokens").GetInt32());
    }

    [ChatFact]
    public async Task Reject_WithRework_HasTheModelWriteWhatTheReviewerWants()
    {
        var run = await StartAsync(await ServeAsync(Configuration + "gates: { anchor: { on_reject: rework } }\n"));
        var first = (await run.UntilAskedAsync()).GetProperty("review").Text("head_sha");

        await run.DecideAsync(false, Outside.Wish);
        var second = (await run.UntilAskedAsync(after: 3)).GetProperty("review").Text("head_sha");
        Assert.NotEqual(first, second);
        await run.ApproveAsync();

        var ended = await run.UntilEndAsync("completed");
        Assert.Equal(2, ended.GetProperty("documentation_round").GetInt32());
        Assert.Contains("The model writes more.", run.Remote.Repository.Git("show", "main:docs/ANCHOR.md"), StringComparison.Ordinal);
    }

    [ChatFact]
    public async Task Run_NamingAnEndpointThatIsNot_FailsBeforeAnythingHappens()
    {
        var configuration = Configuration.Replace("type: chat", "type: chat, endpoint: nowhere", StringComparison.Ordinal);
        var run = await StartAsync(await ServeAsync(configuration));

        var ended = await run.UntilFailureAsync("agent_not_allowed");

        Assert.Contains("nowhere", ended.GetProperty("error").Text("message"), StringComparison.Ordinal);
        Assert.Equal(["run_started", "run_failed"], await run.LogNamesAsync());
    }
}
