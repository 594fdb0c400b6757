using System.Text;
using System.Text.RegularExpressions;
using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace QuantaPilot.Integrations.Outline.Reading;

/// <summary>The README at the root: its title, first paragraph and sections. Acronyms it spells out become terms.</summary>
internal sealed class ReadmeReader : IFileReader
{
    /// <summary>The heading given to the list that the first paragraph announces.</summary>
    public const string AnnouncedFeatures = "Features named in the introduction";

    /// <summary>Markdown can be written so that parsing takes quadratic time; what matters comes early.</summary>
    private const int MostParsed = 32 * 1024;

    private const int MostSections = 60;
    private static readonly HashSet<string> GenericTitles = new(StringComparer.OrdinalIgnoreCase) { "Table of Contents", "Contents", "README", "About", "Introduction", "Overview" };
    private static readonly Regex Definition = Patterns.Linear(
        @"\b(?:is|are|provides?|implements?|lets|allows|helps|contains|application|library|framework|tool) ");
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables().Build();
    private static readonly Regex RstTitle = Patterns.Linear(@"^([^\n]+)\n(?:={3,}|-{3,}|#{3,}|\*{3,})[ \t]*$", RegexOptions.Multiline);
    private static readonly Regex Acronym = Patterns.Linear(@"\b((?:[A-Z][A-Za-z]+[ -]){2,6})\(([A-Z]{2,6})s?\)");

    public bool Reads(TreeFile file) => file.Depth == 0 && file.Name.Split('.')[0].Equals("README", StringComparison.OrdinalIgnoreCase)
        && file.Extension is "" or ".md" or ".markdown" or ".rst" or ".txt" or ".adoc";

    public void Read(TreeFile file, string text, Findings findings)
    {
        if (findings.Readme is not null && file.Extension != ".md") return;
        findings.Readme = file.Extension switch
        {
            ".md" or ".markdown" => ReadMarkdown(file, text.Length > MostParsed ? text[..(text.LastIndexOf('\n', MostParsed) + 1)] : text),
            ".rst" => ReadTitled(file, text, RstTitle),
            _ => new Readme(file.Path, null, FirstLines(text), []),
        };
        foreach (var (match, line) in Acronym.In(text, 100))
        {
            var words = match.Groups[1].Value.Trim().Split(' ', '-');
            if (words.Length != match.Groups[2].Value.Length || !words.Select(w => w[0]).SequenceEqual(match.Groups[2].Value)) continue;
            Findings.Add(findings.Terms, new(match.Groups[2].Value, string.Join(' ', words), new(file.Path, line)));
        }
    }

    private static Readme ReadMarkdown(TreeFile file, string text)
    {
        var document = Markdowns.Parse(text, Pipeline);
        var sections = new List<ReadmeSection>();
        string? title = null;
        var paragraphs = new List<string>();
        List<string> items = [], code = [];
        List<string>? introduction = null;
        foreach (var block in document)
        {
            switch (block)
            {
                case HeadingBlock heading when Markdowns.Plain(heading) is { Length: > 0 } words:
                    if (title is null && sections.Count == 0 && !GenericTitles.Contains(words)) title = words;
                    if (sections.Count == MostSections) continue;
                    items = [];
                    code = [];
                    sections.Add(new(new(file.Path, heading.Line + 1), heading.Level, words, items, code));
                    break;
                case ParagraphBlock paragraph when paragraphs.Count < 12 && Markdowns.Plain(paragraph) is { Length: >= 20 } words
                    && words.Contains(' ', StringComparison.Ordinal):
                    paragraphs.Add(words);
                    introduction = paragraphs.Count == 1 && words.EndsWith(':') ? items : introduction;
                    break;
                case ListBlock list:
                    items.AddRange(list.OfType<ListItemBlock>().Select(i => i.OfType<ParagraphBlock>().FirstOrDefault())
                        .OfType<ParagraphBlock>().Select(Markdowns.Plain).Where(t => t.Length > 0).Take(40));
                    break;
                case FencedCodeBlock fenced when code.Count < 4:
                    code.Add(fenced.Lines.ToString().Trim());
                    break;
            }
        }
        // A list that the first paragraph announces says what the project does, without a heading of its own.
        if (introduction is { Count: > 0 }) sections.Add(new(new(file.Path), 6, AnnouncedFeatures, introduction, []));
        return new Readme(file.Path, title, Describe(title, paragraphs), sections);
    }

    /// <summary>News and badges often come first: of the first paragraphs, the one that says what the project is.</summary>
    private static string? Describe(string? title, List<string> paragraphs)
    {
        var name = title?.Split(' ', ':')[0];
        return paragraphs.FirstOrDefault(p => name is not null && p.StartsWith(name + " ", StringComparison.OrdinalIgnoreCase) && Says(p))
            ?? paragraphs.Take(6).FirstOrDefault(Says)
            ?? paragraphs.FirstOrDefault();

        static bool Says(string paragraph) => Definition.IsMatch(paragraph);
    }

    private static Readme ReadTitled(TreeFile file, string text, Regex titles)
    {
        var sections = titles.In(text, MostSections)
            .Select(m => new ReadmeSection(new(file.Path, m.Line), 2, m.Match.Groups[1].Value.Trim(), [], []))
            .ToList();
        var first = titles.Match(text);
        return new Readme(
            file.Path,
            sections.FirstOrDefault()?.Heading,
            FirstLines(first.Success ? text[(first.Index + first.Length)..] : text),
            sections);
    }

    private static string? FirstLines(string text)
    {
        foreach (var paragraph in text.Split("\n\n").Take(20))
        {
            var words = paragraph.Replace('\n', ' ').Trim();
            if (words.Length >= 20 && char.IsLetter(words[0]) && words.Contains(' ', StringComparison.Ordinal)) return words;
        }
        return null;
    }
}

internal static class Markdowns
{
    public static MarkdownDocument Parse(string text, MarkdownPipeline pipeline)
    {
        try
        {
            return Markdown.Parse(text, pipeline);
        }
        catch (ArgumentException e)
        {
            // Markdig's answer to nesting deeper than its limit.
            throw new FormatException("Markdown nested too deeply", e);
        }
    }

    /// <summary>The words of a block without markup, images and HTML.</summary>
    public static string Plain(LeafBlock block)
    {
        var words = new StringBuilder();
        foreach (var inline in block.Inline?.Descendants<Inline>() ?? [])
        {
            if (IsInImage(inline)) continue;
            switch (inline)
            {
                case LiteralInline literal:
                    words.Append(literal.Content.AsSpan());
                    break;
                case CodeInline code:
                    words.Append(code.Content);
                    break;
                case LineBreakInline:
                    words.Append(' ');
                    break;
                case HtmlEntityInline entity:
                    words.Append(entity.Transcoded.AsSpan());
                    break;
                case AutolinkInline link:
                    words.Append(link.Url);
                    break;
            }
        }
        return string.Join(' ', words.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private static bool IsInImage(Inline inline)
    {
        for (var parent = inline.Parent; parent is not null; parent = parent.Parent)
        {
            if (parent is LinkInline { IsImage: true }) return true;
        }
        return false;
    }
}
