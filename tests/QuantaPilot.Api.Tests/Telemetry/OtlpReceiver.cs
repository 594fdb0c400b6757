using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace QuantaPilot.Api.Tests.Telemetry;

/// <summary>Takes OTLP over HTTP on loopback and keeps the bodies to be searched: protocol buffers hold texts as they are.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, StringBuilder> _bodies = new();

    private OtlpReceiver(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new OtlpReceiver(app);
        app.MapPost("/v1/{signal}", receiver.TakeAsync);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>All that has come of a signal: <c>traces</c>, <c>metrics</c> or <c>logs</c>.</summary>
    public string Received(string signal)
    {
        if (!_bodies.TryGetValue(signal, out var body)) return "";
        lock (body) return body.ToString();
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context, string signal)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var received = _bodies.GetOrAdd(signal, _ => new StringBuilder());
        lock (received) received.Append(Encoding.Latin1.GetString(body.ToArray()));
    }
}
