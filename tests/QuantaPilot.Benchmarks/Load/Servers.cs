using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace QuantaPilot.Benchmarks.Load;

/// <summary>What a server of ours answered.</summary>
internal sealed record ServerAnswer(HttpMethod Method, string Path, HttpStatusCode Status, string Text)
{
    /// <exception cref="InvalidOperationException">It is another status.</exception>
    public JsonElement Expect(HttpStatusCode status) => Status == status
        ? JsonElement.Parse(Text)
        : throw new InvalidOperationException($"{Method} {Path} gave {(int)Status}: {Text}");
}

/// <summary>
/// The instances of one host, asked in turn. A request that meets an instance which is being killed or started is made
/// again, at the next one, until it is answered.
/// </summary>
internal sealed class Servers : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Longer than the longest wait that a request may ask for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly List<HttpClient> _clients = [];
    private readonly ConcurrentDictionary<string, int> _faults = new();
    private int _turn = -1;

    public Servers(IReadOnlyList<Uri> urls, string token)
    {
        foreach (var url in urls)
        {
            var handler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5) };
            var client = new HttpClient(handler) { BaseAddress = url, Timeout = Timeout.InfiniteTimeSpan };
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            _clients.Add(client);
        }
    }

    /// <summary>What went wrong on the way, and how often.</summary>
    public string FaultsText =>
        _faults.IsEmpty ? "none" : string.Join(", ", _faults.OrderBy(fault => fault.Key).Select(fault => $"{fault.Value} x {fault.Key}"));

    /// <summary>The answer of one of the instances, whatever happens to them meanwhile.</summary>
    /// <exception cref="OperationCanceledException">The load's time is over.</exception>
    public async Task<ServerAnswer> SendAsync(
        HttpMethod method, string path, object? body, CancellationToken timeout, params (string Name, string Value)[] headers)
    {
        while (true)
        {
            using var request = NewRequest(method, path, headers);
            if (body is not null) request.Content = JsonContent.Create(body);
            if (await TrySendAsync(request, HttpCompletionOption.ResponseContentRead, timeout) is not { } response) continue;
            using (response) return new ServerAnswer(method, path, response.StatusCode, await response.Content.ReadAsStringAsync(timeout));
        }
    }

    /// <summary>Opens a stream at one of the instances.</summary>
    public async Task<HttpResponseMessage> StreamAsync(string path, string? lastEventId, CancellationToken timeout)
    {
        while (true)
        {
            using var request = NewRequest(HttpMethod.Get, path, lastEventId is null ? [] : [("Last-Event-ID", lastEventId)]);
            request.Headers.Accept.ParseAdd("text/event-stream");
            if (await TrySendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout) is not { } response) continue;
            if (response.StatusCode == HttpStatusCode.OK) return response;
            var text = await response.Content.ReadAsStringAsync(timeout);
            throw new InvalidOperationException($"GET {path} gave {(int)response.StatusCode}: {text}");
        }
    }

    public void Count(string fault) => _faults.AddOrUpdate(fault, 1, (_, count) => count + 1);

    public void Dispose()
    {
        foreach (var client in _clients) client.Dispose();
    }

    private static HttpRequestMessage NewRequest(HttpMethod method, string path, (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    /// <returns>Null, after a pause, where no server of ours has answered.</returns>
    private async Task<HttpResponseMessage?> TrySendAsync(
        HttpRequestMessage request, HttpCompletionOption completion, CancellationToken timeout)
    {
        var client = _clients[(Interlocked.Increment(ref _turn) & int.MaxValue) % _clients.Count];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(timeout);
        patience.CancelAfter(Patience);
        var pause = Pause;
        try
        {
            var response = await client.SendAsync(request, completion, patience.Token);
            if (IsOurs(response)) return response;
            using (response)
            {
                Count($"HTTP {(int)response.StatusCode}");
                pause = response.Headers.RetryAfter?.Delta ?? Pause;
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            Count("lost connection");
        }
        catch (OperationCanceledException) when (!timeout.IsCancellationRequested)
        {
            Count("silence");
        }
        await Task.Delay(pause, timeout);
        return null;
    }

    /// <summary>False for what a host that is starting or stopping says in our place, and for what is to be asked again.</summary>
    private static bool IsOurs(HttpResponseMessage response) =>
        (int)response.StatusCode < 500 && response.StatusCode != HttpStatusCode.TooManyRequests
        && response.Content.Headers.ContentType?.MediaType is "application/json" or "application/problem+json" or "text/event-stream";
}
