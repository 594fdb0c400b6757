using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Cli.Client;

/// <summary>The HTTP API, call by call.</summary>
internal sealed class QpClient : IDisposable
{
    private readonly HttpClient _http;

    public QpClient(Uri url, string? token)
    {
        var root = url.AbsoluteUri;
        _http = new HttpClient { BaseAddress = new Uri(root.EndsWith('/') ? root : root + "/") };
        if (token is not null) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public Uri Url => _http.BaseAddress!;

    public Task<Answer<RunAccepted>> StartRunAsync(RunRequest request, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "run", Body(request, CoreJson.Default.RunRequest), CoreJson.Default.RunAccepted, cancellationToken);

    public Task<Answer<RunResource>> GetRunAsync(RunId run, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, $"runs/{run}", null, CoreJson.Default.RunResource, cancellationToken);

    /// <summary>Asks for the run once it has ended, or as it is after <paramref name="wait"/>.</summary>
    public async Task<Answer<RunResource>> AwaitRunAsync(RunId run, TimeSpan wait, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"runs/{run}");
        request.Headers.Add("Prefer", $"wait={(int)wait.TotalSeconds}");
        return await SendAsync(request, CoreJson.Default.RunResource, cancellationToken);
    }

    public Task<Answer<ResourcePage<RunResource>>> ListRunsAsync(
        string? status, string? project, int limit, string? cursor, CancellationToken cancellationToken)
    {
        var query = Query(("status", status), ("project", project), ("limit", $"{limit}"), ("cursor", cursor));
        return SendAsync(HttpMethod.Get, "runs" + query, null, CoreJson.Default.ResourcePageRunResource, cancellationToken);
    }

    public Task<Answer<ResourcePage<GateResource>>> ListPendingGatesAsync(string? cursor, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Get,
            "gates" + Query(("status", "pending"), ("cursor", cursor)),
            null,
            CoreJson.Default.ResourcePageGateResource,
            cancellationToken);

    public Task<Answer<DecisionAnswer>> DecideAsync(
        RunId run, string gate, DecisionRequest decision, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post,
            $"runs/{run}/gates/{Uri.EscapeDataString(gate)}",
            Body(decision, CoreJson.Default.DecisionRequest),
            CoreJson.Default.DecisionAnswer,
            cancellationToken);

