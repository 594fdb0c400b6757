using System.Text;
using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Outline.Reading;
using QuantaPilot.Integrations.Outline.Writing;

namespace QuantaPilot.Integrations.Chat.Documents;

/// <summary>Takes a model's document apart: what is wrong with it, or the document as it is written to the repository.</summary>
internal static class DocumentAnswers
{
    private const int LeastBody = 40;
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables().UseYamlFrontMatter().Build();
    private static readonly string[] Schemes = ["https", "http", "mailto"];

    /// <param name="answer">What the model wrote.</param>
    /// <param name="draft">What was asked for.</param>
    /// <param name="mayStay">True if the document that is there may be left as it is.</param>
    /// <param name="exists">True for paths of the repository, and of the set, that links may lead to.</param>
    public static CheckedAnswer<string> Check(string answer, DraftDocument draft, bool mayStay, Func<string, bool> exists)
    {
        var text = ModelText.Unwrap(answer, "markdown", "md") + "\n";
        if (mayStay && text.Trim().Equals(DocumentPrompts.Unchanged, StringComparison.OrdinalIgnoreCase)) return Stay(draft, exists);
        if (text.Length > DocumentPrompts.MostCharacters)
            return CheckedAnswer<string>.Bad($"it is longer than {DocumentPrompts.MostCharacters} characters");

        var start = FrontMatterBlock.BodyStart(text);
        var body = text[start..];
        List<string> faults = [.. DocumentSet.Faults(draft.Path, text, exists), .. TextFaults(body)];
        if (draft.Id == DraftSet.Anchor) faults.AddRange(Unlinked(body));
        if (faults.Count > 0) return CheckedAnswer<string>.Bad(faults);
        // Ours, not the model's: it has no clock, and it approves nothing.
        return CheckedAnswer<string>.Good(GeneratedMarker.AddTo($"{draft.FrontMatter}\n{body.Trim('\n')}\n\n", GeneratedMarker.Chat));
    }

    /// <summary>Documents that the way in does not lead to.</summary>
    private static IEnumerable<string> Unlinked(string body) => DocumentSet.Ids
        .Where(id => id != DraftSet.Anchor && !body.Contains($"({id}.md", StringComparison.Ordinal))
        .Select(id => $"there is no link to {id}.md");

    private static CheckedAnswer<string> Stay(DraftDocument draft, Func<string, bool> exists) =>
        DocumentSet.Faults(draft.Path, draft.Existing!, exists) is { Count: > 0 } faults
            ? CheckedAnswer<string>.Bad(["the document that is there can't stay as it is", .. faults])
            : CheckedAnswer<string>.Good(draft.Existing!);

    private static List<string> TextFaults(string body)
    {
        if (body.Trim().Length < LeastBody) return ["there is no text below the front matter"];
        var faults = new List<string>();
        if (Redactor.HoldsSecret(body)) faults.Add("it holds what looks like a secret: leave it out");
        if (body.EnumerateRunes().Any(IsHidden)) faults.Add("it holds control characters or ones that change the direction of text");
        try
        {
            faults.AddRange(MarkupFaults(Markdowns.Parse(body, Pipeline)).Distinct());
        }
        catch (FormatException e)
        {
            faults.Add(e.Message);
        }
        return faults;
    }

    /// <summary>What a reviewer would not see, or what would fetch something from elsewhere when they look.</summary>
    private static IEnumerable<string> MarkupFaults(MarkdownDocument document)
    {
        foreach (var block in document.Descendants<HtmlBlock>())
            yield return $"HTML is not accepted (line {block.Line + 1} below the front matter)";
        foreach (var inline in document.Descendants<HtmlInline>()) yield return $"HTML is not accepted: put {inline.Tag} between backticks";
        foreach (var link in document.Descendants<LinkInline>())
        {
            if (!Uri.TryCreate(link.Url, UriKind.Absolute, out var url) || link.Url!.StartsWith('/')) continue;
            if (link.IsImage) yield return $"the image {link.Url} is not of this repository";
            else if (!Schemes.Contains(url.Scheme)) yield return $"the link {link.Url} is neither relative nor http(s)";
        }
    }

    private static bool IsHidden(Rune rune) =>
        (Rune.IsControl(rune) && rune.Value is not ('\n' or '\t')) || rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);
}
