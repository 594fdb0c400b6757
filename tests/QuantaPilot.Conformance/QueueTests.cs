using System.Net;
using System.Text.Json;

namespace QuantaPilot.Conformance;

/// <summary>Two runs of a project work at the same time; others wait for their turn.</summary>
public sealed class QueueTests : Scenario
{
    [QueueFact]
    public async Task Runs_OverTheLimit_WaitInOrderUntilOneGivesItsSlotBack()
    {
        var remote = await ServeAsync();
        var holds = new[] { remote.HoldNext(RemoteRequest.BranchesToPush), remote.HoldNext(RemoteRequest.BranchesToPush) };
        var first = await StartAsync(remote);
        await holds[0].UntilReachedAsync();
        await StartAsync(remote);
        await holds[1].UntilReachedAsync();

        var third = await StartAsync(remote);
        await UntilPlaceAsync(third, 1);
        var fourth = await StartAsync(remote);
        var queued = await UntilPlaceAsync(fourth, 2);
        Assert.Equal(("queued", "project"), (queued.Text("status"), queued.Text("queued_for")));
        Assert.Empty(await third.LogNamesAsync());

        // The first asks at its gate, where it needs no slot.
        holds[0].Release();
        await first.UntilAskedAsync();
        await third.UntilAskedAsync();
        await fourth.UntilAskedAsync();
        holds[1].Release();
    }

    [QueueFact]
    public async Task QueuedRun_CanBePausedResumedAndCancelled()
    {
        var remote = await ServeAsync();
        var holds = new[] { remote.HoldNext(RemoteRequest.BranchesToPush), remote.HoldNext(RemoteRequest.BranchesToPush) };
        for (var i = 0; i < 2; i++)
        {
            await StartAsync(remote);
            await holds[i].UntilReachedAsync();
        }
        var third = await StartAsync(remote);
        await UntilPlaceAsync(third, 1);
        var fourth = await StartAsync(remote);
        await UntilPlaceAsync(fourth, 2);

        (await third.ControlAsync("pause", "lunch")).Expect(HttpStatusCode.Accepted);
        await third.UntilStatusAsync("paused");
        await UntilPlaceAsync(fourth, 1);
        (await third.ControlAsync("resume")).Expect(HttpStatusCode.Accepted);
        // It came first, so it is before the other again.
        await UntilPlaceAsync(third, 1);
        await UntilPlaceAsync(fourth, 2);

        (await third.ControlAsync("cancel", "not needed")).Expect(HttpStatusCode.Accepted);
        await third.UntilEndAsync("cancelled");
        Assert.Equal(["run_paused", "run_resumed", "run_failed"], await third.LogNamesAsync());
        await UntilPlaceAsync(fourth, 1);
    }

    private static Task<JsonElement> UntilPlaceAsync(Run run, int place) => Patiently.UntilAsync(
        run.GetAsync,
        shown => shown.TryGetProperty("queue_position", out var position) && position.GetInt32() == place,
        $"Run {run.Id} did not get to place {place}");
}
