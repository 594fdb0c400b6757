using static QuantaPilot.Integrations.Outline.Writing.Markup;

namespace QuantaPilot.Integrations.Outline.Writing.Documents;

/// <summary>30_milestones: what the repository says is planned. Milestones are a person's decision, so none are made up.</summary>
internal static class MilestonesDocument
{
    public static void Write(Page page, Findings findings)
    {
        page.Heading("Planned in the repository");
        if (findings.Milestones.Count == 0) page.Paragraph("Neither a plan nor a road map was found.");
        else page.Table(
            ["Entry", "State", "Source"],
            [.. findings.Milestones.Select(m => new[] { Text(m.Title, 160), m.Note ?? "", page.Link(m.Source) })]);
        if (!findings.Milestones.Exists(m => m.IsPlanned))
            page.Question(
                "Which milestones should the next run carry out, with which tasks and checks? Name them here or in `quantapilot.yml`.");
        page.Heading("Where it stands");
        page.Bullets(
        [
            findings.Changelog is { Status: { } release } log
                ? $"latest entry of the change log: {Code(release)} ({page.Link(log.Path)})"
                : "no change log with versions was found",
            $"{Count(findings.MarkerCount, "TODO, FIXME, HACK or XXX comment")} in the code",
        ]);
        if (findings.Markers.Count == 0) return;
        page.Heading("Left to do in the code");
        page.Paragraph("Files with the most of these comments:");
        page.Table(["File", "Comments"], [.. findings.Markers.GroupBy(m => m.Source.Path).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new[] { page.Link(g.Key), Number(g.Count()) }).Take(10)]);
        var urgent = findings.Markers.Where(m => m.Text.Length > 3)
            .OrderBy(m => m.Kind is "FIXME" or "HACK" or "XXX" ? 0 : 1)
            .Take(20)
            .ToList();
        page.Table(["Kind", "What it says", "Source"], [.. urgent.Select(m => new[] { m.Kind, Text(m.Text, 120), page.Link(m.Source) })]);
    }
}
