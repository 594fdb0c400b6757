using System.Net;
using System.Text.Json;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests;

public sealed class EventTests : IAsyncLifetime
{
    private const int Last = 300;
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task List_InPages_GivesEachEventOnceInOrder()
    {
        var id = await _host.AddRunAsync(Scenario.Run(), [.. Enumerable.Range(1, 25).Select(i => Scenario.Tick(i))]);
        var seen = new List<long>();
        string? after = "0";
        while (after is not null)
        {
            var page = JsonElement.Parse(await _host.Admin.GetStringAsync($"/runs/{id}/events?after={after}&limit=10"));
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(e => e.GetProperty("sequence").GetInt64()));
            after = page.TryGetProperty("next_cursor", out var next) ? next.GetString() : null;
        }

        Assert.Equal(Enumerable.Range(1, 25).Select(i => (long)i), seen);
    }

    [Fact]
    public async Task Stream_FromEachId_GivesTheRestWhileEventsAreAppended()
    {
        var id = await _host.AddRunAsync(Scenario.Run(), Scenario.Started());
        var appending = AppendAsync(id);
        var readers = Enumerable.Range(0, 20).Select(i => i * Last / 20).Select(async after =>
        {
            using var answer = await OpenAsync($"/runs/{id}/events", after == 0 ? null : $"{after}");
            return (After: after, Events: await new EventReader(await answer.Content.ReadAsStreamAsync()).ToEndAsync());
        });

        foreach (var (after, events) in await Task.WhenAll(readers))
        {
            Assert.Equal(Enumerable.Range(after + 1, Last - after).Select(i => $"{i}"), events.Select(e => e.Id));
            Assert.All(events, e => Assert.Equal(e.Type, e.Data.GetProperty("type").GetString()));
            Assert.Equal("quantapilot.run_completed", events[^1].Type);
        }
        await appending;
    }

    [Fact]
    public async Task StreamOfAll_ResumedAnywhere_GivesTheRestOfAllRunsWithoutLossOrRepeat()
    {
        var first = await _host.AddRunAsync(Scenario.Run(), Scenario.Started());
        var second = await _host.AddRunAsync(Scenario.Run(), Scenario.Started());
        var appending = Task.WhenAll(AppendAsync(first), AppendAsync(second));
        using var whole = await OpenAsync("/events?after=0", null);
        var all = await new EventReader(await whole.Content.ReadAsStreamAsync()).TakeAsync(2 * Last);
        await appending;

        foreach (var at in new[] { 0, 1, Last, 2 * Last - 2 })
        {
            using var resumed = await OpenAsync("/events", all[at].Id);
            var rest = await new EventReader(await resumed.Content.ReadAsStreamAsync()).TakeAsync(2 * Last - at - 1);
            Assert.Equal(all.Skip(at + 1).Select(e => e.Id), rest.Select(e => e.Id));
        }
        foreach (var run in new[] { first, second })
        {
            Assert.Equal(
                Enumerable.Range(1, Last)
                    .Select(i => $"{run}:{i}"), all.Select(e => e.Id)
                    .Where(id => id.StartsWith(run.ToString(), StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task StreamOfAll_WithoutAPlaceToGoOnFrom_BeginsNow()
    {
        await _host.AddRunAsync(Scenario.Run(), Scenario.Started());
        using var answer = await OpenAsync("/events", null);

        var later = await _host.AddRunAsync(Scenario.Run(), Scenario.Started());

        var e = Assert.Single(await new EventReader(await answer.Content.ReadAsStreamAsync()).TakeAsync(1));
        Assert.Equal($"{later}:1", e.Id);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Stream_WhereNothingHappens_ShowsThatItLives()
    {
        var id = await _host.AddRunAsync(Scenario.Run(), Scenario.Started());
        using var answer = await OpenAsync($"/runs/{id}/events", null);
        var reader = new EventReader(await answer.Content.ReadAsStreamAsync());
        await reader.TakeAsync(1);
        var comment = reader.CommentAsync();

        // The stream may set its timer at any moment from now on: time goes by until it has gone off.
        while (!comment.IsCompleted)
        {
            _host.Time.Advance(TimeSpan.FromSeconds(15));
            await Task.Yield();
        }

        Assert.StartsWith(":", await comment, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_OfAnEndedRunAfterItsLastEvent_EndsAtOnce()
    {
        var id = await _host.AddRunAsync(Scenario.Run(), Scenario.Started(), Scenario.Completed(2));

        using var answer = await OpenAsync($"/runs/{id}/events", "2");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Empty(await new EventReader(await answer.Content.ReadAsStreamAsync()).ToEndAsync());
    }

    private async Task AppendAsync(RunId id)
    {
        for (var revision = 2; revision < Last; revision++) await _host.Store.AppendAsync(id, [Scenario.Tick(revision)], default);
        await _host.Store.AppendAsync(id, [Scenario.Completed(Last)], default);
    }

    private async Task<HttpResponseMessage> OpenAsync(string path, string? lastEventId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (lastEventId is not null) request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        return await _host.Admin.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
