using System.Globalization;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Integrations.Chat;

namespace QuantaPilot.Cli.CommandLine;

/// <summary>
/// A chat endpoint as <c>NAME=URL,model=…</c>, from the command line or the environment. Keys come from the environment, where other
/// users' <c>ps</c> does not see them.
/// </summary>
internal static class ChatEndpointText
{
    /// <summary>Endpoints of a server in this process, and of <c>serve</c> beside its options: texts separated by blanks.</summary>
    public const string Variable = "QP_CHAT";

    public const string KeyPrefix = "QP_CHAT_KEY_";

    public const string Accepted =
        "NAME=URL,model=…[,input=USD,output=USD,cached-input=USD,seed=N|none,temperature=N,max-output=N,timeout=5m,"
        + "format=json-schema|json-object|text,project=GLOB…], e.g. default=https://api.openai.com/v1,model=gpt-4.1,input=2,output=8";

    private static readonly Dictionary<string, string> Settings = new(StringComparer.Ordinal)
    {
        [nameof(ChatEndpoint.Name)] = "NAME",
        [nameof(ChatEndpoint.Endpoint)] = "URL",
        [nameof(ChatEndpoint.Model)] = "model",
        [nameof(ChatEndpoint.InputUsdPerMillion)] = "input",
        [nameof(ChatEndpoint.OutputUsdPerMillion)] = "output",
        [nameof(ChatEndpoint.CachedInputUsdPerMillion)] = "cached-input",
        [nameof(ChatEndpoint.Seed)] = "seed",
        [nameof(ChatEndpoint.Temperature)] = "temperature",
        [nameof(ChatEndpoint.MaxOutputTokens)] = "max-output",
        [nameof(ChatEndpoint.RequestTimeout)] = "timeout",
        [nameof(ChatEndpoint.AnswerFormat)] = "format",
        [nameof(ChatEndpoint.Projects)] = "project",
    };

    /// <summary>The endpoints in the environment.</summary>
    /// <exception cref="UsageException">One is not accepted.</exception>
    public static IReadOnlyList<ChatEndpoint> FromEnvironment(Func<string, string?> variable) =>
    [
        .. (variable(Variable) ?? "").Split(default(char[]), StringSplitOptions.RemoveEmptyEntries)
            .Select(text => Parse(Variable, text, variable)),
    ];

    /// <param name="source">Where the text stands, for messages.</param>
    /// <param name="text">The endpoint.</param>
    /// <param name="variable">The environment.</param>
    /// <exception cref="UsageException">It is not accepted; the message names the setting at fault.</exception>
    public static ChatEndpoint Parse(string source, string text, Func<string, string?> variable)
    {
        var parts = text.Split(',');
        if (parts[0].Split('=', 2) is not [var name, var url] || !Uri.TryCreate(url, UriKind.Absolute, out var uri))
            throw new UsageException($"{source} '{text}' is not accepted: give {Accepted}.");
        var given = new Given(source, name, parts[1..]);
        var endpoint = new ChatEndpoint
        {
            Name = name,
            Endpoint = uri,
            Model = given.Text("model") ?? throw given.Fault("model is missing"),
            Key = variable(KeyVariable(name)) is { Length: > 0 } key ? key : null,
            InputUsdPerMillion = given.Money("input"),
            OutputUsdPerMillion = given.Money("output"),
            CachedInputUsdPerMillion = given.Money("cached-input"),
            Seed = given.Seed(),
            Temperature = given.Number("temperature"),
            MaxOutputTokens = given.Whole("max-output", 8_192),
            RequestTimeout = given.Duration("timeout", TimeSpan.FromMinutes(5)),
            AnswerFormat = given.Format(),
            Projects = given.All("project") is { Count: > 0 } projects ? projects : ["*"],
        };
        given.RefuseOthers();
        return endpoint.FindFault() is { } fault
            ? throw given.Fault($"{(fault.Member == nameof(ChatEndpoint.Key) ? KeyVariable(name) : Settings[fault.Member])} {fault.What}")
            : endpoint;
    }

    /// <summary>The variable that holds the endpoint's key.</summary>
    public static string KeyVariable(string name) => KeyPrefix + name.ToUpperInvariant().Replace('-', '_');

    private sealed class Given(string source, string name, string[] parts)
    {
        private readonly List<(string Name, string Value)> _settings =
            [.. parts.Select(part => part.Split('=', 2)).Select(pair => (pair[0], pair.Length == 2 ? pair[1] : ""))];

        public List<string> All(string setting) => [.. _settings.Where(given => given.Name == setting).Select(given => given.Value)];

        public string? Text(string setting) => All(setting) switch
        {
            [] => null,
            [var only] => only,
            _ => throw Fault($"{setting} is given twice"),
        };

        public decimal? Money(string setting)
        {
            if (Text(setting) is not { } text) return null;
            return decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
                ? amount
                : throw Fault($"{setting} must be an amount of US dollars per million tokens, such as 2.5, not '{text}'");
        }

        public double? Number(string setting)
        {
            if (Text(setting) is not { } text) return null;
            return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw Fault($"{setting} must be a number, such as 0.2, not '{text}'");
        }

        public int Whole(string setting, int absent)
        {
            if (Text(setting) is not { } text) return absent;
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw Fault($"{setting} must be an integer, not '{text}'");
        }

        public TimeSpan Duration(string setting, TimeSpan absent)
        {
            if (Text(setting) is not { } text) return absent;
            return DurationText.TryParse(text, out var duration)
                ? duration
                : throw Fault($"{setting} must be {DurationText.Accepted}, not '{text}'");
        }

        public long? Seed() => Text("seed") switch
        {
            null => 1,
            "none" => null,
            var text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seed) => seed,
            var text => throw Fault($"seed must be an integer or none, not '{text}'"),
        };

        public ChatAnswerFormat Format() => Text("format") switch
        {
            null or "json-schema" => ChatAnswerFormat.JsonSchema,
            "json-object" => ChatAnswerFormat.JsonObject,
            "text" => ChatAnswerFormat.Text,
            var text => throw Fault($"format must be json-schema, json-object or text, not '{text}'"),
        };

        public void RefuseOthers()
        {
            if (_settings.Select(given => given.Name).FirstOrDefault(setting => !Settings.ContainsValue(setting)) is { } other)
                throw Fault($"'{other}' is unknown: give {Accepted}");
        }

        public UsageException Fault(string what) => new($"{source}: the chat endpoint '{name}' is not accepted: {what}.");
    }
}
