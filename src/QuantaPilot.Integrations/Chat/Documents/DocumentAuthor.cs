using System.Text.RegularExpressions;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Outline.Reading;
using QuantaPilot.Integrations.Outline.Writing;

namespace QuantaPilot.Integrations.Chat.Documents;

/// <summary>Has a model write the documentation set, one document after the other, from what <c>outline</c> found.</summary>
internal static partial class DocumentAuthor
{
    /// <exception cref="StepException">
    /// documentation_invalid: names the file and its faults; and as <see cref="ChatSession.AskAsync"/>.
    /// </exception>
    public static async Task<AgentResult> WriteAsync(
        AgentTask task, ICheckout checkout, ChatSession session, Conversation conversation, CancellationToken cancellationToken)
    {
        var set = await DraftSet.CreateAsync(task, checkout, cancellationToken);
        var written = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var questions = new List<string>();
        // Last the way in, which collects what the others ask.
        foreach (var draft in set.Drafts.OrderBy(draft => draft.Id == DraftSet.Anchor))
        {
            var asked = draft.Id == DraftSet.Anchor ? string.Join('\n', questions.Select(question => $"- {question}")) : null;
            var mayStay = task.Feedback is not null && draft.Existing is not null;
            var text = await conversation.AskAsync(
                DocumentPrompts.Create(draft, set, asked, task.Feedback),
                answer => DocumentAnswers.Check(answer, draft, mayStay, path => Exists(checkout, set.Folder, path)),
                cancellationToken);
            written[draft.Path] = text;
            if (draft.Id == DraftSet.Anchor) continue;
            questions.AddRange(Question().Matches(text).Select(match => $"[{draft.Id}]({draft.Id}.md): {match.Groups[1].Value.Trim()}"));
        }
        set.Folder.Write(written, cancellationToken);
        var all = written.ToDictionary(StringComparer.Ordinal);
        foreach (var (id, text) in set.Kept) all[Paths.Join(set.Folder.Path, id + ".md")] = text;
        return new AgentResult(Summary(set, written, questions.Count, session, conversation), DocumentSet.Digest(all));
    }

    /// <summary>What an earlier try of the step has written and committed, of which only the answer was lost.</summary>
    public static AgentResult Find(AgentTask task, ICheckout checkout)
    {
        var folder = new DocumentFolder(checkout.Directory, task.Path!);
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in DocumentSet.Ids.Select(id => Paths.Join(folder.Path, id + ".md")))
        {
            if (checkout.ReadText(path) is { } text) all[path] = text;
        }
        var summary = $"- Documents in {Markup.Code(folder.Path)}: {Markup.Number(all.Count)}, written by an earlier try of this step\n";
        return new AgentResult(summary, DocumentSet.Digest(all)) { Usage = AgentUsage.None };
    }

    private static bool Exists(ICheckout checkout, DocumentFolder folder, string path) =>
        !path.Split('/').Any(part => part.Equals(".git", StringComparison.OrdinalIgnoreCase))
        && (Path.Exists(Path.Combine(checkout.Directory, path)) || DocumentSet.Ids.Any(id => path == Paths.Join(folder.Path, id + ".md")));

    private static string Summary(
        DraftSet set, SortedDictionary<string, string> written, int questions, ChatSession session, Conversation conversation)
    {
        var anchor = Paths.Join(set.Folder.Path, DraftSet.Anchor + ".md");
        var unchanged = set.Drafts.Count(draft => draft.Existing is not null && draft.Existing == written[draft.Path]);
        List<string> lines =
        [
            .. set.Facts,
            $"- Written by {ChatAgent.Signature(session)}",
            $"- Used: {session.Tally.Describe()}; {Markup.Count(conversation.Repairs, "answer")} sent back with faults",
            $"- Open questions: {Markup.Number(questions)}, collected in {Markup.Code(anchor)}",
            $"- Written: {string.Join(", ", written.Keys.Select(path => Markup.Code(path)))}",
        ];
        if (unchanged > 0) lines.Add($"- Of these left as they were: {Markup.Number(unchanged)}");
        if (set.Kept.Count > 0)
        {
            var kept = DocumentSet.Ids.Where(set.Kept.ContainsKey).Select(id => Markup.Code(Paths.Join(set.Folder.Path, id + ".md")));
            lines.Add($"- Kept, because a person wrote or changed them: {string.Join(", ", kept)}");
        }
        return string.Join('\n', lines) + "\n";
    }

    [GeneratedRegex(@"^> \*\*Question for the reviewer:\*\*(.{1,500})", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Question();
}
