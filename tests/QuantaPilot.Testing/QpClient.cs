using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace QuantaPilot.Testing;

/// <summary>The API as a script would call it: JSON in, JSON out.</summary>
public sealed class QpClient : IDisposable
{
    private readonly HttpClient _http;

    public QpClient(Uri url, string token)
    {
        _http = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromMinutes(2) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(
        HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (body is not null) request.Content = JsonContent.Create(body);
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Leaks.CheckPublished($"{method} {path}", text, Leaks.GivesSecrets(method.Method, path));
        return (response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    public async Task<string> StartRunAsync(string repoUrl, string branch = "main", string? key = null)
    {
        (string, string)[] headers = key is null ? [] : [("Idempotency-Key", key)];
        var (status, body) = await SendAsync(HttpMethod.Post, "/run", new { repo_url = repoUrl, branch }, headers);
        Assert.True(status == HttpStatusCode.Accepted, body.ToString());
        return body.GetProperty("run_id").GetString()!;
    }

    public async Task<JsonElement> GetRunAsync(string runId) => await ExpectAsync(HttpMethod.Get, $"/runs/{runId}");

    /// <summary>The run once it has ended.</summary>
    public async Task<JsonElement> WaitForEndAsync(string runId)
    {
        while (true)
        {
            var (status, run) = await SendAsync(HttpMethod.Get, $"/runs/{runId}", null, ("Prefer", "wait=30"));
            Assert.Equal(HttpStatusCode.OK, status);
            if (run.GetProperty("status").GetString() is "completed" or "failed" or "cancelled") return run;
        }
    }

    /// <summary>Reads the live stream until an event of this name, and gives it.</summary>
    public async Task<JsonElement> WaitForEventAsync(string runId, string name, int after = 0)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/runs/{runId}/events", UriKind.Relative));
        request.Headers.Accept.ParseAdd("text/event-stream");
        request.Headers.Add("Last-Event-ID", $"{after}");
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
        {
            Leaks.CheckPublished("An event of a stream", line);
            if (!line.StartsWith("data:", StringComparison.Ordinal)) continue;
            var e = JsonDocument.Parse(line["data:".Length..]).RootElement;
            if (e.GetProperty("type").GetString() == $"quantapilot.{name}") return e;
        }
        throw new InvalidOperationException($"The stream of run {runId} ended without {name}.");
    }

    public async Task<string> DecideAsync(string runId, string gate, bool approved, string reason = "looks right")
    {
        var body = await ExpectAsync(HttpMethod.Post, $"/runs/{runId}/gates/{gate}", new { approved, reason });
        return body.GetProperty("result").GetString()!;
    }

    /// <summary>The whole event log, checked for gaps and repeats.</summary>
    public async Task<IReadOnlyList<JsonElement>> ReadLogAsync(string runId)
    {
        var page = await ExpectAsync(HttpMethod.Get, $"/runs/{runId}/events?after=0");
        var events = page.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(Enumerable.Range(1, events.Count), events.Select(e => e.GetProperty("sequence").GetInt32()));
        return events;
    }

    public async Task<IReadOnlyList<string>> ReadLogNamesAsync(string runId) =>
        [.. (await ReadLogAsync(runId)).Select(e => e.GetProperty("type").GetString()!["quantapilot.".Length..])];

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> ExpectAsync(HttpMethod method, string path, object? body = null)
    {
        var (status, answer) = await SendAsync(method, path, body);
        Assert.True(status == HttpStatusCode.OK, $"{method} {path}: {status} {answer}");
        return answer;
    }
}
