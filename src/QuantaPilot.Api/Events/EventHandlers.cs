using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;
using QuantaPilot.Api.Runs;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Events;

/// <summary>The event log, as a list and as live streams.</summary>
internal sealed class EventHandlers(IRunStore store, EventStream stream, VisibleRuns visible)
{
    private const string LastEventId = "Last-Event-ID";
    private const string SequenceFault = "must be the sequence number of an event of this run, or 0";

    public async Task<IResult> OfRunAsync(HttpContext context)
    {
        var query = new QueryReader(context, "after", "cursor", "limit", EventFilter.Events);
        // next_cursor is the sequence to go on after, so both names are good for it.
        var after = Math.Max(query.Number("after", 0, long.MaxValue, 0), query.Number("cursor", 0, long.MaxValue, 0));
        var limit = query.Limit();
        var filter = EventFilter.Read(query);
        var header = context.Request.Headers[LastEventId];
        if (header.Count > 1 || header.Count == 1 && !TryReadSequence(header[0], out after)) query.Refuse(LastEventId, SequenceFault);
        if (query.Problem is { } problem) return problem;
        if (await visible.FindAsync(context) is not { } run) return ProblemResult.NoSuchRun();
        if (WantsStream(context)) return new Streaming(() => stream.OfRunAsync(context, run.RunId, after, filter));

        var events = await store.ReadEventsAsync(run.RunId, after, limit + 1, context.RequestAborted);
        var more = events.Count > limit;
        return new EventPage([.. events.Take(limit).Where(filter.Takes)], more ? $"{events[limit - 1].Sequence}" : null);
    }

    public async Task<IResult> OfAllAsync(HttpContext context)
    {
        var query = new QueryReader(context, "after", EventFilter.Events, EventFilter.Project);
        var filter = EventFilter.Read(query);
        var header = context.Request.Headers[LastEventId];
        var (name, after) = header.Count > 0 ? (LastEventId, header.Count == 1 ? header[0] ?? "" : "") : ("after", query.Text("after"));
        var position = await FindPositionAsync(after, context.RequestAborted);
        if (position is null) query.Refuse(name, "must be the id of an event, {run_id}:{sequence}, or 0 for the whole log");
        if (query.Problem is { } problem) return problem;
        var caller = Caller.Of(context);
        return new Streaming(() => stream.OfAllAsync(context, position!.Value, caller.MaySee, filter));
    }

    /// <summary>Without a place to go on from, a stream begins now.</summary>
    private async Task<long?> FindPositionAsync(string? after, CancellationToken cancellationToken) => after switch
    {
        null => await store.LastPositionAsync(cancellationToken),
        "0" => 0,
        _ => EventId.TryParse(after, out var id) ? await store.FindPositionAsync(id.RunId, id.Sequence, cancellationToken) : null,
    };

    private static bool TryReadSequence(string? text, out long sequence) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out sequence);

    private static bool WantsStream(HttpContext context) =>
        MediaTypeHeaderValue.TryParseList(context.Request.Headers.Accept, out var accepted)
        && accepted.Any(type => type.MediaType.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase));

    private sealed class Streaming(Func<Task> write) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => write();
    }

    /// <summary>Written from the stored bytes: an event looks the same everywhere.</summary>
    private sealed class EventPage(IReadOnlyList<LoggedEvent> events, string? nextCursor) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var buffer = new ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(buffer))
            {
                json.WriteStartObject();
                json.WriteStartArray("items");
                foreach (var e in events) json.WriteRawValue(e.Json.Span, skipInputValidation: true);
                json.WriteEndArray();
                if (nextCursor is not null) json.WriteString("next_cursor", nextCursor);
                json.WriteEndObject();
            }
            httpContext.Response.ContentType = "application/json";
            httpContext.Response.ContentLength = buffer.WrittenCount;
            await httpContext.Response.Body.WriteAsync(buffer.WrittenMemory, httpContext.RequestAborted);
        }
    }
}
