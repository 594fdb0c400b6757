using System.Text.Json;

namespace QuantaPilot.Api.Tests.Support;

/// <param name="Id">The <c>id</c> field.</param>
/// <param name="Type">The <c>event</c> field.</param>
/// <param name="Data">The <c>data</c> field.</param>
internal sealed record StreamedEvent(string Id, string Type, JsonElement Data);

/// <summary>Reads server-sent events.</summary>
internal sealed class EventReader(Stream stream) : IDisposable
{
    private readonly StreamReader _reader = new(stream);

    /// <summary>How many events <see cref="CommentAsync"/> came across.</summary>
    public int EventsPassedOver { get; private set; }

    public void Dispose() => _reader.Dispose();

    /// <summary>The next so many events.</summary>
    public async Task<List<StreamedEvent>> TakeAsync(int count)
    {
        var events = new List<StreamedEvent>();
        while (events.Count < count) events.Add(
            await ReadAsync() ?? throw new EndOfStreamException($"The stream ended after {events.Count} events."));
        return events;
    }

    /// <summary>All events until the stream ends.</summary>
    public async Task<List<StreamedEvent>> ToEndAsync()
    {
        var events = new List<StreamedEvent>();
        while (await ReadAsync() is { } e) events.Add(e);
        return events;
    }

    /// <summary>The next comment, e.g. a heartbeat.</summary>
    public async Task<string> CommentAsync()
    {
        while (await _reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(':')) return line;
            if (line.StartsWith("id: ", StringComparison.Ordinal)) EventsPassedOver++;
        }
        throw new EndOfStreamException("The stream ended without a comment.");
    }

    /// <summary>Adds the ids of events until there are so many in all; their data is not read.</summary>
    public async Task AddIdsAsync(List<string> ids, int count)
    {
        while (ids.Count < count)
        {
            var line = await _reader.ReadLineAsync() ?? throw new EndOfStreamException($"The stream ended after {ids.Count} events.");
            if (line.StartsWith("id: ", StringComparison.Ordinal)) ids.Add(line[4..]);
        }
    }

    private async Task<StreamedEvent?> ReadAsync()
    {
        string id = "", type = "", data = "";
        while (await _reader.ReadLineAsync() is { } line)
        {
            if (line.Length == 0)
            {
                if (id.Length > 0) return new StreamedEvent(id, type, JsonElement.Parse(data));
            }
            else if (line.StartsWith("id: ", StringComparison.Ordinal)) id = line[4..];
            else if (line.StartsWith("event: ", StringComparison.Ordinal)) type = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                Leaks.CheckPublished("An event of a stream", line);
                data = line[6..];
            }
        }
        return null;
    }
}

internal static class StreamOpening
{
    /// <summary>Opens a stream; it is open when this returns.</summary>
    public static async Task<EventReader> StreamAsync(this HttpClient client, string path, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (lastEventId is not null) request.Headers.Add("Last-Event-ID", lastEventId);
        var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        // Disposing the body's stream gives the connection up.
        return new EventReader(await answer.Content.ReadAsStreamAsync());
    }
}
