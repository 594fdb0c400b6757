using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Subscriptions;

namespace QuantaPilot.Integrations.Webhooks;

/// <summary>
/// Posts webhooks over HTTP: CloudEvents in structured mode, signed. It goes to checked addresses only
/// (<see cref="WebhookConnector"/>), through no proxy, follows no redirect, and takes no more of an answer than it needs.
/// </summary>
public sealed class WebhookSender : IWebhookSender, IDisposable
{
    /// <summary>For a whole request, from the resolution of the name to the answer.</summary>
    internal static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(15);

    /// <summary>Of the headers of an answer, in KiB, and of a body that nobody wants and that is read to keep the connection.</summary>
    private const int AnswerLimitKiB = 16;

    private readonly WebhookTargets _targets;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    public WebhookSender(WebhookTargets targets, TimeProvider time)
        : this(targets, time, Dns.GetHostAddressesAsync)
    {
    }

    internal WebhookSender(WebhookTargets targets, TimeProvider time, AddressResolver resolve)
    {
        _targets = targets;
        _time = time;
        _http = NewClient(targets, resolve);
    }

    /// <summary>A client that goes to checked addresses only. It has no time limit of its own.</summary>
    internal static HttpClient NewClient(WebhookTargets targets, AddressResolver resolve) => new(new SocketsHttpHandler
    {
        ConnectCallback = new WebhookConnector(targets, resolve).ConnectAsync,
        ConnectTimeout = TimeLimit,
        // A proxy would resolve the name once more, and connect to whatever it then finds.
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        MaxConnectionsPerServer = 64,
        MaxResponseHeadersLength = AnswerLimitKiB,
        MaxResponseDrainSize = AnswerLimitKiB * 1024,
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        // So that a receiver that has moved is found.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        // Traces are the host's business, not the receiver's.
        ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public async Task<WebhookAnswer> SendAsync(
        Subscription subscription, Webhook webhook, int bodyLimit, CancellationToken cancellationToken)
    {
        // The settings may have changed since it was made.
        if (_targets.FindFault(subscription.Url) is not null)
            return new WebhookAnswer(SinkAnswer.FailedTransiently(DeliveryCodes.AddressRefused));
        using var timeout = new CancellationTokenSource(TimeLimit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        using var request = NewRequest(subscription, webhook, _time.GetUtcNow());
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var outcome = WebhookAnswers.Classify(response, _time);
            return new WebhookAnswer(outcome, bodyLimit > 0 ? await ReadAsync(response, bodyLimit, either.Token, cancellationToken) : null);
        }
        catch (HttpRequestException e)
        {
            return new WebhookAnswer(WebhookAnswers.Classify(e));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new WebhookAnswer(SinkAnswer.FailedTransiently(DeliveryCodes.TimedOut));
        }
    }

    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage NewRequest(Subscription subscription, Webhook webhook, DateTimeOffset now)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, subscription.Url) { Content = new ReadOnlyMemoryContent(webhook.Json) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(CloudEvent.ContentType);
        var timestamp = WebhookSignature.Timestamp(now);
        var signatures = WebhookSignature.Sign(subscription.SecretsAt(now), webhook.Id, timestamp, webhook.Json.Span);
        request.Headers.Add("User-Agent", "QuantaPilot");
        request.Headers.Add(WebhookSignature.IdHeader, webhook.Id);
        request.Headers.Add(WebhookSignature.TimestampHeader, timestamp);
        request.Headers.Add(WebhookSignature.SignatureHeader, signatures);
        if (subscription.PlainSecret is { } secret) request.Headers.Add(PlainSecret.Header, secret.Value);
        return request;
    }

    /// <summary>The beginning of the body. It must not spoil an answer whose status has come: what is there of it is enough.</summary>
    private static async Task<string> ReadAsync(
        HttpResponseMessage response, int limit, CancellationToken either, CancellationToken callers)
    {
        var buffer = new byte[limit];
        var length = 0;
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(either);
            int read;
            while (length < limit && (read = await stream.ReadAsync(buffer.AsMemory(length), either)) > 0) length += read;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException && !callers.IsCancellationRequested)
        {
            // Broken off, or too slow.
        }
        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}
