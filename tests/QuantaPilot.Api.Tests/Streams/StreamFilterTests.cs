using System.Net;
using System.Text.Json;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests.Streams;

/// <summary>Readers that want some of the events only.</summary>
public sealed class StreamFilterTests : IAsyncLifetime
{
    private const string Ours = "https://example.com/org/ours";
    private const string Theirs = "https://example.com/org/theirs";
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Stream_OfNamedEvents_TellsThoseAndEndsWithTheRun()
    {
        var id = await AddEndedRunAsync(Ours);

        using var answer = await _host.Admin.StreamAsync($"/runs/{id}/events?events=gate_requested,run_completed");

        var events = await answer.ToEndAsync();
        Assert.Equal(["2", "4"], events.Select(e => e.Id));
        Assert.Equal(["quantapilot.gate_requested", "quantapilot.run_completed"], events.Select(e => e.Type));
    }

    [Fact]
    public async Task Stream_OfNamedEventsResumed_TellsTheRestOfThose()
    {
        var id = await AddEndedRunAsync(Ours);

        using var answer = await _host.Admin.StreamAsync($"/runs/{id}/events?events=gate_requested,run_completed", "2");

        Assert.Equal(["4"], (await answer.ToEndAsync()).Select(e => e.Id));
    }

    [Fact]
    public async Task List_OfNamedEventsInPages_GivesEachOnce()
    {
        var id = await AddEndedRunAsync(Ours);
        var seen = new List<long>();
        string? after = "0";
        while (after is not null)
        {
            var path = $"/runs/{id}/events?events=run_started,gate_decision&after={after}&limit=1";
            var page = JsonElement.Parse(await _host.Admin.GetStringAsync(path));
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(e => e.GetProperty("sequence").GetInt64()));
            after = page.TryGetProperty("next_cursor", out var next) ? next.GetString() : null;
        }

        Assert.Equal([1, 3], seen);
    }

    [Fact]
    public async Task StreamOfAll_OfAProjectInAnySpelling_TellsItsEventsOnly()
    {
        var ours = await AddEndedRunAsync(Ours);
        await AddEndedRunAsync(Theirs);
        var later = await AddEndedRunAsync(Ours);

        using var answer = await _host.Admin.StreamAsync(
            "/events?after=0&events=run_started,run_completed&project=HTTPS://Example.com:443/org/ours.git");

        Assert.Equal([$"{ours}:1", $"{ours}:4", $"{later}:1", $"{later}:4"], (await answer.TakeAsync(4)).Select(e => e.Id));
    }

    [Fact]
    public async Task StreamOfAll_OfAProjectOutsideTheToken_TellsNothingOfIt()
    {
        await AddEndedRunAsync(Theirs);
        var ours = await AddEndedRunAsync(Ours);
        using var client = await _host.ClientAsync("us", [TokenRole.Consumer], [Ours], null);
        using var all = await client.StreamAsync("/events?after=0&events=run_completed");
        using var theirs = await client.StreamAsync($"/events?after=0&project={Theirs}");

        Assert.Equal([$"{ours}:4"], (await all.TakeAsync(1)).Select(e => e.Id));
        var shown = theirs.CommentAsync();
        while (!shown.IsCompleted)
        {
            _host.Time.Advance(TimeSpan.FromSeconds(15));
            await Task.Yield();
        }
        Assert.StartsWith(":", await shown, StringComparison.Ordinal);
        Assert.Equal(0, theirs.EventsPassedOver);
    }

    [Theory]
    [InlineData("/events?events=run_ended", "events")]
    [InlineData("/events?events=", "events")]
    [InlineData("/events?events=run_started,", "events")]
    [InlineData("/events?events=run_started&events=run_failed", "events")]
    [InlineData("/events?project=x", "project")]
    [InlineData("/runs/RUN/events?events=Run_started", "events")]
    [InlineData("/runs/RUN/events?project=https://example.com/org/ours", "project")]
    public async Task Get_FilterAtFault_IsNamed(string path, string name)
    {
        var id = await AddEndedRunAsync(Ours);

        using var answer = await _host.Admin.GetAsync(path.Replace("RUN", $"{id}", StringComparison.Ordinal));

        var problem = await answer.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest);
        Assert.Equal([name], problem.Errors!.Keys);
    }

    [Fact]
    public async Task Get_LastEventIdTwice_IsRefused()
    {
        var id = await AddEndedRunAsync(Ours);
        foreach (var path in new[] { $"/runs/{id}/events", "/events" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("Last-Event-ID", ["1", "2"]);
            using var answer = await _host.Admin.SendAsync(request);
            var problem = await answer.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest);
            Assert.Equal(["Last-Event-ID"], problem.Errors!.Keys);
        }
    }

    private Task<RunId> AddEndedRunAsync(string project) => _host.AddRunAsync(
        Scenario.Run(project), Scenario.Started(), Scenario.AnchorRequested(), Scenario.Decided(), Scenario.Completed(4));
}
