using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace QuantaPilot.Conformance.Support;

/// <summary>One caller of the API. It knows nothing of the host but its URL.</summary>
internal sealed class Api : IDisposable
{
    private readonly HttpClient _http;

    /// <param name="url">The server.</param>
    /// <param name="token">The caller's token; null for a caller without one.</param>
    /// <param name="tokenId">The token's id, where the scenario made it.</param>
    /// <param name="name">Whom the token stands for, where the scenario made it.</param>
    public Api(Uri url, string? token, string tokenId = "", string name = "")
    {
        // Each request has its own limit of time; a stream has none.
        _http = new HttpClient { BaseAddress = url, Timeout = Timeout.InfiniteTimeSpan };
        if (token is not null) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        TokenId = tokenId;
        Name = name;
    }

    public string TokenId { get; }

    public string Name { get; }

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, path, null, headers);

    /// <param name="path">Where to.</param>
    /// <param name="body">An object to write as JSON, or a string that is sent as it is; null for none.</param>
    /// <param name="headers">More headers.</param>
    public Task<Answer> PostAsync(string path, object? body = null, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, body, headers);

    public Task<Answer> SendAsync(HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers) =>
        SendAsync(() =>
        {
            var request = NewRequest(method, path, headers);
            request.Content = body switch
            {
                null => null,
                HttpContent content => content,
                string text => new StringContent(text, Encoding.UTF8, "application/json"),
                _ => JsonContent.Create(body),
            };
            return request;
        });

    /// <param name="create">Makes the request, anew for each attempt.</param>
    public async Task<Answer> SendAsync(Func<HttpRequestMessage> create)
    {
        using var patience = new CancellationTokenSource(Settings.Patience);
        while (true)
        {
            using var request = create();
            using var response = await _http.SendAsync(request, patience.Token);
            var answer = await Answer.ReadAsync(response, patience.Token);
            if (answer.Status != HttpStatusCode.TooManyRequests) return answer;
            // Scenarios are not about limits: where the server has low ones, they take as long as it says.
            await Task.Delay(answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1), patience.Token);
        }
    }

    /// <summary>Opens a stream of events.</summary>
    /// <param name="path">Of a run or of all runs.</param>
    /// <param name="lastEventId">The id of the last event that was seen.</param>
    public async Task<EventConnection> StreamAsync(string path, string? lastEventId = null)
    {
        using var patience = new CancellationTokenSource(Settings.Patience);
        using var request = NewRequest(HttpMethod.Get, path, lastEventId is null ? [] : [("Last-Event-ID", lastEventId)]);
        request.Headers.Accept.ParseAdd("text/event-stream");
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            using (response) Assert.Fail($"No stream: {await Answer.ReadAsync(response, patience.Token)}");
        }
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return new EventConnection(response, await response.Content.ReadAsStreamAsync(patience.Token));
    }

    /// <summary>A list from its first page to its last.</summary>
    public async Task<List<JsonElement>> ListAsync(string path, int limit)
    {
        var items = new List<JsonElement>();
        var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        var cursor = "";
        do
        {
            var query = string.Create(CultureInfo.InvariantCulture, $"{path}{separator}limit={limit}{cursor}");
            var page = (await GetAsync(query)).Expect(HttpStatusCode.OK);
            Assert.True(page.Items().Count <= limit, $"{query} gave {page.Items().Count} items.");
            items.AddRange(page.Items());
            cursor = page.TryGetProperty("next_cursor", out var next) ? "&cursor=" + Uri.EscapeDataString(next.GetString()!) : null;
        }
        while (cursor is not null);
        return items;
    }

    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage NewRequest(HttpMethod method, string path, (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }
}
