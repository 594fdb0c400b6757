using static QuantaPilot.Integrations.Outline.Writing.Markup;

namespace QuantaPilot.Integrations.Outline.Writing.Documents;

/// <summary>90_api: HTTP routes, programs and public names, as far as the code shows them.</summary>
internal static class ApiDocument
{
    public static void Write(Page page, Findings findings)
    {
        var programs = findings.Manifests.Where(m => !m.IsTest).SelectMany(m => m.EntryPoints).ToList();
        if (findings.Routes.Count + findings.ApiDescriptions.Count + programs.Count + findings.PublicNames.Count == 0)
        {
            page.Heading("What it offers");
            page.Question("No route, program or public name was recognised. Does the project offer an interface to others, and which?");
            return;
        }
        if (findings.Routes.Count > 0)
        {
            page.Heading("HTTP routes");
            page.Table(
                ["Method", "Path", "Framework", "Source"],
                [.. findings.Routes.Select(r => new[] { Code(r.Method, 40), Code(r.Path), r.Framework, page.Link(r.Source) })],
                80);
            page.Paragraph(
                "Paths are as the code writes them; a prefix that is added elsewhere (a group, a mounted router) is not in them.");
            page.Question("Which of these routes are public, and what does a caller need to be allowed to use them?");
        }
        foreach (var description in findings.ApiDescriptions.Take(10))
        {
            page.Heading("OpenAPI");
            page.Paragraph($"{Text(description.Title ?? "Untitled", 100)} {(description.Version is { } v ? Code(v) : "")} ({page.Link(description.Path)}), {Count(description.Operations.Count, "operation")}");
            if (description.Operations.Count > 0)
            {
                page.Table(
                    ["Method", "Path", "Source"],
                    [.. description.Operations.Select(o => new[] { Code(o.Method), Code(o.Path), page.Link(o.Source) })],
                    40);
            }
        }
        if (programs.Count > 0)
        {
            page.Heading("Programs and package entry points");
            page.Table(
                ["Name", "Starts", "Source"], [.. programs.Select(p => new[] { Code(p.Name), Code(p.Command), page.Link(p.Source) })], 30);
        }
        WriteNames(page, findings);
    }

    private static void WriteNames(Page page, Findings findings)
    {
        if (findings.PublicNames.Count == 0) return;
        page.Heading("Public names");
        page.Paragraph($"{(findings.PublicNames.Count == Findings.MostEntries ? "More than " : "")}{Count(findings.PublicNames.Count, "name")} that other code can use, by folder; the folders with the most come first.");
        var folders = findings.PublicNames.GroupBy(n => Path.GetDirectoryName(n.Source.Path) ?? "")
            .OrderByDescending(g => g.Count())
            .ThenBy(g => g.Key, StringComparer.Ordinal)
            .ToList();
        page.Table(["Folder", "Names", "Among them"], [.. folders.Select(g => new[]
        {
            g.Key.Length == 0 ? "(root)" : page.Link(g.Key), Number(g.Count()),
            string.Join(", ", g.DistinctBy(n => n.Name).Take(10).Select(n => page.Link(n.Name, n.Source))),
        })], 25);
        page.Question("Which of these names are a promise to users, and from which version on?");
    }
}
