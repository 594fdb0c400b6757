using System.Globalization;
using QuantaPilot.Integrations.Outline.Reading;
using QuantaPilot.Integrations.Outline.Writing.Documents;

namespace QuantaPilot.Integrations.Outline.Writing;

/// <summary>Makes the set of documents from what was found. A pure function: the same findings give the same bytes.</summary>
internal static class DocumentWriter
{
    private const string Version = "0.1.0";

    private static readonly (string Id, string Title, Action<Page, Findings> Write)[] Documents =
    [
        ("00_overview", "Overview", OverviewDocument.Write),
        ("10_architecture", "Architecture", ArchitectureDocument.Write),
        ("20_requirements", "Requirements", RequirementsDocument.Write),
        ("30_milestones", "Milestones", MilestonesDocument.Write),
        ("40_acceptance", "Acceptance", AcceptanceDocument.Write),
        ("60_constraints", "Constraints", ConstraintsDocument.Write),
        ("70_runbook", "Runbook", RunbookDocument.Write),
        ("80_adrs", "Decisions", DecisionsDocument.Write),
        ("90_api", "API", ApiDocument.Write),
        ("99_glossary", "Glossary", GlossaryDocument.Write),
    ];

    /// <param name="findings">What to write.</param>
    /// <param name="tree">The commit, for its date and for what a link may lead to.</param>
    /// <param name="folder">Where the documents go; empty for the root.</param>
    /// <param name="existing">The documents of the set that the commit has, by id.</param>
    public static WrittenDocuments Write(Findings findings, SourceTree tree, string folder, IReadOnlyDictionary<string, string> existing)
    {
        var depth = folder.Length == 0 ? 0 : folder.Split('/').Length;
        var updated = tree.CommittedAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        bool Exists(string path) => tree.HasFile(path) || tree.HasFolder(path);
        bool InSet(string path) => DocumentSet.Ids.Any(id => path == Paths.Join(folder, id + ".md"));
        var kept = existing.Where(e => !GeneratedMarker.IsGenerated(e.Value))
            .Select(e => new KeptDocument(e.Key, e.Value, Faults(Paths.Join(folder, e.Key + ".md"), e.Value)))
            .OrderBy(k => DocumentSet.Ids.ToList().IndexOf(k.Id)).ToList();
        var owners = findings.Owners.LastOrDefault(o => o.Name == "*")?.Command.Split(' ') ?? ["unassigned"];
        var generated = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var others = new List<(string Id, string Title, IReadOnlyList<string> Questions)>();
        foreach (var (id, title, write) in Documents)
        {
            if (kept.Any(k => k.Id == id))
            {
                others.Add((id, title, []));
                continue;
            }
            var page = new Page(depth, Exists);
            write(page, findings);
            others.Add((id, title, page.Questions));
            Add(id, title, page.Body);
        }
        if (kept.All(k => k.Id != "ANCHOR"))
        {
            var anchor = new Page(depth, Exists);
            AnchorDocument.Write(anchor, findings, others, kept);
            Add("ANCHOR", "Anchor", anchor.Body);
        }
        return new WrittenDocuments(generated, kept, [.. others.SelectMany(o => o.Questions)]);

        IReadOnlyList<string> Faults(string path, string text) =>
            text.Length > DocumentSet.MostBytesChecked
                ? [$"larger than {DocumentSet.MostBytesChecked} bytes, so that nothing in it was checked"]
                : DocumentSet.Faults(path, text, p => Exists(p) || InSet(p));

        void Add(string id, string title, string body)
        {
            var path = Paths.Join(folder, id + ".md");
            string Render(string date) =>
                GeneratedMarker.AddTo(
                    $"{new FrontMatter(id, title, "draft", Version, date, owners).ToYaml()}\n# {Heading(id, title, findings)}\n\n{body}");

            // A document that would change in its date alone stays as it is, so that a second run over its own result changes nothing.
            var before = existing.TryGetValue(id, out var text) ? text.ReplaceLineEndings("\n") : null;
            var same = before is not null && FrontMatter.UpdatedOf(before) is { } date && Render(date) == before;
            generated[path] = same ? before! : Render(updated);
        }
    }

    private static string Heading(string id, string title, Findings findings) =>
        id == "ANCHOR" ? $"{Markup.Text(findings.Name, 100)}: what there is to review" : title;
}

/// <param name="Generated">Texts by path in the repository.</param>
/// <param name="Kept">Documents that a person wrote or changed.</param>
/// <param name="Questions">What is asked of the reviewer, as Markdown.</param>
internal sealed record WrittenDocuments(
    IReadOnlyDictionary<string, string> Generated, IReadOnlyList<KeptDocument> Kept, IReadOnlyList<string> Questions);
