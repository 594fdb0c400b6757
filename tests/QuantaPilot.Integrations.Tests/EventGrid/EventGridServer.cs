using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace QuantaPilot.Integrations.Tests.EventGrid;

/// <summary>
/// A topic endpoint on loopback that takes what Event Grid documents, and refuses what it refuses:
/// https://learn.microsoft.com/azure/event-grid/post-to-custom-topic, and the JSON format of CloudEvents 1.0.
/// </summary>
public sealed class EventGridServer : IAsyncDisposable
{
    public const string Key = "VXbGWce53249Mt8wuotr0GPmyJ/nDT4hgdEj9DpBeRr38arnnm5OFg==";
    public const string Token = "a-token-of-this-host";

    private const int MaxBytes = 1024 * 1024;

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<JsonElement> _events = new();
    private int _requests;

    private EventGridServer(WebApplication app, X509Certificate2? certificate)
    {
        _app = app;
        Certificate = certificate;
    }

    /// <summary>What it identifies itself with; null over plain HTTP.</summary>
    public X509Certificate2? Certificate { get; }

    public Uri Endpoint => new(new Uri(_app.Urls.Single()), "/api/events");

    /// <summary>Asked before each request; true if it has been answered.</summary>
    public Func<HttpContext, Task<bool>> Intercept { get; set; } = _ => Task.FromResult(false);

    /// <summary>How many requests have come.</summary>
    public int Requests => _requests;

    /// <summary>The events that were taken, in order of arrival.</summary>
    public IReadOnlyList<JsonElement> Events => [.. _events];

    /// <summary>What was wrong with the last request that was refused as ill-formed.</summary>
    public string? Fault { get; private set; }

    /// <summary>The last body that was taken.</summary>
    public ReadOnlyMemory<byte> LastBody { get; private set; }

    /// <param name="port">0 for a free one.</param>
    /// <param name="tls">True for HTTPS with a certificate of its own.</param>
    public static async Task<EventGridServer> StartAsync(int port = 0, bool tls = false)
    {
        var certificate = tls ? NewCertificate() : null;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            // The server's own limit must not speak for Event Grid's.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.ListenLocalhostOnly(port, certificate);
        });
        if (tls) builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Logging.ClearProviders();
        var server = new EventGridServer(builder.Build(), certificate);
        server._app.Run(server.HandleAsync);
        await server._app.StartAsync();
        return server;
    }

    /// <summary>Answers as Event Grid does when it refuses.</summary>
    public static async Task<bool> RefuseAsync(HttpContext context, int status, string? retryAfter = null)
    {
        context.Response.StatusCode = status;
        if (retryAfter is not null) context.Response.Headers.RetryAfter = retryAfter;
        await context.Response.WriteAsync($$$"""{"error":{"code":"Status{{{status}}}","message":"refused","details":[]}}""");
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        Certificate?.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        if (await Intercept(context)) return;
        var request = context.Request;
        if (request.Headers["aeg-sas-key"] != Key && !(request.IsHttps && request.Headers.Authorization == $"Bearer {Token}"))
        {
            await RefuseAsync(context, 401);
            return;
        }
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        if (body.Length > MaxBytes)
        {
            await RefuseAsync(context, 413);
            return;
        }
        if ((Fault = FindFault(request, body.ToArray(), out var events)) is not null)
        {
            await RefuseAsync(context, 400);
            return;
        }
        LastBody = body.ToArray();
        Leaks.CheckPublished("An event of a topic", System.Text.Encoding.UTF8.GetString(LastBody.Span));
        foreach (var e in events) _events.Enqueue(e);
    }

    private static string? FindFault(HttpRequest request, byte[] body, out List<JsonElement> events)
    {
        events = [];
        if (request.Method != "POST" || request.Path != "/api/events") return "method or path";
        if (request.Query["api-version"] != "2018-01-01") return "api-version";
        if (request.ContentType != "application/cloudevents-batch+json; charset=utf-8") return $"content type {request.ContentType}";
        events = [.. JsonElement.Parse(body).EnumerateArray()];
        return events.Select(FindFault).FirstOrDefault(fault => fault is not null);
    }

    private static string? FindFault(JsonElement e)
    {
        foreach (var required in new[] { "id", "source", "type", "specversion" })
        {
            if (!e.TryGetProperty(required, out var value) || value.ValueKind != JsonValueKind.String || value.GetString() is "")
            {
                return required;
            }
        }
        if (e.GetProperty("specversion").GetString() != "1.0") return "specversion";
        foreach (var attribute in e.EnumerateObject())
        {
            if (attribute.Name == "data") continue;
            if (!attribute.Name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c))) return $"attribute name {attribute.Name}";
            // The type system of CloudEvents: strings (also for times and URIs), booleans and 32-bit integers.
            var accepted = attribute.Value.ValueKind is JsonValueKind.String or JsonValueKind.True or JsonValueKind.False
                || attribute.Value.ValueKind == JsonValueKind.Number && attribute.Value.TryGetInt32(out _);
            if (!accepted) return $"type of {attribute.Name}";
        }
        if (e.TryGetProperty("time", out var time) && !time.TryGetDateTimeOffset(out _)) return "time";
        if (e.TryGetProperty("dataschema", out var schema) && !Uri.IsWellFormedUriString(schema.GetString(), UriKind.Absolute))
        {
            return "dataschema";
        }
        return null;
    }

    private static X509Certificate2 NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}

file static class Listening
{
    public static void ListenLocalhostOnly(this KestrelServerOptions kestrel, int port, X509Certificate2? certificate) =>
        kestrel.Listen(System.Net.IPAddress.Loopback, port, listen =>
        {
            if (certificate is not null) listen.UseHttps(certificate);
        });
}
