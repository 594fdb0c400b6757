using System.Text.Json;

namespace QuantaPilot.Conformance.Support;

/// <param name="Id">The <c>id</c> field.</param>
/// <param name="Type">The <c>event</c> field.</param>
/// <param name="Data">The <c>data</c> field.</param>
internal sealed record StreamedEvent(string Id, string Type, JsonElement Data);

/// <summary>One connection to a stream of server-sent events. Disposing it drops the connection.</summary>
internal sealed class EventConnection(HttpResponseMessage response, Stream stream) : IDisposable
{
    private readonly StreamReader _reader = new(stream);

    /// <summary>The next event, or null where the server ends the stream.</summary>
    public async Task<StreamedEvent?> NextAsync()
    {
        string id = "", type = "";
        var data = new List<string>();
        using var patience = new CancellationTokenSource(Settings.Patience);
        while (await ReadLineAsync(patience.Token) is { } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var value = colon < 0 ? "" : line[(colon + 1)..];
            if (value.StartsWith(' ')) value = value[1..];
            switch (colon < 0 ? line : line[..colon])
            {
                case "id":
                    id = value;
                    break;
                case "event":
                    type = value;
                    break;
                case "data":
                    data.Add(value);
                    break;
                case "" when line.Length == 0 && data.Count > 0:
                    return new StreamedEvent(id, type, JsonElement.Parse(string.Join('\n', data)));
            }
        }
        return null;
    }

    /// <summary>The next so many events.</summary>
    public async Task<List<StreamedEvent>> TakeAsync(int count)
    {
        var events = new List<StreamedEvent>();
        while (events.Count < count)
        {
            events.Add(await NextAsync() ?? throw new EndOfStreamException($"The stream ended after {events.Count} of {count} events."));
        }
        return events;
    }

    /// <summary>All events until the server ends the stream.</summary>
    public async Task<List<StreamedEvent>> ToEndAsync()
    {
        var events = new List<StreamedEvent>();
        while (await NextAsync() is { } e) events.Add(e);
        return events;
    }

    public void Dispose()
    {
        _reader.Dispose();
        response.Dispose();
    }

    private async Task<string?> ReadLineAsync(CancellationToken patience)
    {
        try
        {
            var line = await _reader.ReadLineAsync(patience);
            Leaks.CheckPublished("An event of a stream", line ?? "");
            return line;
        }
        catch (OperationCanceledException e) when (patience.IsCancellationRequested)
        {
            throw new TimeoutException($"The stream gave no event within {Settings.Patience}.", e);
        }
    }
}
