using System.Net;
using System.Text.Json;

namespace QuantaPilot.Conformance;

/// <summary>What agents and checks wrote, as the API gives it to programs and to people.</summary>
public sealed class LogTests : Scenario
{
    [AgentFact]
    public async Task Log_OfAnAgentElsewhere_IsReadByPageByStepAndAsText()
    {
        var run = await StartAsync(await ServeAsync(AgentPipeline.OneTask));
        var task = await Agent.NextTaskAsync(run.Remote);
        foreach (var message in new[] { "building", "testing, says olga@example.com", "done" })
            await Agent.AnswerAsync(task, new { status = "running", message });

        var entries = await Admin.ListAsync($"{run.Path}/logs", 2);

        Assert.Equal(3, entries.Count);
        Assert.Equal(["building", "done"], Names([entries[0], entries[2]], "text"));
        // Kept without what leads to people.
        Assert.DoesNotContain("olga", entries[1].Text("text"), StringComparison.Ordinal);
        Assert.All(entries, entry => Assert.Equal(("M-001/1", "remote", 1), (entry.Text("step"), entry.Text("source"), Round(entry))));
        var sequences = entries.Select(entry => entry.GetProperty("sequence").GetInt64()).ToList();
        Assert.Equal(sequences.Order().Distinct(), sequences);
        Assert.Equal(["done"], Names(await Admin.ListAsync($"{run.Path}/logs?after={sequences[1]}", 50), "text"));
        Assert.Equal(3, (await Admin.ListAsync($"{run.Path}/logs?step=M-001", 50)).Count);
        Assert.Empty(await Admin.ListAsync($"{run.Path}/logs?step=documentation", 50));
        var text = await Admin.GetAsync($"{run.Path}/logs", ("Accept", "text/plain"));
        Assert.Equal("text/plain", text.ContentHeaders.ContentType?.MediaType);
        Assert.Contains("building", text.Text, StringComparison.Ordinal);
    }

    [CommandsFact]
    public async Task Log_OfProgramsAndChecks_HoldsWhatTheyWroteInOrder()
    {
        const string Gates = "\ngates: { anchor: { required: false }, milestone: { required: false } }\n";
        var remote = await ServeFilesAsync(
            [
                ("quantapilot.yml", SamplePipeline.Configuration + Gates),
                ("tools/agent.sh", SamplePipeline.Agent + "\necho working on $QP_PROMPT\necho to standard error >&2\n"),
            ],
            Remote.CommandsPrefix);
        var run = await StartAsync(remote);
        await run.UntilEndAsync("completed");

        var first = await Admin.ListAsync($"{run.Path}/logs?step=M-001", 50);
        var lines = first.SelectMany(entry => entry.Text("text").Split('\n'), (entry, line) => (Source: entry.Text("source"), Line: line))
            .ToList();

        Assert.Contains(("coder", "working on greet.sh says hello"), lines);
        Assert.Contains(("coder", "to standard error"), lines);
        Assert.Equal("hello", lines[^1].Line);
        Assert.Equal("bash greet.sh", lines[^1].Source);
        Assert.DoesNotContain(lines, line => line.Line.Contains("leave.sh", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Log_OfARunWithoutAny_IsEmptyAndForbiddenToOthersAndAskedForRightly()
    {
        var run = await StartWaitingAsync();

        Assert.Empty((await Admin.GetAsync($"{run.Path}/logs")).Expect(HttpStatusCode.OK).Items());
        (await Admin.GetAsync($"{run.Path}/logs?step=../etc&after=x")).ExpectInvalid("step", "after");
        var elsewhere = await CallerAsync(["consumer"], ["https://example.com/*"]);
        (await elsewhere.GetAsync($"{run.Path}/logs")).ExpectProblem(HttpStatusCode.NotFound, "not_found");
        (await Caller(null).GetAsync($"{run.Path}/logs")).ExpectProblem(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    private static int Round(JsonElement entry) => entry.GetProperty("round").GetInt32();
}
