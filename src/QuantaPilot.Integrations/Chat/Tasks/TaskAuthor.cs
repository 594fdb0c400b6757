using System.Text;
using LibGit2Sharp;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Outline.Writing;

namespace QuantaPilot.Integrations.Chat.Tasks;

/// <summary>Has a model carry out a task by writing one file.</summary>
internal static class TaskAuthor
{
    private const int MostSummary = 500;
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <exception cref="StepException">
    /// agent_failed: no answer was accepted, and why; and as <see cref="ChatSession.AskAsync"/>.
    /// </exception>
    public static async Task<AgentResult> WriteAsync(
        AgentTask task, ICheckout checkout, ChatSession session, Conversation conversation, CancellationToken cancellationToken)
    {
        var material = await Task.Run(() => TaskMaterial.Read(task, checkout, cancellationToken), cancellationToken);
        var answer = await conversation.AskAsync(
            TaskPrompts.Create(task, material, session.Endpoint.AnswerFormat),
            text => TaskAnswers.Check(text, checkout.Directory, path => IsIgnored(checkout, path)),
            cancellationToken);
        Write(Path.Combine(checkout.Directory, answer.Path), answer.Content);
        var words = Markup.Text(Redactor.Redact(answer.Summary), MostSummary);
        var how = $"{Markup.Code(answer.Path)}, written by {ChatAgent.Signature(session)}; {session.Tally.Describe()}";
        return new AgentResult($"{words} ({how})", null);
    }

    private static bool IsIgnored(ICheckout checkout, string path)
    {
        using var repository = new Repository(checkout.Directory);
        return repository.Index[path] is null && repository.Ignore.IsPathIgnored(path);
    }

    private static void Write(string file, string content)
    {
        // The model was shown the file with line feeds alone: what differs should be what it changed.
        var hasCarriageReturns = File.Exists(file) && File.ReadAllText(file).Contains("\r\n", StringComparison.Ordinal);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, hasCarriageReturns ? content.ReplaceLineEndings("\r\n") : content, Utf8);
    }
}
