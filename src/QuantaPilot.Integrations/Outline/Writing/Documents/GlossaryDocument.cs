using static QuantaPilot.Integrations.Outline.Writing.Markup;

namespace QuantaPilot.Integrations.Outline.Writing.Documents;

/// <summary>99_glossary: abbreviations that the README spells out, and the types that most files speak of.</summary>
internal static class GlossaryDocument
{
    public static void Write(Page page, Findings findings)
    {
        if (findings.Terms.Count > 0)
        {
            page.Heading("Abbreviations");
            page.Table(
                ["Term", "Meaning", "Source"],
                [.. findings.Terms.DistinctBy(t => t.Name).OrderBy(t => t.Name, StringComparer.Ordinal).Select(
                    t => new[] { Text(t.Name), Text(t.Meaning), page.Link(t.Source) })]);
        }
        var words = findings.Identifiers.Where(i => i.Value >= 3 && findings.Declarations.ContainsKey(i.Key))
            .OrderByDescending(i => i.Value).ThenBy(i => i.Key, StringComparer.Ordinal).Take(30).ToList();
        if (words.Count > 0)
        {
            page.Heading("Words of the code");
            page.Table(
                ["Term", "Files that use it", "Declared in"],
                [.. words.Select(w => new[] { Code(w.Key), Number(w.Value), page.Link(findings.Declarations[w.Key]) })]);
            page.Question(
                "What does each of these words mean to the people who use the project? The code only shows where they are declared.");
        }
        if (findings.Terms.Count + words.Count == 0)
        {
            page.Question("No words of the domain could be told from the code. Which terms must a new reader know?");
        }
    }
}
