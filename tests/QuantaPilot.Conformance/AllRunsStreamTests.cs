using System.Net;

namespace QuantaPilot.Conformance;

/// <summary>The stream over all runs that a caller may see.</summary>
public sealed class AllRunsStreamTests : Scenario
{
    [Fact]
    public async Task Stream_DroppedInTheMiddle_TellsEachEventOfAllRunsOnce()
    {
        var remotes = await Task.WhenAll(ServeAsync(), ServeAsync(), ServeAsync());
        var reader = await CallerAsync(["consumer"], [.. remotes.Select(remote => remote.Project)]);
        var told = new List<StreamedEvent>();
        using (var stream = await reader.StreamAsync("/events"))
        {
            foreach (var remote in remotes) await StartAsync(remote);
            told.AddRange(await stream.TakeAsync(2));
        }
        var runs = (await reader.ListAsync("/runs", 50)).ToDictionary(r => r.Text("run_id"), r => r.Text("project"));
        while (told.Count(e => e.Type == "quantapilot.run_completed") < remotes.Length)
        {
            // A new connection for every two events, while the runs go on.
            using var stream = await reader.StreamAsync("/events", told[^1].Id);
            for (var i = 0; i < 2 && told.Count(e => e.Type == "quantapilot.run_completed") < remotes.Length; i++)
            {
                told.AddRange(await stream.TakeAsync(1));
                if (told[^1].Type != "quantapilot.gate_requested") continue;
                var decision = await Admin.PostAsync($"/runs/{told[^1].Data.Text("subject")}/gates/anchor", new { approved = true });
                decision.Expect(HttpStatusCode.OK);
            }
        }

        Assert.Equal(remotes.Length, runs.Count);
        Assert.All(told, e => Assert.Equal(e.Id, e.Data.Text("id")));
        Assert.Equal(told.Count, told.Select(e => e.Id).Distinct().Count());
        foreach (var (runId, project) in runs)
        {
            Assert.Contains(remotes, remote => remote.Project == project);
            var log = await reader.ListAsync($"/runs/{runId}/events", 200);
            Assert.Equal(Names(log, "id"), told.Where(e => e.Data.Text("subject") == runId).Select(e => e.Id));
        }
    }

    [Fact]
    public async Task Stream_FromAnEarlierEvent_GivesAllThatCameAfterIt()
    {
        var remote = await ServeAsync();
        var reader = await CallerAsync(["consumer"], [remote.Project]);
        var run = await StartAsync(remote);
        await run.UntilAskedAsync();
        await run.ApproveAsync();
        await run.UntilEndAsync("completed");
        var log = await run.LogAsync();

        for (var seen = 1; seen < log.Count; seen++)
        {
            using var stream = await reader.StreamAsync("/events", log[seen - 1].Text("id"));
            Assert.Equal(Names(log.Skip(seen), "id"), (await stream.TakeAsync(log.Count - seen)).Select(e => e.Id));
        }
    }

    [Fact]
    public async Task Stream_ForOneProject_TellsNothingOfOthers()
    {
        var (ours, theirs) = (await ServeAsync(), await ServeAsync());
        var reader = await CallerAsync(["consumer"], [ours.Project]);
        using var stream = await reader.StreamAsync("/events");

        var hidden = await StartAsync(theirs);
        await hidden.UntilAskedAsync();
        var shown = await StartAsync(ours);

        Assert.Equal([$"{shown.Id}:1", $"{shown.Id}:2", $"{shown.Id}:3"], (await stream.TakeAsync(3)).Select(e => e.Id));
    }

    [Fact]
    public async Task Stream_OfNamedEventsOfOneProject_TellsThoseOnly()
    {
        var (ours, theirs) = (await ServeAsync(), await ServeAsync());
        using var stream = await Admin.StreamAsync($"/events?events=run_started,gate_requested&project={Uri.EscapeDataString(ours.Url)}");

        var other = await StartAsync(theirs);
        await other.UntilAskedAsync();
        var run = await StartAsync(ours);
        await run.UntilAskedAsync();

        Assert.Equal([$"{run.Id}:1", $"{run.Id}:3"], (await stream.TakeAsync(2)).Select(e => e.Id));
        var log = await Admin.ListAsync($"{run.Path}/events?events=documentation_generated", 1);
        Assert.Equal([$"{run.Id}:2"], Names(log, "id"));
    }

    [Fact]
    public async Task Stream_FromAnEventThatIsNone_IsRefused()
    {
        var answer = await Admin.GetAsync("/events", ("Accept", "text/event-stream"), ("Last-Event-ID", $"{new string('0', 32)}:1"));

        answer.ExpectInvalid("Last-Event-ID");
    }
}
