namespace QuantaPilot.Testing.Chat;

/// <summary>Answers as a model would that does what it is told, with few words.</summary>
public static class ModelAuthor
{
    public const string Question = "Who decides on this?";

    public static ChatReply Answer(ReceivedChat request) =>
        request.Document is null ? ChatReply.File("notes.md", "# Notes\n") : ChatReply.Say(Document(request));

    /// <summary>The document that is asked for, valid, with a question.</summary>
    /// <param name="request">The request.</param>
    /// <param name="text">What it says, Markdown.</param>
    public static string Document(ReceivedChat request, string text = "The loopback model says what this is about.") =>
        $"{FrontMatter(request)}\n# {request.Document}\n\n## About\n\n{text}\n\n{Links(request)}"
        + $"> **Question for the reviewer:** {Question}\n";

    /// <summary>For the document that leads to the others: links to them.</summary>
    private static string Links(ReceivedChat request)
    {
        if (!request.Document!.EndsWith("ANCHOR.md", StringComparison.Ordinal)) return "";
        var items = request.Prompt.Split('\n').Where(line => line.StartsWith("- ", StringComparison.Ordinal));
        var names = items.Select(item => item.Split(' ')[1]).Where(name => name.EndsWith(".md", StringComparison.Ordinal));
        return string.Concat(names.Select(name => $"- [{name}]({name})\n")) + "\n";
    }

    /// <summary>What the prompt says that the document begins with.</summary>
    public static string FrontMatter(ReceivedChat request)
    {
        const string Before = "It begins with this front matter:\n";
        const string After = "\n---\n";
        var start = request.Prompt.IndexOf(Before, StringComparison.Ordinal) + Before.Length;
        return request.Prompt[start..(request.Prompt.IndexOf(After, start, StringComparison.Ordinal) + After.Length)];
    }
}
