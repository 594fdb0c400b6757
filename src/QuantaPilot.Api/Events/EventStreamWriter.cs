using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Events;

/// <summary>
/// Writes server-sent events. It waits for the reader after every 16 KB or so, so that one that is slow holds up nobody and
/// fills no memory; one that takes nothing for 30 s is given up.
/// </summary>
internal sealed class EventStreamWriter(HttpContext context, TimeProvider time)
{
    /// <summary>In bytes of events: many to a write, and far less than servers hold for a reader.</summary>
    private const int FlushAt = 16 * 1024;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private long _wroteAt = time.GetTimestamp();

    /// <summary>For how long nothing has been written.</summary>
    public TimeSpan Silence => time.GetElapsedTime(_wroteAt);

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = "text/event-stream";
        context.Response.BodyWriter.Write("retry: 2000\n\n"u8);
        await FlushAsync(cancellationToken);
    }

    /// <exception cref="StalledReaderException">The reader takes nothing.</exception>
    public async Task WriteAsync(IEnumerable<(string Id, LoggedEvent Event)> events, CancellationToken cancellationToken)
    {
        var waiting = 0;
        foreach (var (id, e) in events)
        {
            Write(id, e.Json.Span);
            waiting += e.Json.Length;
            if (waiting < FlushAt) continue;
            await FlushAsync(cancellationToken);
            waiting = 0;
        }
        if (waiting > 0) await FlushAsync(cancellationToken);
    }

    /// <exception cref="StalledReaderException">The reader takes nothing.</exception>
    public async Task WriteHeartbeatAsync(CancellationToken cancellationToken)
    {
        context.Response.BodyWriter.Write(": still here\n\n"u8);
        await FlushAsync(cancellationToken);
    }

    private void Write(string id, ReadOnlySpan<byte> json)
    {
        var output = context.Response.BodyWriter;
        output.Write("id: "u8);
        Encoding.ASCII.GetBytes(id, output);
        output.Write("\nevent: "u8);
        output.Write(EventType.Of(json));
        // One line: the log holds JSON without line breaks.
        output.Write("\ndata: "u8);
        output.Write(json);
        output.Write("\n\n"u8);
    }

    private async Task WaitForReaderAsync(Task flush, CancellationToken cancellationToken)
    {
        try
        {
            await flush.WaitAsync(_patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new StalledReaderException(_patience);
        }
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        var flush = context.Response.BodyWriter.FlushAsync(cancellationToken);
        if (flush.IsCompleted) await flush;
        else await WaitForReaderAsync(flush.AsTask(), cancellationToken);
        _wroteAt = time.GetTimestamp();
    }
}
