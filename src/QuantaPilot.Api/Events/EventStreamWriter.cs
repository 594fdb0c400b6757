using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Events;

/// <summary>Writes server-sent events. Each write waits for the reader, so one that is slow holds up nobody and fills no memory.</summary>
internal sealed class EventStreamWriter(HttpContext context)
{
    private static readonly byte[] _open = "retry: 2000\n\n"u8.ToArray();
    private static readonly byte[] _heartbeat = ": still here\n\n"u8.ToArray();
    private static readonly byte[] _dataField = "data: "u8.ToArray();
    private static readonly byte[] _end = "\n\n"u8.ToArray();

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = "text/event-stream";
        await context.Response.Body.WriteAsync(_open, cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
    }

    public async Task WriteAsync(IEnumerable<(string Id, LoggedEvent Event)> events, CancellationToken cancellationToken)
    {
        var body = context.Response.Body;
        foreach (var (id, e) in events)
        {
            await body.WriteAsync(Encoding.ASCII.GetBytes($"id: {id}\nevent: {TypeOf(e)}\n"), cancellationToken);
            await body.WriteAsync(_dataField, cancellationToken);
            // One line: the log holds JSON without line breaks.
            await body.WriteAsync(e.Json, cancellationToken);
            await body.WriteAsync(_end, cancellationToken);
        }
        await body.FlushAsync(cancellationToken);
    }

    public async Task WriteHeartbeatAsync(CancellationToken cancellationToken)
    {
        await context.Response.Body.WriteAsync(_heartbeat, cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
    }

    private static string TypeOf(LoggedEvent e)
    {
        using var document = JsonDocument.Parse(e.Json);
        return document.RootElement.GetProperty("type").GetString()!;
    }
}
