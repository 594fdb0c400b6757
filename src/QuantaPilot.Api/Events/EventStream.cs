using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using QuantaPilot.Api.Access;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Events;

/// <summary>
/// Live streams: pages of the log for as long as there are any, then a wait for a change, and again. The token is looked at
/// before each page and each sign of life, so that a stream ends within 15 s of its token's revocation or expiry (plus the 10 s
/// for which a store that several hosts share may remember a token), and tells nothing after that but what was on its way.
/// </summary>
internal sealed class EventStream(IRunStore store, TokenAuthenticator authenticator, TimeProvider time, IHostApplicationLifetime lifetime)
{
    /// <summary>Per stream over all runs; some 60 KB, and the ids of their runs once for all streams.</summary>
    private const int RememberedEvents = 1000;

    /// <summary>Shorter than the idle time-outs of common proxies.</summary>
    private static readonly TimeSpan _heartbeat = TimeSpan.FromSeconds(15);

    private readonly SharedPages _pages = new(store);

    /// <summary>Events of one run after a sequence number; ends after its last.</summary>
    public Task OfRunAsync(HttpContext context, RunId runId, long after, EventFilter filter) =>
        StreamAsync(context, runId, async cancellationToken =>
        {
            // Read before the events: an end that is seen here has all its events in the log already.
            var run = await store.GetAsync(runId, cancellationToken);
            var events = await store.ReadEventsAsync(runId, after, SharedPages.Size, cancellationToken);
            if (events.Count > 0) after = events[^1].Sequence;
            return new Page(
                events.Where(filter.Takes).Select(e => ($"{e.Sequence}", e)),
                IsLast: run is null || run.Status.HasEnded() && after >= run.Sequence,
                IsFull: events.Count == SharedPages.Size);
        });

    /// <summary>
    /// Events after a position in the log of all runs, of the projects that <paramref name="maySee"/> holds for; never ends by itself.
    /// </summary>
    public Task OfAllAsync(HttpContext context, long after, Func<string, bool> maySee, EventFilter filter)
    {
        var told = new RecentEvents(RememberedEvents);
        return StreamAsync(context, null, async cancellationToken =>
        {
            var events = await _pages.ReadAsync(after).WaitAsync(cancellationToken);
            if (events.Count > 0) after = events[^1].Position;
            return new Page(
                [
                    .. from e in events
                       let id = new EventId(e.RunId, e.Sequence)
                       where maySee(e.Project) && filter.Takes(e) && told.Add(id)
                       select ($"{id}", e),
                ],
                IsLast: false,
                IsFull: events.Count == SharedPages.Size);
        });
    }

    private async Task StreamAsync(HttpContext context, RunId? runId, Func<CancellationToken, Task<Page>> read)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var writer = new EventStreamWriter(context, time);
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
                    // Much may happen that this reader is not told of.
                    if (writer.Silence >= _heartbeat) await writer.WriteHeartbeatAsync(ended.Token);
                }
                while (page.IsFull);
                while (!await IsDoneAsync(change, _heartbeat - writer.Silence, ended.Token))
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
        catch (StalledReaderException)
        {
            context.Abort();
        }
        finally
        {
            // Lets go of a wait that is still registered.
            await ended.CancelAsync();
        }
    }

    /// <summary>True once the change has come, false when it is time for a sign of life.</summary>
    private async Task<bool> IsDoneAsync(Task change, TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            await change.WaitAsync(patience > TimeSpan.Zero ? patience : TimeSpan.Zero, time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private sealed record Page(IEnumerable<(string Id, LoggedEvent Event)> Events, bool IsLast, bool IsFull);
}
