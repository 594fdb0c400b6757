using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Agents;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Subscriptions;
using QuantaPilot.Integrations.Webhooks;

namespace QuantaPilot.Integrations.Http;

/// <summary>
/// Agents elsewhere over HTTP: signed requests to checked addresses only, as webhooks are (<see cref="WebhookSender"/>), and callbacks
/// that are signed with the same secret.
/// </summary>
public sealed class HttpAgentClient : IAgentEndpoints, IDisposable
{
    private const string JsonType = "application/json";

    /// <summary>For a whole request. An agent accepts a task first and works after that.</summary>
    private static readonly TimeSpan _timeLimit = TimeSpan.FromSeconds(30);

    /// <summary>What is read of an answer, in bytes: it may hold one URL.</summary>
    private const int AnswerLimit = 8 * 1024;

    private readonly HttpAgentEndpoints _endpoints;
    private readonly PublicUrl _publicUrl;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HttpClient _http;

    public HttpAgentClient(
        HttpAgentEndpoints endpoints, WebhookTargets targets, PublicUrl publicUrl, TimeProvider time, ILogger<HttpAgentClient> logger)
    {
        _endpoints = endpoints;
        _publicUrl = publicUrl;
        _time = time;
        _logger = logger;
        _http = WebhookSender.NewClient(targets, Dns.GetHostAddressesAsync);
    }

    public async Task<string?> PostAsync(string endpoint, AgentTaskMessage task, CancellationToken cancellationToken)
    {
        var known = Find(endpoint);
        var path = $"runs/{task.RunId}/agents/{AgentStep.ToPathPart(task.Step)}/{task.Round}";
        var callback = new Uri(await _publicUrl.GetAsync(cancellationToken), path).AbsoluteUri;
        var body = JsonSerializer.SerializeToUtf8Bytes(task with { CallbackUrl = callback }, CoreJson.Default.AgentTaskMessage);
        using var request = new HttpRequestMessage(HttpMethod.Post, known.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(JsonType);
        var id = $"{task.RunId}:{AgentStep.ToPathPart(task.Step)}:{task.Round}";
        request.Headers.Add("Idempotency-Key", id);
        Sign(request, known, id, body);
        try
        {
            using var timeout = new CancellationTokenSource(_timeLimit, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (!response.IsSuccessStatusCode) throw Refused(endpoint, response);
            return await ReadTaskUrlAsync(known, response, either.Token);
        }
        catch (HttpRequestException e) when (e.InnerException is AddressRefusedException)
        {
            throw new StepException(
                ErrorCodes.AgentNotAllowed,
                $"The agent '{endpoint}' has no address that is allowed: the host's settings can allow it by name.",
                inner: e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new StepException(
                ErrorCodes.AgentFailed, $"The agent '{endpoint}' can't be reached.", transient: true, e)
            { IsOutage = true };
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StepException(
                ErrorCodes.AgentFailed,
                $"The agent '{endpoint}' did not accept the task within {_timeLimit.TotalSeconds} s.",
                transient: true,
                e);
        }
    }

    public async Task StopAsync(string endpoint, string taskUrl, CancellationToken cancellationToken)
    {
        if (_endpoints.Find(endpoint) is not { } known || !IsOn(known.Url, taskUrl, out var url)) return;
        using var request = new HttpRequestMessage(HttpMethod.Delete, url);
        Sign(request, known, $"stop:{Guid.NewGuid():N}", []);
        try
        {
            using var timeout = new CancellationTokenSource(_timeLimit, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            Logs.Stopped(_logger, endpoint, (int)response.StatusCode);
        }
        catch (Exception e) when (e is HttpRequestException or IOException
            || e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            Logs.NotStopped(_logger, e, endpoint);
        }
    }

    public bool IsSigned(string endpoint, CallbackSignature signature, ReadOnlyMemory<byte> body) =>
        _endpoints.Find(endpoint) is { } known
        && WebhookSignature.Verify(
            known.Secret, signature.Id, signature.Timestamp, signature.Signatures, body.Span, _time.GetUtcNow());

    public void Dispose() => _http.Dispose();

    private HttpAgentEndpoints.Known Find(string endpoint) => _endpoints.Find(endpoint)
        ?? throw new StepException(ErrorCodes.AgentNotAllowed, $"The settings of this host have no agent named '{endpoint}' any more.");

    private void Sign(HttpRequestMessage request, HttpAgentEndpoints.Known endpoint, string id, byte[] body)
    {
        var timestamp = WebhookSignature.Timestamp(_time.GetUtcNow());
        request.Headers.Add("User-Agent", "QuantaPilot");
        request.Headers.Add(WebhookSignature.IdHeader, id);
        request.Headers.Add(WebhookSignature.TimestampHeader, timestamp);
        request.Headers.Add(WebhookSignature.SignatureHeader, WebhookSignature.Sign([endpoint.Secret], id, timestamp, body));
    }

    private StepException Refused(string endpoint, HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        var isTransient = status is 408 or 429 or >= 500;
        var message = $"The agent '{endpoint}' did not accept the task: it answered {status}.";
        return new StepException(ErrorCodes.AgentFailed, message, isTransient)
        {
            RetryAfter = isTransient ? WebhookAnswers.RetryAfter(response, _time) : null,
        };
    }

    /// <summary>From the body or the Location. What is no such answer names none: the task is accepted all the same.</summary>
    private async Task<string?> ReadTaskUrlAsync(
        HttpAgentEndpoints.Known endpoint, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var given = response.Headers.Location is { } location ? new Uri(endpoint.Url, location).AbsoluteUri : null;
        if (response.Content.Headers.ContentType?.MediaType == JsonType)
        {
            var buffer = new byte[AnswerLimit];
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            var length = await stream.ReadAtLeastAsync(buffer, AnswerLimit, throwOnEndOfStream: false, cancellationToken);
            try
            {
                given = JsonSerializer.Deserialize(buffer.AsSpan(0, length), CoreJson.Default.AgentTaskAccepted)?.TaskUrl ?? given;
            }
            catch (JsonException)
            {
                // Some other JSON.
            }
        }
        if (given is null) return null;
        if (IsOn(endpoint.Url, given, out var url)) return url.AbsoluteUri;
        Logs.TaskUrlElsewhere(_logger, endpoint.Name);
        return null;
    }

    /// <summary>True for a URL on the endpoint's own host: requests to others would be signed with a secret that is not theirs.</summary>
    private static bool IsOn(Uri endpoint, string text, out Uri url) =>
        Uri.TryCreate(text, UriKind.Absolute, out url!)
        && Uri.Compare(endpoint, url, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0
        && url.UserInfo.Length == 0;
}
