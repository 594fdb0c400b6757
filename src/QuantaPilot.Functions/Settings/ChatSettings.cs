using System.Globalization;
using QuantaPilot.Integrations.Chat;

namespace QuantaPilot.Functions.Settings;

/// <summary>The settings below <c>Chat:N</c>: models behind OpenAI-compatible endpoints.</summary>
internal static class ChatSettings
{
    /// <exception cref="InvalidSettingException">One is missing or not accepted.</exception>
    public static ChatEndpoints Read(SettingsReader section)
    {
        var endpoints = new List<ChatEndpoint>();
        foreach (var chat in section.Children("Chat"))
        {
            var endpoint = Read(section, chat);
            if (endpoint.FindFault() is { } fault) throw section.Refuse($"{chat}:{NameOf(fault.Member)}", $"{fault.What}.");
            if (endpoints.Exists(other => other.Name == endpoint.Name))
                throw section.Refuse($"{chat}:Name", $"is that of another endpoint, '{endpoint.Name}': each needs one of its own.");
            endpoints.Add(endpoint);
        }
        return new ChatEndpoints(endpoints);
    }

    private static ChatEndpoint Read(SettingsReader section, string chat)
    {
        string Required(string name, string what) =>
            section.Text($"{chat}:{name}") ?? throw section.Refuse($"{chat}:{name}", $"is missing: {what}.");
        if (!Uri.TryCreate(Required("Endpoint", "the URL, such as https://api.openai.com/v1"), UriKind.Absolute, out var endpoint))
            throw section.Refuse($"{chat}:Endpoint", "must be an absolute URL, such as https://api.openai.com/v1.");
        var projects = section.List($"{chat}:Projects").Select(project => project.Value).ToList();
        return new ChatEndpoint
        {
            Name = Required("Name", "what agents call the endpoint in quantapilot.yml; default is the one that they get who name none"),
            Endpoint = endpoint,
            Model = Required("Model", "the model, as the endpoint names it"),
            Key = ReadKey(section, $"{chat}:Key"),
            Seed = ReadSeed(section, $"{chat}:Seed"),
            Temperature = (double?)ReadNumber(section, $"{chat}:Temperature"),
            MaxOutputTokens = section.Number($"{chat}:MaxOutputTokens", 8_192, 1_000_000),
            RequestTimeout = TimeSpan.FromSeconds(section.Number($"{chat}:RequestTimeoutSeconds", 300, 3_600)),
            InputUsdPerMillion = ReadNumber(section, $"{chat}:InputUsdPerMillion"),
            OutputUsdPerMillion = ReadNumber(section, $"{chat}:OutputUsdPerMillion"),
            CachedInputUsdPerMillion = ReadNumber(section, $"{chat}:CachedInputUsdPerMillion"),
            AnswerFormat = ReadFormat(section, $"{chat}:AnswerFormat"),
            Projects = projects.Count > 0 ? projects : ["*"],
        };
    }

    /// <summary>The setting that a member of an endpoint comes from.</summary>
    private static string NameOf(string member) => member == nameof(ChatEndpoint.RequestTimeout) ? "RequestTimeoutSeconds" : member;

    private static string? ReadKey(SettingsReader section, string name)
    {
        const string unresolved = "is a Key Vault reference that was not resolved: the app's identity must be allowed to read the secret.";
        return section.Text(name) is not { } key || !key.StartsWith('@') ? section.Text(name) : throw section.Refuse(name, unresolved);
    }

    private static long? ReadSeed(SettingsReader section, string name) => section.Text(name) switch
    {
        null => 1,
        "none" => null,
        var text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seed) => seed,
        var text => throw section.Refuse(name, $"must be an integer or none, not '{text}'."),
    };

    private static decimal? ReadNumber(SettingsReader section, string name)
    {
        if (section.Text(name) is not { } text) return null;
        return decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw section.Refuse(name, $"must be a number, such as 2.5, not '{text}'.");
    }

    private static ChatAnswerFormat ReadFormat(SettingsReader section, string name)
    {
        if (section.Text(name) is not { } text) return ChatAnswerFormat.JsonSchema;
        var names = Enum.GetNames<ChatAnswerFormat>();
        return names.Contains(text)
            ? Enum.Parse<ChatAnswerFormat>(text)
            : throw section.Refuse(name, $"must be one of {string.Join(", ", names)}, not '{text}'.");
    }
}
