using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Chat;

/// <summary>What the faults of endpoints mean for a step.</summary>
internal static partial class ChatFaults
{
    private const int MostWords = 300;

    /// <summary>No endpoint means to be asked again only after longer than this.</summary>
    private static readonly TimeSpan MostRetryAfter = TimeSpan.FromDays(1);

    /// <returns>Null for what is no fault of an endpoint.</returns>
    public static StepException? Find(Exception e, ChatEndpoint endpoint, TimeProvider time) => e switch
    {
        ClientResultException { Status: not 0 } answer => FromStatus(answer, endpoint, time),
        ClientResultException { InnerException: HttpRequestException inner } when IsNoConnection(inner) => Unreachable(endpoint, e),
        HttpRequestException inner when IsNoConnection(inner) => Unreachable(endpoint, e),
        ClientResultException or HttpRequestException or IOException or OperationCanceledException => CutOff(endpoint, e),
        // What comes is not the JSON of chat completions, or a member has a value that these don't have.
        JsonException or FormatException or InvalidOperationException or KeyNotFoundException or ArgumentException =>
            Malformed(endpoint, e),
        _ => null,
    };

    public static StepException TimedOut(ChatEndpoint endpoint, Exception e) => new(
        ErrorCodes.AgentTimedOut,
        string.Create(
            CultureInfo.InvariantCulture,
            $"The chat endpoint '{endpoint.Name}' has not answered in full within {endpoint.RequestTimeout.TotalSeconds:0} s."),
        transient: true,
        e);

    public static StepException CutOff(ChatEndpoint endpoint, Exception? e) => new(
        ErrorCodes.AgentFailed,
        $"The chat endpoint '{endpoint.Name}' ended the connection before its answer was whole.",
        transient: true,
        e);

    public static StepException Filtered(ChatEndpoint endpoint, Exception? e = null) => new(
        ErrorCodes.AgentFailed,
        $"The content filter of the chat endpoint '{endpoint.Name}' stopped the request or its answer. Another wording of the task, "
        + "or of what the repository says, may pass.",
        inner: e);

    public static StepException Refused(ChatEndpoint endpoint, string words) => new(
        ErrorCodes.AgentFailed, $"The model of the chat endpoint '{endpoint.Name}' refused the task: {Words(words, endpoint)}");

    private static bool IsNoConnection(HttpRequestException e) => e.HttpRequestError is
        HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError
        or HttpRequestError.ProxyTunnelError;

    private static StepException Malformed(ChatEndpoint endpoint, Exception e) => new(
        ErrorCodes.AgentFailed, $"The chat endpoint '{endpoint.Name}' sent what is not an answer of chat completions.", transient: true, e);

    private static StepException Unreachable(ChatEndpoint endpoint, Exception e) => new(
        ErrorCodes.AgentFailed, $"The chat endpoint '{endpoint.Name}' can't be reached.", transient: true, e)
    {
        IsOutage = true,
    };

    private static StepException FromStatus(ClientResultException e, ChatEndpoint endpoint, TimeProvider time)
    {
        var (code, words) = ReadError(e.GetRawResponse());
        var who = $"The chat endpoint '{endpoint.Name}'";
        return e.Status switch
        {
            401 or 403 => new StepException(
                ErrorCodes.AuthenticationFailed,
                $"{who} does not accept the key in the settings of this host, or not for the model {endpoint.Model} (HTTP {e.Status}).",
                inner: e),
            _ when code is "content_filter" or "content_policy_violation" => Filtered(endpoint, e),
            429 when code is "insufficient_quota" => new StepException(
                ErrorCodes.AgentFailed, $"{who} refuses requests until its quota or balance is raised (HTTP 429, {code}).", inner: e),
            413 => TooLong(who, e),
            >= 400 and < 500 when code is "context_length_exceeded" || ContextWords().IsMatch(words) => TooLong(who, e),
            408 or 425 or 429 or >= 500 => new StepException(
                ErrorCodes.AgentFailed, $"{who} takes no requests at the moment (HTTP {e.Status}).", transient: true, e)
            {
                RetryAfter = RetryAfter(e.GetRawResponse(), time),
            },
            404 => new StepException(
                ErrorCodes.AgentFailed, $"{who} does not know the model {endpoint.Model}, or its URL is wrong (HTTP 404).", inner: e),
            _ => new StepException(
                ErrorCodes.AgentFailed,
                $"{who} refused the request (HTTP {e.Status}){(words.Length == 0 ? "." : $": {Words(words, endpoint)}")}",
                inner: e),
        };
    }

    private static StepException TooLong(string who, Exception e) => new(
        ErrorCodes.AgentFailed,
        $"{who} has a model whose context is too small for the request: give the agent one with a larger context, or a smaller task.",
        inner: e);

    /// <summary>OpenAI's <c>{"error":{"code","message"}}</c>, which others send with variations.</summary>
    private static (string Code, string Words) ReadError(PipelineResponse? response)
    {
        if (response is null) return ("", "");
        try
        {
            using var body = JsonDocument.Parse(response.Content);
            var error = body.RootElement.ValueKind == JsonValueKind.Object && body.RootElement.TryGetProperty("error", out var inner)
                ? inner
                : body.RootElement;
            return error.ValueKind == JsonValueKind.String
                ? ("", error.GetString()!)
                : (Text(error, "code") ?? Text(error, "type") ?? "", Text(error, "message") ?? "");
        }
        catch (JsonException)
        {
            // A proxy's page: the status says it.
            return ("", "");
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    /// <summary>One bounded line without the key, which some endpoints repeat.</summary>
    private static string Words(string text, ChatEndpoint endpoint)
    {
        if (endpoint.Key is { } key) text = text.Replace(key, Redactor.Replacement, StringComparison.Ordinal);
        var line = string.Join(' ', text.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));
        line = Redactor.Redact(string.Concat(line.Where(c => !char.IsControl(c))));
        return line.Length <= MostWords ? line : line[..MostWords] + "…";
    }

    /// <summary>Seconds or a date (RFC 9110). What is ill-formed or past counts for nothing.</summary>
    private static TimeSpan? RetryAfter(PipelineResponse? response, TimeProvider time)
    {
        if (response is null || !response.Headers.TryGetValue("Retry-After", out var text)) return null;
        TimeSpan? wait = null;
        var culture = CultureInfo.InvariantCulture;
        if (uint.TryParse(text, NumberStyles.None, culture, out var seconds)) wait = TimeSpan.FromSeconds(seconds);
        else if (DateTimeOffset.TryParse(text, culture, DateTimeStyles.AssumeUniversal, out var date)) wait = date - time.GetUtcNow();
        if (wait is null || wait <= TimeSpan.Zero) return null;
        return wait < MostRetryAfter ? wait : MostRetryAfter;
    }

    // OpenAI and vLLM, llama.cpp, Anthropic, Ollama and others, in this order.
    [GeneratedRegex(
        "maximum context length|available context size|prompt is too long|context (?:window|length)|too many (?:input )?tokens",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ContextWords();
}
