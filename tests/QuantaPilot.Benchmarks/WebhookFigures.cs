using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace QuantaPilot.Benchmarks;

/// <summary>How fast events are handed over to webhooks and reach them: a receiver that takes all, and one that comes late.</summary>
internal sealed class WebhookFigures
{
    /// <summary>A run comes to its gate by three: run_started, documentation_generated, gate_requested.</summary>
    private const int EventsPerRun = 3;

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(4);

    /// <summary>Arrivals by path and webhook-id, in milliseconds after the event's time.</summary>
    private readonly ConcurrentDictionary<(string Path, string Id), double> _arrivals = new();
    private readonly ConcurrentDictionary<string, byte[]> _keys = new();
    private int _repeats;
    private int _badSignatures;

    /// <param name="runs">How many runs tell their events.</param>
    /// <param name="subscriptions">How many webhooks take all of them.</param>
    public static async Task RunAsync(int runs, int subscriptions)
    {
        await new WebhookFigures().MeasureAsync(runs, subscriptions, late: false);
        await new WebhookFigures().MeasureAsync(runs, subscriptions, late: true);
    }

    private async Task MeasureAsync(int runs, int subscriptions, bool late)
    {
        var data = Figures.NewDirectory();
        try
        {
            await using var server = await MeasuredServer.StartAsync(data);
            var url = FreeUrl();
            if (!late) await using (await ReceiveAsync(url)) await MeasureAsync(server, url, runs, subscriptions, null);
            else await MeasureAsync(server, url, runs, subscriptions, () => ReceiveAsync(url));
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private async Task MeasureAsync(MeasuredServer server, string url, int runs, int subscriptions, Func<Task<WebApplication>>? comeLate)
    {
        await server.StartRunsAsync(100); // warms up
        for (var i = 0; i < subscriptions; i++) await SubscribeAsync(server, $"{url}/{i}");

        var count = runs * EventsPerRun * subscriptions;
        var clock = Stopwatch.StartNew();
        await server.StartRunsAsync(runs);
        var queued = clock.Elapsed;
        var receiver = comeLate is null ? null : await comeLate();
        if (receiver is not null)
        {
            // The first retry is due 5 s after the first attempt.
            while (_arrivals.IsEmpty && clock.Elapsed < _patience) await Task.Delay(1);
            clock.Restart();
        }
        while (_arrivals.Count < count && clock.Elapsed < _patience) await Task.Delay(10);
        var delivered = clock.Elapsed;
        if (receiver is not null) await receiver.DisposeAsync();

        var what = comeLate is null ? "receiver up" : "receiver down until all are queued";
        Figures.Print($"{runs} runs, {subscriptions} webhooks, {what}: {count / queued.TotalSeconds:F0} webhooks queued per second");
        var rate = _arrivals.Count / delivered.TotalSeconds;
        Figures.Print($"{rate:F0} delivered per second, {delivered.TotalSeconds:F1} s till the last");
        Figures.Print($"{count - _arrivals.Count} of {count} missing, {_repeats} repeats, {_badSignatures} bad signatures");
        var times = _arrivals.Values.ToList();
        Figures.Print(
            $"from the clock of the run to the receiver: p50 {Figures.Percentile(times, .5):F0} ms, p99 {Figures.Percentile(times, .99):F0} ms");
    }

    private async Task SubscribeAsync(MeasuredServer server, string url)
    {
        var answer = await server.Http.PostAsJsonAsync("/subscriptions", new { url });
        answer.EnsureSuccessStatusCode();
        var secret = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;
        _keys[new Uri(url).AbsolutePath] = Convert.FromBase64String(secret["whsec_".Length..]);
    }

    private async Task<WebApplication> ReceiveAsync(string url)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add(url);
        app.MapPost("/{number}", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            Take(request, body.ToArray());
            return Results.NoContent();
        });
        await app.StartAsync();
        return app;
    }

    private void Take(HttpRequest request, byte[] body)
    {
        var (path, id) = (request.Path.Value!, request.Headers["webhook-id"].ToString());
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{request.Headers["webhook-timestamp"]}."), .. body];
        var expected = "v1," + Convert.ToBase64String(HMACSHA256.HashData(_keys[path], signed));
        if (request.Headers["webhook-signature"] != expected) Interlocked.Increment(ref _badSignatures);
        using var json = JsonDocument.Parse(body);
        var time = DateTimeOffset.Parse(json.RootElement.GetProperty("time").GetString()!, CultureInfo.InvariantCulture);
        if (!_arrivals.TryAdd((path, id), (DateTimeOffset.UtcNow - time).TotalMilliseconds)) Interlocked.Increment(ref _repeats);
    }

    private static string FreeUrl()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
    }
}
