using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace QuantaPilot.Api.Tests.Support;

/// <summary>
/// Holds all that an API sends to openapi.json and the schemas behind it: statuses, media types, bodies, events of streams.
/// </summary>
internal sealed class ContractCheck
{
    private const string EventStream = "text/event-stream";
    private static readonly JsonObject _document = JsonNode.Parse(RepositoryFiles.Read("_schemas/openapi.json"))!.AsObject();
    private readonly ConcurrentQueue<string> _faults = new();

    public void AssertKept() => Assert.True(_faults.IsEmpty, string.Join('\n', _faults.Distinct()));

    /// <summary>To be put before all other middleware.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var client = context.Response.Body;
        await using var body = new CheckedBody(client, sent => context.Response.ContentType == EventStream && CheckEvents(sent));
        context.Response.Body = body;
        await next(context);
        context.Response.Body = client;
        // What a caller that has hung up did not get in whole tells nothing.
        if (!context.RequestAborted.IsCancellationRequested) CheckAnswer(context, body.Text);
    }

    private void CheckAnswer(HttpContext context, string body)
    {
        var response = context.Response;
        var pattern = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        var status = $"{response.StatusCode}";
        var (method, path) = (context.Request.Method, context.Request.Path.Value ?? "");
        var sent = $"{string.Join('\n', response.Headers)}\n{body}";
        if (Leaks.FindInPublished($"{method} {path}", sent, Leaks.GivesSecrets(method, path)) is { } leak) _faults.Enqueue(leak);
        var what = $"{context.Request.Method} {context.Request.Path}, answered {status}";
        if (pattern is null or "{**path}")
        {
            if (response.StatusCode is not (404 or 405)) _faults.Enqueue($"{what}: no endpoint has this path.");
            Check(what, "problem", body);
            return;
        }
        var described = _document["paths"]?[pattern]?[context.Request.Method.ToLowerInvariant()]?["responses"]?[status];
        if (described is null)
        {
            _faults.Enqueue($"{what}: _schemas/openapi.json does not describe it.");
            return;
        }
        if ((string?)described["$ref"] is { } shared) described = _document["components"]!["responses"]![shared.Split('/')[^1]]!;
        var type = response.ContentType?.Split(';')[0] ?? "";
        if (body.Length == 0 && described["content"] is null) return;
        if (described["content"]?[type]?["schema"] is not { } schema)
        {
            _faults.Enqueue($"{what} with the media type '{type}': _schemas/openapi.json does not describe it.");
            return;
        }
        // Its events were looked at when they were sent; and a text may be any.
        if (type is EventStream or "text/plain") return;
        if (type == "application/x-ndjson")
        {
            foreach (var line in body.Split('\n', StringSplitOptions.RemoveEmptyEntries)) Check(what, "audit_entry", line);
            return;
        }
        if (type == "text/plain")
        {
            Check(what, NameOf(schema), JsonValue.Create(body).ToJsonString());
            return;
        }
        if (schema["allOf"]?[0] is not { } problem)
        {
            Check(what, NameOf(schema), body);
            return;
        }
        Check(what, NameOf(problem), body);
        var codes = schema["properties"]!["error_code"]!["enum"]!.AsArray().Select(code => (string)code!).ToList();
        var given = (string?)JsonNode.Parse(body)?["error_code"];
        if (!codes.Contains(given ?? "")) _faults.Enqueue($"{what} {given}: _schemas/openapi.json has only {string.Join(", ", codes)}.");
    }

    /// <summary>A stream is flushed after whole events only.</summary>
    private bool CheckEvents(string sent)
    {
        const string Data = "data: ";
        foreach (var line in sent.Split('\n'))
        {
            if (!line.StartsWith(Data, StringComparison.Ordinal)) continue;
            Check("An event of a stream", "event", line[Data.Length..]);
            if (Leaks.FindInPublished("An event of a stream", line, givesSecrets: false) is { } leak) _faults.Enqueue(leak);
        }
        return true;
    }

    private void Check(string what, string schema, string json)
    {
        if (SchemaSet.FindFault(schema, json) is { } fault) _faults.Enqueue($"{what}: {fault}");
    }

    private static string NameOf(JsonNode reference) => ((string)reference["$ref"]!).Split('/')[^1];

    /// <summary>Passes on what is written, and keeps it.</summary>
    /// <param name="inner">Where it goes.</param>
    /// <param name="take">Is shown what is kept at each flush; true if it need not be kept any longer.</param>
    private sealed class CheckedBody(Stream inner, Func<string, bool> take) : Stream
    {
        private readonly MemoryStream _kept = new();

        public string Text => Encoding.UTF8.GetString(_kept.ToArray());

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush() => FlushAsync(CancellationToken.None).GetAwaiter().GetResult();

        public override async Task FlushAsync(CancellationToken cancellationToken)
        {
            if (take(Text)) _kept.SetLength(0);
            await inner.FlushAsync(cancellationToken);
        }

        public override void Write(byte[] buffer, int offset, int count) =>
            WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _kept.Write(buffer.Span);
            await inner.WriteAsync(buffer, cancellationToken);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
