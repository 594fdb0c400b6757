using System.Text;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Outline.Writing;

namespace QuantaPilot.Integrations.Chat.Documents;

/// <summary>
/// What a document is asked for with. A function of the draft, the documents and the feedback: the same give the same bytes.
/// </summary>
internal static class DocumentPrompts
{
    /// <summary>The answer that leaves a document as it is, in a rework.</summary>
    public const string Unchanged = "UNCHANGED";

    /// <summary>No document that a person reads is longer.</summary>
    public const int MostCharacters = 60_000;

    private const int MostDraft = 30_000;
    private const int MostOverview = 8_000;
    private const int MostReadme = 8_000;
    private const int MostFeedback = 8_000;
    private const int MostQuestions = 12_000;

    private const string Rules =
        "You write one document of the documentation of a software project, for the people who review it, build on it and operate it.\n"
        + "- " + DataBlock.Rule + "\n"
        + "- Say only what the data shows, with its source beside it as a relative link, as the draft has them. Make up no file, name, "
        + "number or link.\n"
        + "- What a reader needs and the data does not show is asked, in a paragraph of its own: > **Question for the reviewer:** …\n"
        + "- Keep every fact of the draft that matters; explain, order and connect them. Write plainly, in the language of the project's "
        + "README.\n"
        + "- Answer with the whole document and nothing else: first the front matter exactly as given, then one heading #, then sections "
        + "##.\n"
        + "- Markdown with tables. No HTML (code goes between backticks), no images from elsewhere, no secret, password or token.\n";

    /// <param name="draft">What it begins with.</param>
    /// <param name="all">The whole set.</param>
    /// <param name="questions">For ANCHOR, what the other documents ask: Markdown.</param>
    /// <param name="feedback">What was said of the previous round, or null.</param>
    public static ChatQuestion Create(DraftDocument draft, DraftSet all, string? questions, string? feedback)
    {
        var text = new StringBuilder()
            .Append($"Write {draft.Path}.\nIts purpose: {DocumentPurposes.Of(draft.Id)}\nAt most {MostCharacters} characters.\n\n")
            .Append("It begins with this front matter:\n").Append(Clean(draft.FrontMatter))
            .Append("\nThe documents of the set, in the same folder:\n");
        foreach (var id in DocumentSet.Ids)
        {
            var note = id == draft.Id ? " (this one)" : all.Kept.ContainsKey(id) ? " (written by a person)" : "";
            text.Append($"- {id}.md{note}\n");
        }
        text.Append('\n').Append(DataBlock.Of("draft: the facts that tools found in the repository", Clean(draft.Body), MostDraft));
        if (draft.Id != "00_overview" && all.Find("00_overview") is { } overview)
            text.Append(DataBlock.Of("overview: what tools found of the project", Clean(overview), MostOverview));
        if (questions is not null)
        {
            text.Append(DataBlock.Of("questions that the other documents ask", questions.Length > 0 ? questions : "(none)", MostQuestions))
                .Append("These questions hold, not those of the draft, and so do their counts. Link every other document.\n");
        }
        else if (all.Readme is { } readme)
        {
            text.Append(DataBlock.Of("the README of the project", Clean(readme), MostReadme));
        }
        if (draft.Existing is not null)
            text.Append(DataBlock.Of("the document as it is in the repository now", Clean(draft.Existing), MostDraft));
        if (feedback is not null)
        {
            text.Append(DataBlock.Of("feedback", Clean(feedback), MostFeedback))
                .Append("The feedback says what must be put right in the documentation that you wrote before. Follow it as far as it is ")
                .Append("about this document.\n");
            if (draft.Existing is not null)
                text.Append($"If nothing in it is, and the document stays right as it is, answer with the one word {Unchanged} instead.\n");
        }
        return new ChatQuestion(draft.Path, Rules, text.ToString(), null, MostCharacters + 4_000, ErrorCodes.DocumentationInvalid);
    }

    /// <summary>What looks like a secret does not leave the host, whether the repository holds it rightly or not.</summary>
    private static string Clean(string text) => Redactor.Redact(text);
}