    /// <param name="run">The run.</param>
    /// <param name="action"><c>pause</c>, <c>resume</c> or <c>cancel</c>.</param>
    /// <param name="reason">Why; null for resume.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<Answer<RunResource>> ControlAsync(RunId run, string action, string? reason, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post,
            $"runs/{run}/{action}",
            Body(new ControlRequest(reason), CoreJson.Default.ControlRequest),
            CoreJson.Default.RunResource,
            cancellationToken);

    /// <param name="run">The run.</param>
    /// <param name="limits">Limits that get new values; null for none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<Answer<RunResource>> ResumeAsync(RunId run, LimitsResource? limits, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post,
            $"runs/{run}/resume",
            Body(new ResumeRequest(limits), CoreJson.Default.ResumeRequest),
            CoreJson.Default.RunResource,
            cancellationToken);

    /// <summary>Starts a run that goes on where a failed or cancelled one ended.</summary>
    public Task<Answer<RunAccepted>> RetryRunAsync(RunId run, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, $"runs/{run}/retry", null, CoreJson.Default.RunAccepted, cancellationToken);

    private Task<Answer<RunResource>> ControlAsync(RunId run, string action, StringContent body, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, $"runs/{run}/{action}", body, CoreJson.Default.RunResource, cancellationToken);

    /// <summary>Makes a token. The answer is the only place where it can be read.</summary>
    public Task<Answer<TokenCreated>> CreateTokenAsync(TokenRequest request, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post, "tokens", Body(request, CoreJson.Default.TokenRequest), CoreJson.Default.TokenCreated, cancellationToken);

    public Task<Answer<ResourcePage<TokenResource>>> ListTokensAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, "tokens", null, CoreJson.Default.ResourcePageTokenResource, cancellationToken);

    public async Task RevokeTokenAsync(string id, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"tokens/{Uri.EscapeDataString(id)}");
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
    }

    /// <summary>Subscribes a URL. The answer is the only place where its secrets can be read.</summary>
    public Task<Answer<SubscriptionCreated>> CreateSubscriptionAsync(SubscriptionRequest request, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post,
            "subscriptions",
            Body(request, CoreJson.Default.SubscriptionRequest),
            CoreJson.Default.SubscriptionCreated,
            cancellationToken);

    public Task<Answer<ResourcePage<SubscriptionResource>>> ListSubscriptionsAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, "subscriptions", null, CoreJson.Default.ResourcePageSubscriptionResource, cancellationToken);

    public Task<Answer<SubscriptionTestResult>> TestSubscriptionAsync(string id, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, $"{Subscription(id)}/test", null, CoreJson.Default.SubscriptionTestResult, cancellationToken);

    public Task<Answer<SubscriptionRotated>> RotateSubscriptionAsync(
        string id, RotationRequest request, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post,
            $"{Subscription(id)}/rotate",
            Body(request, CoreJson.Default.RotationRequest),
            CoreJson.Default.SubscriptionRotated,
            cancellationToken);

    public Task<Answer<SubscriptionResource>> EnableSubscriptionAsync(string id, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, $"{Subscription(id)}/enable", null, CoreJson.Default.SubscriptionResource, cancellationToken);

    public Task<Answer<SubscriptionResource>> DisableSubscriptionAsync(string id, string? reason, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post,
            $"{Subscription(id)}/disable",
            Body(new ControlRequest(reason), CoreJson.Default.ControlRequest),
            CoreJson.Default.SubscriptionResource,
            cancellationToken);

    public async Task DeleteSubscriptionAsync(string id, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, Subscription(id));
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
    }

    /// <param name="filters">Names and values of query parameters; those without a value are left out.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cursor">Where the page before ended.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<Answer<ResourcePage<AuditEntry>>> ListAuditAsync(
        IEnumerable<(string Name, string? Value)> filters, int limit, string? cursor, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Get,
            "audit" + Query([.. filters, ("limit", $"{limit}"), ("cursor", cursor)]),
            null,
            CoreJson.Default.ResourcePageAuditEntry,
            cancellationToken);

    /// <summary>Events of a run after a sequence number, oldest first; empty if there are no more.</summary>
    public async Task<IReadOnlyList<ReceivedEvent>> ListEventsAsync(RunId run, long after, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"runs/{run}/events?after={after}");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(MediaTypeNames.Application.Json));
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        var page = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
        return [.. page!["items"]!.AsArray().Select(item => ReceivedEvent.Parse(item!.ToJsonString()))];
    }

    /// <param name="run">The run.</param>
    /// <param name="step">Only what this step wrote; null for all.</param>
    /// <param name="after">Only entries with a greater sequence number.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<Answer<ResourcePage<RunLogEntry>>> ListLogsAsync(
        RunId run, string? step, long after, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Get,
            $"runs/{run}/logs" + Query(("after", $"{after}"), ("step", step), ("limit", "200")),
            null,
            CoreJson.Default.ResourcePageRunLogEntry,
            cancellationToken);

    /// <summary>Opens a stream of server-sent events. The caller disposes the response.</summary>
    /// <exception cref="ProblemException">The server refuses.</exception>
    public async Task<HttpResponseMessage> OpenStreamAsync(string path, string? lastEventId, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(MediaTypeNames.Text.EventStream));
        if (lastEventId is not null) request.Headers.Add("Last-Event-ID", lastEventId);
        return await SendRawAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    /// <summary>Fails with what the API says if the answer is not a success.</summary>
    public static async Task EnsureSuccessAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode) return;
        var json = await response.Content.ReadAsStringAsync(cancellationToken);
        throw ReadProblem(json) is { } problem
            ? new ProblemException(problem, json)
            : new CliException(
                $"{response.RequestMessage?.RequestUri?.GetLeftPart(UriPartial.Authority)} answered {(int)response.StatusCode} "
                + $"{response.ReasonPhrase}, not as a QuantaPilot server does. Is the URL right?");
    }

    public void Dispose() => _http.Dispose();

    private static string Subscription(string id) => $"subscriptions/{Uri.EscapeDataString(id)}";

    private static Problem? ReadProblem(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, CoreJson.Default.Problem) is { ErrorCode: not null } problem ? problem : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static StringContent Body<T>(T value, JsonTypeInfo<T> type) =>
        new(JsonSerializer.Serialize(value, type), Encoding.UTF8, MediaTypeNames.Application.Json);

    private static string Query(params (string Name, string? Value)[] parameters)
    {
        var set = parameters.Where(p => p.Value is not null).Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value!)}").ToList();
        return set.Count == 0 ? "" : "?" + string.Join('&', set);
    }

    private async Task<Answer<T>> SendAsync<T>(
        HttpMethod method, string path, HttpContent? content, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        return await SendAsync(request, type, cancellationToken);
    }

    private async Task<Answer<T>> SendAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        var json = await response.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            return new Answer<T>(JsonSerializer.Deserialize(json, type)!, json);
        }
        catch (JsonException e)
        {
            throw new CliException($"{Url} answered something else than this version of qp expects: {e.Message}", inner: e);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        try
        {
            var response = await SendRawAsync(request, completion, cancellationToken);
            await EnsureSuccessAsync(response, cancellationToken);
            return response;
        }
        catch (HttpRequestException e)
        {
            throw new CliException($"The server at {Url} can't be reached: {e.Message}", inner: e);
        }
        catch (TaskCanceledException e) when (e.InnerException is TimeoutException)
        {
            throw new CliException($"The server at {Url} did not answer within {_http.Timeout.TotalSeconds:0} s.", inner: e);
        }
    }

    private Task<HttpResponseMessage> SendRawAsync(
        HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellationToken) =>
        _http.SendAsync(request, completion, cancellationToken);
}
