using System.Text;

namespace QuantaPilot.Integrations.Outline.Writing;

/// <summary>The body of one document. What is passed as Markdown must have gone through <see cref="Markup"/>.</summary>
/// <param name="depth">How many folders the document is down from the root.</param>
/// <param name="exists">True for paths of the repository that a link may lead to.</param>
internal sealed class Page(int depth, Func<string, bool> exists)
{
    private readonly StringBuilder _text = new();
    private readonly List<string> _questions = [];

    /// <summary>Markdown, in the order in which they were asked.</summary>
    public IReadOnlyList<string> Questions => _questions;

    public string Body => _text.ToString();

    public void Heading(string text) => _text.Append("## ").Append(text).Append("\n\n");

    public void Paragraph(string markdown) => _text.Append(markdown).Append("\n\n");

    public void Bullets(IEnumerable<string> items)
    {
        foreach (var item in items) _text.Append("- ").Append(item).Append('\n');
        _text.Append('\n');
    }

    /// <summary>A table of <paramref name="most"/> rows at most; what is left out is counted below it.</summary>
    public void Table(string[] headers, IReadOnlyCollection<string[]> rows, int most = 40)
    {
        Row(headers);
        Row([.. headers.Select(_ => "---")]);
        foreach (var row in rows.Take(most)) Row(row);
        _text.Append('\n');
        if (rows.Count > most) Paragraph($"… and {Markup.Number(rows.Count - most)} more.");
    }

    public void Block(string text, int mostLines = 20) => Paragraph(Markup.Block(text, mostLines));

    /// <summary>Something that the repository doesn't tell.</summary>
    public void Question(string markdown)
    {
        _questions.Add(markdown);
        Paragraph($"> **Question for the reviewer:** {markdown}");
    }

    /// <summary>The place as a link, or as code where a link could not resolve.</summary>
    public string Link(Source source) => Link(source.Line is null ? source.Path : $"{source.Path}:{source.Line}", source);

    public string Link(string path) => Link(path, new Source(path));

    /// <summary>A link to the place under another name.</summary>
    public string Link(string shown, Source source) =>
        exists(source.Path) && !source.Path.Contains('\uFFFD', StringComparison.Ordinal)
            ? $"[{Markup.Code(shown)}]({Markup.Target(source.Path, source.Line, depth)})"
            : Markup.Code(shown);

    private void Row(IEnumerable<string> cells)
    {
        foreach (var cell in cells) _text.Append("| ").Append(Cell(cell)).Append(' ');
        _text.Append("|\n");
    }

    /// <summary>Escapes the pipes that aren't escaped yet: in a table they end the cell even within code.</summary>
    private static string Cell(string markdown)
    {
        var cell = new StringBuilder(markdown.Length);
        for (var i = 0; i < markdown.Length; i++)
        {
            if (markdown[i] == '\\' && i + 1 < markdown.Length)
            {
                cell.Append(markdown[i]).Append(markdown[++i]);
                continue;
            }
            if (markdown[i] == '|') cell.Append('\\');
            cell.Append(markdown[i]);
        }
        return cell.ToString();
    }
}
