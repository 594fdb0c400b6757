using static QuantaPilot.Integrations.Outline.Writing.Markup;

namespace QuantaPilot.Integrations.Outline.Writing.Documents;

/// <summary>80_adrs: decision records that exist, and decisions that show in the code but are recorded nowhere.</summary>
internal static class DecisionsDocument
{
    public static void Write(Page page, Findings findings)
    {
        page.Heading("Recorded decisions");
        if (findings.Decisions.Count == 0) page.Paragraph("No decision records were found (folders named adr, adrs or decisions).");
        else page.Table(
            ["Record", "Title", "Status"],
            [.. findings.Decisions.Select(d => new[] { page.Link(d.Path), Text(d.Title, 120), Text(d.Status ?? "", 30) })],
            60);
        page.Heading("Decisions that show in the code");
        var visible = Visible(page, findings).ToList();
        if (visible.Count == 0) page.Paragraph("None could be read from the manifests.");
        else page.Table(["Decision", "Evidence"], visible);
        if (findings.Decisions.Count == 0)
        {
            page.Question("Which of the decisions above were made on purpose, why, and what was turned down?");
        }
        else page.Question("Are the decisions above covered by the records, and do the records still hold?");
    }

    private static IEnumerable<string[]> Visible(Page page, Findings findings)
    {
        var main = findings.CodeLanguages.Take(1).ToList();
        foreach (var language in main) yield return [$"written mainly in {language.Name}", "[00_overview](00_overview.md)"];
        foreach (var group in findings.Manifests.Where(m => !m.IsTest && m.Ecosystem != ".NET SDK").GroupBy(m => m.Ecosystem))
        {
            yield return [$"packages managed with {group.Key}", page.Link(group.OrderBy(m => m.Path.Count(c => c == '/')).First().Path)];
        }
        foreach (var manifest in findings.Manifests.Where(m => !m.IsTest && m.Platforms.Count > 0).OrderBy(m => m.Path.Count(c => c == '/')).Take(3))
        {
            yield return [$"runs on {string.Join(", ", manifest.Platforms.Select(p => Code(p)))}", page.Link(manifest.Path)];
        }
        foreach (var framework in findings.Routes.GroupBy(r => r.Framework))
        {
            yield return [$"HTTP by {framework.Key}", page.Link(framework.First().Source)];
        }
        foreach (var framework in findings.Tests.Values.Select(t => t.Framework).Distinct().Order(StringComparer.Ordinal))
        {
            yield return [$"tested with {framework}", "[40_acceptance](40_acceptance.md)"];
        }
        foreach (var container in findings.Containers.Take(3)) yield return ["shipped or run in containers", page.Link(container.Path)];
        foreach (var system in findings.Pipelines.GroupBy(p => p.System))
        {
            yield return [$"continuous integration by {system.Key}", page.Link(system.First().Path)];
        }
        foreach (var licence in findings.Licences.Take(3)) yield return [$"published under {Text(licence.Title)}", page.Link(licence.Path)];
    }
}
