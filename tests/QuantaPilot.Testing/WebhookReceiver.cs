using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace QuantaPilot.Testing;

/// <param name="Headers">By lower-case name.</param>
/// <param name="Body">As it came.</param>
public sealed record ReceivedWebhook(IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Id => Headers["webhook-id"];
}

/// <summary>A receiver of webhooks on loopback, which answers what a test says.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedWebhook> _received = new();
    private readonly Channel<ReceivedWebhook> _arrivals = Channel.CreateUnbounded<ReceivedWebhook>();

    private WebhookReceiver(WebApplication app) => _app = app;

    public string Url => $"{_app.Urls.Single()}/hook";

    /// <summary>Answers; the status is 200 unless it sets another.</summary>
    public Func<HttpContext, ReceivedWebhook, Task> Answer { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>What has come, in order of arrival.</summary>
    public IReadOnlyList<ReceivedWebhook> Received => [.. _received];

    /// <param name="port">0 for a free one.</param>
    public static async Task<WebhookReceiver> StartAsync(int port = 0)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, port));
        builder.Logging.ClearProviders();
        var receiver = new WebhookReceiver(builder.Build());
        receiver._app.Run(receiver.HandleAsync);
        await receiver._app.StartAsync();
        return receiver;
    }

    /// <summary>The next one that comes, or has come and was not given yet.</summary>
    public async Task<ReceivedWebhook> NextAsync() => await _arrivals.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var headers = context.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString());
        var webhook = new ReceivedWebhook(headers, body.ToArray());
        Leaks.CheckPublished("A webhook", System.Text.Encoding.UTF8.GetString(webhook.Body));
        _received.Enqueue(webhook);
        _arrivals.Writer.TryWrite(webhook);
        await Answer(context, webhook);
    }
}
