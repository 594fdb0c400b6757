using System.Net;
using System.Text.Json;

namespace QuantaPilot.Conformance;

/// <summary>The event log of a run and its live stream.</summary>
public sealed class EventTests : Scenario
{
    [Fact]
    public async Task Log_OfARunWithAPause_HasEachEventOnceWithItsPayload()
    {
        var run = await StartWaitingAsync();
        (await run.ControlAsync("pause", "lunch")).Expect(HttpStatusCode.Accepted);
        var paused = await run.UntilEventAsync("run_paused");
        (await run.ControlAsync("resume")).Expect(HttpStatusCode.Accepted);
        await run.UntilEventAsync("run_resumed", paused.GetProperty("sequence").GetInt32());
        await run.ApproveAsync();
        var ended = await run.UntilEndAsync("completed");

        var log = await run.LogAsync();

        Assert.Equal(log.Count, ended.GetProperty("last_sequence").GetInt32());
        var started = log[0].GetProperty("data");
        Assert.Equal(run.Remote.Url, started.Text("repo_url"));
        Assert.Equal("main", started.Text("branch"));
        Assert.Equal(ended.Text("correlation_id"), started.Text("correlation_id"));
        var generated = log[1].GetProperty("data");
        Assert.Equal(run.DocumentationBranch, generated.Text("docs_branch"));
        var pullRequest = Assert.Single(ended.Items("pull_requests"));
        Assert.Equal(pullRequest.GetProperty("number").GetInt32(), generated.GetProperty("pr_number").GetInt32());
        Assert.Equal("anchor", log[2].GetProperty("data").Text("gate"));
        Assert.Equal("lunch", log[3].GetProperty("data").Text("reason"));
        Assert.Equal("anchor", log[5].GetProperty("data").Text("gate"));
        Assert.True(log[5].GetProperty("data").GetProperty("approved").GetBoolean());
        Assert.Equal("reads well", log[5].GetProperty("data").Text("reason"));
    }

    [Fact]
    public async Task List_InPages_GivesEachEventOnceInOrder()
    {
        var run = await StartWaitingAsync();
        await run.ApproveAsync();
        await run.UntilEndAsync("completed");
        var log = await run.LogAsync();

        for (var limit = 1; limit <= log.Count; limit++)
            Assert.Equal(Names(log, "id"), Names(await Admin.ListAsync($"{run.Path}/events", limit), "id"));
        for (var after = 0; after <= log.Count; after++)
        {
            var rest = (await Admin.GetAsync($"{run.Path}/events?after={after}")).Expect(HttpStatusCode.OK);
            Assert.Equal(Names(log.Skip(after), "id"), Names(rest.Items(), "id"));
            Assert.False(rest.TryGetProperty("next_cursor", out _));
        }
    }

    [Fact]
    public async Task Stream_OfALiveRun_TellsWhatTheLogHoldsAndEndsWithTheRun()
    {
        var run = await StartAsync(await ServeAsync());
        using var stream = await Admin.StreamAsync($"{run.Path}/events");
        var told = new List<StreamedEvent>();
        while (told.Count == 0 || told[^1].Type != "quantapilot.gate_requested") told.AddRange(await stream.TakeAsync(1));
        await run.ApproveAsync();
        told.AddRange(await stream.ToEndAsync());

        var log = await run.LogAsync();
        AssertTells(log, told);
        Assert.Equal("quantapilot.run_completed", told[^1].Type);
    }

    [Fact]
    public async Task Stream_DroppedInTheMiddle_GoesOnWithoutLossOrRepeat()
    {
        var run = await StartAsync(await ServeAsync());
        var told = new List<StreamedEvent>();
        string? last = null;
        while (told.Count == 0 || told[^1].Type != "quantapilot.run_completed")
        {
            // A new connection for each event; the run goes on between them.
            using var stream = await Admin.StreamAsync($"{run.Path}/events", last);
            told.AddRange(await stream.TakeAsync(1));
            last = told[^1].Id;
            if (told[^1].Type == "quantapilot.gate_requested") await run.ApproveAsync();
        }

        AssertTells(await run.LogAsync(), told);
    }

    [Fact]
    public async Task Stream_FromEachPlaceOfAnEndedRun_GivesTheRestAndEnds()
    {
        var run = await StartWaitingAsync();
        await run.ApproveAsync();
        await run.UntilEndAsync("completed");
        var log = await run.LogAsync();

        for (var after = 0; after <= log.Count; after++)
        {
            using var stream = await Admin.StreamAsync($"{run.Path}/events", $"{after}");
            AssertTells([.. log.Skip(after)], await stream.ToEndAsync());
        }
    }

    [Fact]
    public async Task Stream_FromAPlaceThatIsNone_IsRefused()
    {
        var run = await StartAsync(await ServeAsync());

        var answer = await Admin.GetAsync($"{run.Path}/events", ("Accept", "text/event-stream"), ("Last-Event-ID", "x"));

        answer.ExpectInvalid("Last-Event-ID");
    }

    private static void AssertTells(IReadOnlyList<JsonElement> log, List<StreamedEvent> told)
    {
        Assert.Equal(log.Select(e => $"{e.GetProperty("sequence").GetInt64()}"), told.Select(e => e.Id));
        Assert.Equal(Names(log, "type"), told.Select(e => e.Type));
        Assert.Equal(log.Select(e => e.GetRawText()), told.Select(e => e.Data.GetRawText()));
    }
}
