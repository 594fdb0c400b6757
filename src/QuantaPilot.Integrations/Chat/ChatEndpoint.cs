using System.Text.RegularExpressions;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Chat;

/// <summary>A model behind an OpenAI-compatible endpoint, as the host's settings name it for <c>chat</c> agents.</summary>
/// <remarks>No record, whose text would show the key.</remarks>
public sealed partial class ChatEndpoint
{
    /// <summary>The name of the endpoint that agents get who name none.</summary>
    public const string DefaultName = "default";

    /// <summary>What it is called in <c>endpoint:</c> of quantapilot.yml: 1 to 64 letters, digits, '-' or '_'.</summary>
    public required string Name { get; init; }

    /// <summary>The URL below which it serves <c>/chat/completions</c>, such as <c>https://api.openai.com/v1</c>.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>The model, as the endpoint names it.</summary>
    public required string Model { get; init; }

    /// <summary>Sent as a bearer token. Default: none, for servers that ask for none.</summary>
    public string? Key { get; init; }

    /// <summary>Sent with every request, so that an endpoint that heeds it answers alike. Default: 1; null sends none.</summary>
    public long? Seed { get; init; } = 1;

    /// <summary>0 to 2. Default: null, the model's own; some models accept no other.</summary>
    public double? Temperature { get; init; }

    /// <summary>The most tokens of one answer, thinking included. Default: 8,192.</summary>
    public int MaxOutputTokens { get; init; } = 8_192;

    /// <summary>How long one answer may take, from the request to its last word. Default: 5 minutes.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The price of a million tokens in, in US dollars. Default: null, which counts as free.</summary>
    public decimal? InputUsdPerMillion { get; init; }

    /// <summary>The price of a million tokens out, in US dollars. Default: null, which counts as free.</summary>
    public decimal? OutputUsdPerMillion { get; init; }

    /// <summary>The price of a million tokens in that the endpoint had in its cache. Default: null, that of the others.</summary>
    public decimal? CachedInputUsdPerMillion { get; init; }

    /// <summary>
    /// Globs of the repositories whose text may be sent there, of those that the host allows at all
    /// (see <see cref="RepositoryPolicy"/>). Default: all.
    /// </summary>
    public IReadOnlyList<string> Projects { get; init; } = ["*"];

    /// <summary>How it is told to answer in JSON. Default: <see cref="ChatAnswerFormat.JsonSchema"/>.</summary>
    public ChatAnswerFormat AnswerFormat { get; init; } = ChatAnswerFormat.JsonSchema;

    /// <summary>What is not accepted, or null. It never repeats the key.</summary>
    public ChatEndpointFault? FindFault()
    {
        if (!NamePattern().IsMatch(Name))
            return new(nameof(Name), "must have 1 to 64 letters, digits, '-' or '_', beginning with a letter or digit");
        if (FindEndpointFault() is { } fault) return new(nameof(Endpoint), fault);
        if (Model.Length is 0 or > 200 || Model.Any(c => c is <= ' ' or > '~'))
            return new(nameof(Model), "must be 1 to 200 characters of printable ASCII without blanks");
        if (Key is not null && (Key.Length == 0 || Key.Any(c => c is <= ' ' or > '~')))
            return new(nameof(Key), "must be printable ASCII without blanks");
        if (Temperature is < 0 or > 2 or double.NaN) return new(nameof(Temperature), "must be a number from 0 to 2");
        if (MaxOutputTokens is < 256 or > 1_000_000) return new(nameof(MaxOutputTokens), "must be an integer from 256 to 1000000");
        if (RequestTimeout < TimeSpan.FromSeconds(1) || RequestTimeout > TimeSpan.FromHours(1))
            return new(nameof(RequestTimeout), "must be from 1 second to 1 hour");
        return FindPriceFault() ?? FindProjectFault();
    }

    /// <summary>What tokens cost by the prices, in US dollars.</summary>
    /// <param name="input">Tokens in, those in the cache included.</param>
    /// <param name="cached">Of those, the ones that were in the cache.</param>
    /// <param name="output">Tokens out.</param>
    internal decimal Cost(long input, long cached, long output)
    {
        var (inPrice, outPrice) = (InputUsdPerMillion ?? 0, OutputUsdPerMillion ?? 0);
        return ((input - cached) * inPrice + cached * (CachedInputUsdPerMillion ?? inPrice) + output * outPrice) / 1_000_000;
    }

    private string? FindEndpointFault()
    {
        if (!Endpoint.IsAbsoluteUri || Endpoint.Scheme is not ("https" or "http"))
            return "must be an absolute URL, such as https://api.openai.com/v1";
        if (Endpoint.UserInfo.Length > 0 || Endpoint.Query.Length > 0 || Endpoint.Fragment.Length > 0)
            return "must have no credentials, query or fragment";
        if (Endpoint.Scheme == "http" && !Endpoint.IsLoopback && Key is not null)
            return "must be https:// where there is a key (http:// is accepted for loopback addresses, and elsewhere without a key)";
        return null;
    }

    private ChatEndpointFault? FindPriceFault()
    {
        const string range = "must be an amount of US dollars from 0 to 100000";
        if (InputUsdPerMillion is < 0 or > 100_000) return new(nameof(InputUsdPerMillion), range);
        if (OutputUsdPerMillion is < 0 or > 100_000) return new(nameof(OutputUsdPerMillion), range);
        if (CachedInputUsdPerMillion is < 0 or > 100_000) return new(nameof(CachedInputUsdPerMillion), range);
        if (InputUsdPerMillion is null != OutputUsdPerMillion is null)
        {
            return new(
                InputUsdPerMillion is null ? nameof(InputUsdPerMillion) : nameof(OutputUsdPerMillion),
                "is missing: prices of tokens in and out go together");
        }
        return CachedInputUsdPerMillion is not null && InputUsdPerMillion is null
            ? new(nameof(InputUsdPerMillion), "is missing: the price of cached tokens goes with those of the others")
            : null;
    }

    private ChatEndpointFault? FindProjectFault()
    {
        try
        {
            _ = new RepositoryPolicy(Projects);
            return null;
        }
        catch (FormatException e)
        {
            return new(nameof(Projects), $"is not accepted: {e.Message.TrimEnd('.')}");
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9_-]{0,63}\z")]
    private static partial Regex NamePattern();
}

/// <summary>Something in a <see cref="ChatEndpoint"/> that is not accepted.</summary>
/// <param name="Member">Which of its members.</param>
/// <param name="What">What is wrong with it, and what is accepted.</param>
public sealed record ChatEndpointFault(string Member, string What);

/// <summary>How an endpoint is told to answer a task in JSON. Whatever it says, the answer is checked.</summary>
public enum ChatAnswerFormat
{
    /// <summary>By a schema that the endpoint enforces (<c>response_format: json_schema</c>).</summary>
    JsonSchema,

    /// <summary>As any JSON object (<c>response_format: json_object</c>).</summary>
    JsonObject,

    /// <summary>By words alone, for endpoints that know neither.</summary>
    Text,
}
