using System.Text.Json;

namespace QuantaPilot.Testing.Chat;

/// <summary>What a <see cref="ChatServer"/> answers.</summary>
public sealed record ChatReply
{
    public int Status { get; init; } = 200;

    /// <summary>What the model says, sent in pieces.</summary>
    public string Text { get; init; } = "";

    /// <summary>Why it ended; null sends no reason.</summary>
    public string? Finish { get; init; } = "stop";

    /// <summary>What the model says instead of an answer; null: nothing.</summary>
    public string? Refusal { get; init; }

    /// <summary>Tokens in, of those in the cache, and out; null: the server says nothing of them.</summary>
    public (int Input, int Cached, int Output)? Usage { get; init; } = (100, 0, 10);

    /// <summary>The body of an answer other than 200, or of a stream that is none.</summary>
    public string? Body { get; init; }

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>True: the connection breaks half way through the text.</summary>
    public bool CutOff { get; init; }

    /// <summary>Half way through the text the answer waits for this.</summary>
    public Task? Hold { get; init; }

    public static ChatReply Say(string text) => new() { Text = text };

    /// <summary>A file, as tasks are answered.</summary>
    public static ChatReply File(string path, string content, string summary = "Wrote it.") =>
        Say(JsonSerializer.Serialize(new { path, content, summary }));

    /// <summary>The same with a header.</summary>
    public ChatReply With(string header, string value) =>
        this with { Headers = new Dictionary<string, string>(Headers) { [header] = value } };

    /// <summary>An error as OpenAI has it.</summary>
    public static ChatReply Error(int status, string? code, string message = "No.") => new()
    {
        Status = status,
        Body = JsonSerializer.Serialize(new { error = new { message, type = "invalid_request_error", code } }),
    };
}
