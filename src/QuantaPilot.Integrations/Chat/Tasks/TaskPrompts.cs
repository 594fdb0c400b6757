using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Chat.Tasks;

/// <summary>What a task is asked with. A function of the task and the commit: the same give the same bytes.</summary>
internal static class TaskPrompts
{
    private const int MostFeedback = 8_000;
    private const int MostListing = 30_000;

    /// <summary>JSON escapes may take several characters for one.</summary>
    private const int MostCharacters = TaskAnswers.MostContent * 2;

    private const string Rules =
        "You carry out one task in a software project by writing one file, which people then review.\n"
        + "- " + DataBlock.Rule + "\n"
        + "- Answer with one JSON object and nothing else: {\"path\": …, \"content\": …, \"summary\": …}.\n"
        + "- path: the file, relative to the root of the repository, with /; a new file or one of those given. content: the whole of the "
        + "file as it must be afterwards, not a part and not a difference. summary: one or two sentences for the reviewer on what was done "
        + "and what was left open.\n"
        + "- Change what the task asks for and nothing else; keep the style of the file. No secret, password or token.\n";

    private static readonly JsonElement Schema = JsonElement.Parse(
        """
        {
          "type": "object",
          "properties": {
            "path": { "type": "string", "description": "The file, relative to the root of the repository." },
            "content": { "type": "string", "description": "The whole of the file as it must be afterwards." },
            "summary": { "type": "string", "description": "One or two sentences for the reviewer." }
          },
          "required": ["path", "content", "summary"],
          "additionalProperties": false
        }
        """);

    /// <param name="task">What is to be done.</param>
    /// <param name="material">What the model is shown of the repository.</param>
    /// <param name="format">How the endpoint is told to answer.</param>
    public static ChatQuestion Create(AgentTask task, TaskMaterial material, ChatAnswerFormat format)
    {
        var text = new StringBuilder("The task:\n").Append(task.Prompt.Trim()).Append("\n\n");
        var listing = string.Join('\n', material.Listing);
        text.Append(DataBlock.Of($"the files of the repository ({material.FileCount} in all)", listing, MostListing));
        foreach (var (path, content) in material.Files) text.Append(DataBlock.Of($"file {path}", content, TaskMaterial.MostFile));
        foreach (var (path, why) in material.Withheld) text.Append($"The file {path} is not shown: {why}.\n");
        if (task.Feedback is { } feedback)
        {
            text.Append(DataBlock.Of("feedback", Redactor.Redact(feedback), MostFeedback))
                .Append("The feedback says what must be put right in what you did before, which the files above hold.\n");
        }
        return new ChatQuestion($"The task {task.Step}", Rules, text.ToString(), ToFormat(format), MostCharacters, ErrorCodes.AgentFailed);
    }

    private static ChatResponseFormatJson? ToFormat(ChatAnswerFormat format) => format switch
    {
        ChatAnswerFormat.JsonSchema => ChatResponseFormat.ForJsonSchema(Schema, "file", "One file to write."),
        ChatAnswerFormat.JsonObject => ChatResponseFormat.Json,
        _ => null,
    };
}
