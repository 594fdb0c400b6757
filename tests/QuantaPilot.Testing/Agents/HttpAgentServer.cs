using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace QuantaPilot.Testing.Agents;

/// <param name="Json">The body.</param>
/// <param name="IdempotencyKey">The same for a repeat.</param>
/// <param name="IsSigned">True if the signature is that of the agent's secret.</param>
public sealed record ReceivedTask(JsonElement Json, string IdempotencyKey, bool IsSigned)
{
    public string CallbackUrl => Json.GetProperty("callback_url").GetString()!;

    public string Step => Json.GetProperty("step").GetString()!;

    public string Text(string name) => Json.GetProperty(name).GetString()!;
}

/// <summary>
/// An agent elsewhere, on loopback: takes tasks, and answers when a test says so. Signatures are made and verified here by the words of
/// Standard Webhooks, so that the product's own code proves nothing to itself.
/// </summary>
public sealed class HttpAgentServer : IAsyncDisposable
{
    private static readonly byte[] _key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    private readonly WebApplication _app;
    private readonly HttpClient _http = new();
    private readonly Channel<ReceivedTask> _tasks = Channel.CreateUnbounded<ReceivedTask>();
    private readonly Channel<bool> _stops = Channel.CreateUnbounded<bool>();

    private readonly TimeProvider _time;

    private HttpAgentServer(WebApplication app, TimeProvider time)
    {
        _app = app;
        _time = time;
    }

    /// <summary>What both sides sign with.</summary>
    public static string Secret => $"whsec_{Convert.ToBase64String(_key)}";

    public string Url => $"{_app.Urls.Single()}/tasks";

    /// <summary>Answers a task; the default accepts it and names a URL to stop it at.</summary>
    public Func<HttpContext, Task>? Answer { get; set; }

    /// <summary>Takes each task instead of <see cref="NextTaskAsync"/>; null: they wait there.</summary>
    public Action<ReceivedTask>? Received { get; set; }

    /// <param name="port">Where to listen; 0 for any free port.</param>
    /// <param name="time">The clock that callbacks are signed by; default: the system's.</param>
    public static async Task<HttpAgentServer> StartAsync(int port = 0, TimeProvider? time = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Logging.ClearProviders();
        var server = new HttpAgentServer(builder.Build(), time ?? TimeProvider.System);
        server._app.Run(server.HandleAsync);
        await server._app.StartAsync();
        return server;
    }

    /// <summary>The next task that comes, or has come and was not given yet.</summary>
    public async Task<ReceivedTask> NextTaskAsync() => await _tasks.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1));

    /// <summary>Completes when the agent is told to stop; true if the request was signed.</summary>
    public async Task<bool> NextStopAsync() => await _stops.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1));

    /// <summary>Calls back, signed.</summary>
    public async Task<(HttpStatusCode Status, string Body)> CallBackAsync(string url, object body, byte[]? key = null)
    {
        var json = JsonSerializer.Serialize(body);
        var (id, timestamp) = ($"msg_{Guid.NewGuid():N}", _time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        using var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = new StringContent(json, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.Add("webhook-signature", Sign(key ?? _key, id, timestamp, Encoding.UTF8.GetBytes(json)));
        using var response = await _http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var stream = new MemoryStream();
        await context.Request.Body.CopyToAsync(stream);
        var body = stream.ToArray();
        var headers = context.Request.Headers;
        var signature = Sign(_key, headers["webhook-id"].ToString(), headers["webhook-timestamp"].ToString(), body);
        var isSigned = headers["webhook-signature"] == signature;
        if (context.Request.Method == "DELETE")
        {
            context.Response.StatusCode = 204;
            _stops.Writer.TryWrite(isSigned);
            return;
        }
        if (Answer is { } answer) await answer(context);
        else await AcceptAsync(context);
        if (context.Response.StatusCode is < 200 or > 299) return;
        var task = new ReceivedTask(JsonDocument.Parse(body).RootElement, headers["Idempotency-Key"].ToString(), isSigned);
        if (Received is { } received) received(task);
        else _tasks.Writer.TryWrite(task);
    }

    private async Task AcceptAsync(HttpContext context)
    {
        context.Response.StatusCode = 202;
        await context.Response.WriteAsJsonAsync(new { task_url = $"{Url}/1" });
    }

    private static string Sign(byte[] key, string id, string timestamp, byte[] body)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed));
    }
}
