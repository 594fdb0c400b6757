using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace QuantaPilot.Testing.Chat;

/// <summary>
/// An OpenAI-compatible endpoint on loopback: streamed chat completions as
/// https://platform.openai.com/docs/api-reference/chat-streaming documents them. There is no model: a test says what is answered.
/// </summary>
public sealed class ChatServer : IAsyncDisposable
{
    public const string Key = "key-of-the-loopback-model";

    private const int PieceLength = 40;

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedChat> _requests = new();
    private readonly Channel<ReceivedChat> _arrivals = Channel.CreateUnbounded<ReceivedChat>();
    private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ChatServer(WebApplication app) => _app = app;

    public Uri Endpoint => new($"{_app.Urls.Single()}/v1");

    /// <summary>Says what is answered. By default a document of the set, or a file for a task.</summary>
    public Func<ReceivedChat, ChatReply> Answer { get; set; } = ModelAuthor.Answer;

    /// <summary>What has come, in order of arrival.</summary>
    public IReadOnlyList<ReceivedChat> Requests => [.. _requests];

    /// <summary>Ends when a caller has given a request up.</summary>
    public Task Aborted => _aborted.Task.WaitAsync(TimeSpan.FromSeconds(30));

    /// <param name="port">Where to listen; 0 for any free port.</param>
    public static async Task<ChatServer> StartAsync(int port = 0)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, port));
        builder.Logging.ClearProviders();
        var server = new ChatServer(builder.Build());
        server._app.Run(server.HandleAsync);
        await server._app.StartAsync();
        return server;
    }

    /// <summary>The next request that comes, or has come and was not given yet.</summary>
    public async Task<ReceivedChat> NextAsync() => await _arrivals.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        context.RequestAborted.Register(_aborted.SetResult);
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var authorization = context.Request.Headers.Authorization.ToString();
        var request = new ReceivedChat(body.ToArray(), authorization.Length == 0 ? null : authorization);
        _requests.Enqueue(request);
        var reply = FindFault(context, request) ?? Answer(request);
        _arrivals.Writer.TryWrite(request);
        context.Response.StatusCode = reply.Status;
        foreach (var (name, value) in reply.Headers) context.Response.Headers[name] = value;
        context.Response.ContentType = reply.Status == 200 ? "text/event-stream" : "application/json";
        if (reply.Body is { } text) await context.Response.WriteAsync(text);
        else await StreamAsync(context, request, reply);
    }

    private static ChatReply? FindFault(HttpContext context, ReceivedChat request)
    {
        if (context.Request.Path != "/v1/chat/completions") return ChatReply.Error(404, null, $"There is no {context.Request.Path}.");
        if (request.Authorization is not (null or $"Bearer {Key}"))
            return ChatReply.Error(401, "invalid_api_key", $"Incorrect API key provided: {request.Authorization}.");
        return request.Json.GetProperty("stream").GetBoolean() ? null : ChatReply.Error(400, "unsupported", "Ask for a stream.");
    }

    private static async Task StreamAsync(HttpContext context, ReceivedChat request, ChatReply reply)
    {
        var pieces = reply.Text.Chunk(PieceLength).Select(piece => new string(piece)).ToList();
        for (var i = 0; i < pieces.Count; i++)
        {
            if (i == pieces.Count / 2)
            {
                if (reply.CutOff)
                {
                    await context.Response.Body.FlushAsync();
                    // The server then closes the connection without the end of the body; Abort would take back what was sent.
                    throw new IOException("Cut off.");
                }
                if (reply.Hold is { } hold)
                {
                    await context.Response.Body.FlushAsync();
                    await hold.WaitAsync(context.RequestAborted);
                }
            }
            await SendAsync(context, Chunk(request.Model, new { role = "assistant", content = pieces[i] }));
        }
        if (reply.Refusal is { } refusal) await SendAsync(context, Chunk(request.Model, new { role = "assistant", refusal }));
        if (reply.Finish is { } finish) await SendAsync(context, Chunk(request.Model, new { }, finish));
        if (reply.Usage is { } usage) await SendAsync(context, Chunk(request.Model, null, null, usage));
        await context.Response.WriteAsync("data: [DONE]\n\n");
    }

    private static object Chunk(
        string model, object? delta, string? finish = null, (int Input, int Cached, int Output)? usage = null) => new
        {
            id = "chatcmpl-1",
            @object = "chat.completion.chunk",
            created = 1_767_225_600,
            model,
            choices = delta is null ? Array.Empty<object>() : [new { index = 0, delta, finish_reason = finish }],
            usage = usage is not var (input, cached, output) ? null : new
            {
                prompt_tokens = input,
                completion_tokens = output,
                total_tokens = input + output,
                prompt_tokens_details = new { cached_tokens = cached },
            },
        };

    private static Task SendAsync(HttpContext context, object chunk) =>
        context.Response.WriteAsync($"data: {JsonSerializer.Serialize(chunk)}\n\n");
}
