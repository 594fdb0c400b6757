using System.Text.Json;

namespace QuantaPilot.Testing.Chat;

/// <summary>A request for chat completions.</summary>
/// <param name="Body">As it came.</param>
/// <param name="Authorization">The header, or null.</param>
public sealed record ReceivedChat(byte[] Body, string? Authorization)
{
    public JsonElement Json { get; } = JsonDocument.Parse(Body).RootElement;

    public string Model => Json.GetProperty("model").GetString()!;

    public IReadOnlyList<(string Role, string Text)> Messages =>
    [
        .. Json.GetProperty("messages").EnumerateArray()
            .Select(message => (message.GetProperty("role").GetString()!, TextOf(message.GetProperty("content")))),
    ];

    /// <summary>The first that the user says: the task.</summary>
    public string Prompt => Messages.First(message => message.Role == "user").Text;

    /// <summary>What was last said: the task, or what is wrong with the answer.</summary>
    public string LastMessage => Messages[^1].Text;

    /// <summary>The document that is asked for, or null.</summary>
    public string? Document => Prompt.StartsWith("Write ", StringComparison.Ordinal)
        ? Prompt["Write ".Length..Prompt.IndexOf(".md.\n", StringComparison.Ordinal)] + ".md"
        : null;

    /// <summary>A content is a text, or a list of parts that may be texts.</summary>
    private static string TextOf(JsonElement content) => content.ValueKind == JsonValueKind.String
        ? content.GetString()!
        : string.Concat(content.EnumerateArray().Select(part => part.GetProperty("text").GetString()));
}
