using static QuantaPilot.Integrations.Outline.Writing.Markup;

namespace QuantaPilot.Integrations.Outline.Writing.Documents;

/// <summary>40_acceptance: what must pass today, by CI and tests, and what nobody checks.</summary>
internal static class AcceptanceDocument
{
    public static void Write(Page page, Findings findings)
    {
        page.Heading("What continuous integration runs");
        if (findings.Pipelines.Count == 0) page.Question("No continuous integration was found. What must pass before a change is merged?");
        var silent = findings.Pipelines.Where(p => p.Jobs.All(j => j.Commands.Count == 0)).ToList();
        var speaking = findings.Pipelines.Except(silent)
            .OrderBy(p => p.Triggers.Contains("pull_request") || p.Triggers.Count == 0 ? 0 : p.Triggers.Contains("push") ? 1 : 2)
            .ToList();
        foreach (var pipeline in speaking.Take(12))
        {
            page.Paragraph($"**{Text(pipeline.Name, 80)}** ({pipeline.System}, {page.Link(pipeline.Path)}){(pipeline.Triggers.Count == 0 ? "" : $", on {string.Join(", ", pipeline.Triggers.Take(6).Select(t => Code(t)))}")}");
            var rows = pipeline.Jobs.SelectMany(
                j => j.Commands.Select(c => new[] { Text(j.Name, 60), Code(c.Command), page.Link(c.Source) })).ToList();
            page.Table(["Job", "Command", "Source"], rows, 15);
        }
        if (speaking.Count > 12) page.Paragraph($"… and {Count(speaking.Count - 12, "more pipeline")}.");
        if (silent.Count > 0)
        {
            page.Paragraph($"Without commands of their own: {string.Join(", ", silent.Take(15).Select(p => $"{Text(p.Name, 60)} ({page.Link(p.Path)})"))}.");
        }
        page.Heading("Tests");
        if (findings.Tests.Count == 0)
        {
            page.Question("No tests were recognised. How is the project checked?");
        }
        else
        {
            page.Table(["Folder", "Framework", "Files", "Test declarations"], [.. findings.Tests.Values.OrderByDescending(t => t.Cases).ThenBy(t => t.Path, StringComparer.Ordinal)
                .Select(
                    t => new[] { t.Path.Length == 0 ? "(root)" : page.Link(t.Path), t.Framework, Number(t.Files), Number(t.Cases) })], 25);
            page.Paragraph("Declarations are counted, so a parametrised test counts once.");
        }
        var checks = findings.Commands.Where(c => c.Kind is CommandKind.Test or CommandKind.Check).ToList();
        if (checks.Count > 0)
        {
            page.Heading("Checks to run by hand");
            page.Table(
                ["Command", "Source"], [.. RunbookDocument.Nearest(checks).Select(c => new[] { Code(c.Text), page.Link(c.Source) })], 12);
        }
        page.Heading("Acceptance of the requirements");
        var promises = RequirementsDocument.Promises(findings).Count();
        page.Question(promises == 0
            ? "By which criteria is the project accepted? There are no requirements to derive them from."
            : $"Which test or observation shows each of R-001 to R-{promises:000} in [20_requirements](20_requirements.md)? The repository ties none of them to a test.");
    }
}
