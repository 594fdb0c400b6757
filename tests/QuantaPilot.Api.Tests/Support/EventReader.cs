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

    public void Dispose() => _reader.Dispose();

    /// <summary>The next so many events.</summary>
    public async Task<List<StreamedEvent>> TakeAsync(int count)
    {
        var events = new List<StreamedEvent>();
        while (events.Count < count) events.Add(await ReadAsync() ?? throw new EndOfStreamException($"The stream ended after {events.Count} events."));
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
        }
        throw new EndOfStreamException("The stream ended without a comment.");
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
            else if (line.StartsWith("data: ", StringComparison.Ordinal)) data = line[6..];
        }
        return null;
    }
}
