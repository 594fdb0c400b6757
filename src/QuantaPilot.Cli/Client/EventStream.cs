using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using QuantaPilot.Cli.CommandLine;

namespace QuantaPilot.Cli.Client;

/// <summary>
/// Events as they happen. A lost connection is taken up again where it broke off (Last-Event-ID), and an event that comes
/// twice is passed on once, so the reader sees neither a gap nor a repeat.
/// </summary>
/// <param name="client">The API.</param>
/// <param name="time">The clock for the waits between tries.</param>
/// <param name="report">Told when the connection is lost and when it is back.</param>
internal sealed class EventStream(QpClient client, TimeProvider time, Action<string> report)
{
    /// <summary>How long the server may be away before the stream fails.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, long> _seen = new(StringComparer.Ordinal);
    private string? _lastEventId;
    private TimeSpan _delay = FirstDelay;

    /// <param name="path">The endpoint.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="ProblemException">The server refuses.</exception>
    /// <exception cref="CliException">The server was away for longer than <see cref="Patience"/>.</exception>
    public async IAsyncEnumerable<ReceivedEvent> ReadAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var lastContact = time.GetTimestamp();
        var lost = false;
        while (true)
        {
            using (var response = await TryOpenAsync(path, cancellationToken))
            {
                if (response is not null)
                {
                    if (lost) report("Connected again.");
                    lost = false;
                    await foreach (var item in ReadItemsAsync(response, cancellationToken))
                    {
                        var e = ReceivedEvent.Parse(item.Data);
                        if (item.EventId is { Length: > 0 } id) _lastEventId = id;
                        _delay = FirstDelay;
                        if (e.Sequence <= _seen.GetValueOrDefault(e.RunId)) continue;
                        _seen[e.RunId] = e.Sequence;
                        yield return e;
                    }
                    lastContact = time.GetTimestamp();
                }
            }
            if (!lost) report($"Lost the connection to {client.Url}; trying again.");
            lost = true;
            if (time.GetElapsedTime(lastContact) > Patience)
                throw new CliException($"The server at {client.Url} has been away for {Patience.TotalMinutes:0} minutes.");
            await Task.Delay(_delay, time, cancellationToken);
            _delay = _delay * 2 < LongestDelay ? _delay * 2 : LongestDelay;
        }
    }

    /// <returns>The open stream, or null if the server is away or busy and may be back.</returns>
    private async Task<HttpResponseMessage?> TryOpenAsync(string path, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await client.OpenStreamAsync(path, _lastEventId, cancellationToken);
        }
        catch (HttpRequestException)
        {
            return null;
        }
        catch (TaskCanceledException e) when (e.InnerException is TimeoutException)
        {
            return null;
        }
        if (response.StatusCode is HttpStatusCode.TooManyRequests || (int)response.StatusCode >= 500)
        {
            if (response.Headers.RetryAfter?.Delta is { } wait && wait > _delay) _delay = wait;
            response.Dispose();
            return null;
        }
        await QpClient.EnsureSuccessAsync(response, cancellationToken);
        return response;
    }

    private static async IAsyncEnumerable<SseItem<string>> ReadItemsAsync(
        HttpResponseMessage response, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using var items = SseParser.Create(body).EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await items.MoveNextAsync()) yield break;
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                // The connection broke: the caller opens another one.
                yield break;
            }
            yield return items.Current;
        }
    }
}
