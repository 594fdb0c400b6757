using System.Text.Json;

namespace QuantaPilot.Benchmarks.Load;

/// <summary>Follows the stream over all runs, across every loss of its connection.</summary>
/// <param name="servers">Where to.</param>
/// <param name="tell">Called for each event with run, id and type.</param>
internal sealed class RunStream(Servers servers, Action<string, string, string> tell) : IAsyncDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private Task _following = Task.CompletedTask;

    /// <summary>Open when this returns: what happens from now on is told.</summary>
    public async Task OpenAsync(CancellationToken timeout)
    {
        var first = await servers.StreamAsync("/events", null, timeout);
        _following = FollowAsync(first);
    }

    /// <summary>Waits until the stream has told something, but not for long: what is missing then is a fault that shows.</summary>
    public async Task UntilAsync(Func<bool> told, TimeSpan patience, CancellationToken timeout)
    {
        var until = DateTime.UtcNow + patience;
        while (!told() && DateTime.UtcNow < until && !_following.IsCompleted) await Task.Delay(TimeSpan.FromMilliseconds(50), timeout);
        // A fault of the stream itself.
        if (_following.IsFaulted) await _following;
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        try
        {
            await _following;
        }
        catch (OperationCanceledException)
        {
            // As asked.
        }
        _ended.Dispose();
    }

    private async Task FollowAsync(HttpResponseMessage response)
    {
        string? last = null;
        while (true)
        {
            try
            {
                using (response)
                {
                    using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(_ended.Token));
                    while (await reader.ReadLineAsync(_ended.Token) is { } line)
                    {
                        if (!line.StartsWith("data:", StringComparison.Ordinal)) continue;
                        var e = JsonElement.Parse(line["data:".Length..]);
                        last = e.GetProperty("id").GetString()!;
                        tell(e.GetProperty("subject").GetString()!, last, e.GetProperty("type").GetString()!);
                    }
                }
                servers.Count("end of the stream");
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                servers.Count("lost stream");
            }
            // Where nothing was told yet there is no place to go on from but the beginning.
            response = await servers.StreamAsync(last is null ? "/events?after=0" : "/events", last, _ended.Token);
        }
    }
}
