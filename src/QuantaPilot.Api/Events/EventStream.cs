using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using QuantaPilot.Api.Access;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Events;

/// <summary>
/// Live streams: pages of the log for as long as there are any, then a wait for a change, and again. A stream ends when its
/// token is revoked or expires: nothing is written after that but what was on its way.
/// </summary>
internal sealed class EventStream(IRunStore store, TokenAuthenticator authenticator, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private const int PageSize = 100;

    /// <summary>Per stream over all runs; some 100 KB.</summary>
    private const int RememberedEvents = 1000;

    /// <summary>Shorter than the idle time-outs of common proxies.</summary>
    private static readonly TimeSpan _heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>Events of one run after a sequence number; ends after its last.</summary>
    public Task OfRunAsync(HttpContext context, RunId runId, long after) => StreamAsync(context, runId, async cancellationToken =>
    {
        // Read before the events: an end that is seen here has all its events in the log already.
        var run = await store.GetAsync(runId, cancellationToken);
        var events = await store.ReadEventsAsync(runId, after, PageSize, cancellationToken);
        if (events.Count > 0) after = events[^1].Sequence;
        return new Page(
            events.Select(e => ($"{e.Sequence}", e)),
            IsLast: run is null || run.Status.HasEnded() && after >= run.Sequence,
            IsFull: events.Count == PageSize);
    });

    /// <summary>Events after a position in the log of all runs, of the projects that <paramref name="maySee"/> holds for; never ends by itself.</summary>
    public Task OfAllAsync(HttpContext context, long after, Func<string, bool> maySee)
    {
        var told = new RecentEvents(RememberedEvents);
        return StreamAsync(context, null, async cancellationToken =>
        {
            var events = await store.ReadAllEventsAsync(after, PageSize, cancellationToken);
            if (events.Count > 0) after = events[^1].Position;
            return new Page(
                [
                    .. from e in events
                       let id = new EventId(e.RunId, e.Sequence)
                       where maySee(e.Project) && told.Add(id)
                       select ($"{id}", e),
                ],
                IsLast: false,
                IsFull: events.Count == PageSize);
        });
    }

    private async Task StreamAsync(HttpContext context, RunId? runId, Func<CancellationToken, Task<Page>> read)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var writer = new EventStreamWriter(context);
        var caller = Caller.Of(context);
        try
        {
            await writer.OpenAsync(ended.Token);
            while (true)
            {
                var change = store.WaitForChangeAsync(runId, ended.Token);
                Page page;
                do
                {
                    page = await read(ended.Token);
                    if (!await authenticator.IsStillValidAsync(caller, ended.Token)) return;
                    await writer.WriteAsync(page.Events, ended.Token);
                    if (page.IsLast) return;
                }
                while (page.IsFull);
                while (!await IsDoneAsync(change, ended.Token))
                {
                    if (!await authenticator.IsStillValidAsync(caller, ended.Token)) return;
                    await writer.WriteHeartbeatAsync(ended.Token);
                }
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The reader has gone, or the host stops; a reader that comes back goes on from its last id.
        }
        finally
        {
            // Lets go of a wait that is still registered.
            await ended.CancelAsync();
        }
    }

    /// <summary>True once the change has come, false when it is time for a sign of life.</summary>
    private async Task<bool> IsDoneAsync(Task change, CancellationToken cancellationToken)
    {
        try
        {
            await change.WaitAsync(_heartbeat, time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private sealed record Page(IEnumerable<(string Id, LoggedEvent Event)> Events, bool IsLast, bool IsFull);
}
