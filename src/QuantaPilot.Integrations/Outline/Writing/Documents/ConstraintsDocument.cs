using static QuantaPilot.Integrations.Outline.Writing.Markup;

namespace QuantaPilot.Integrations.Outline.Writing.Documents;

/// <summary>60_constraints: platforms, licence, rules of the code and of the process.</summary>
internal static class ConstraintsDocument
{
    public static void Write(Page page, Findings findings)
    {
        page.Heading("Platforms");
        var platforms = findings.Manifests.Where(m => !m.IsTest)
            .SelectMany(m => m.Platforms.Select(p => (Platform: p, m.Path)))
            .GroupBy(p => p.Platform)
            .OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).ToList();
        if (platforms.Count == 0) page.Question("No manifest names a platform or its version. Which are supported?");
        else page.Table(
            ["Platform", "Declared in"],
            [.. platforms.Select(
                g => new[] { Code(g.Key), page.Link(g.First().Path) + (g.Count() == 1 ? "" : $" and {g.Count() - 1} more") })],
            20);
        var images = findings.Containers.SelectMany(c => c.Images.Select(i => (i, c.Path))).DistinctBy(i => i.i).ToList();
        if (images.Count > 0)
        {
            page.Table(["Container image", "Source"], [.. images.Select(i => new[] { Code(i.i), page.Link(i.Path) })], 15);
        }

        page.Heading("Licence");
        var declared = findings.Manifests.Where(m => m.Licence is not null)
            .Select(m => (m.Licence, m.Path))
            .DistinctBy(l => l.Licence)
            .ToList();
        if (findings.Licences.Count > 0) page.Bullets(findings.Licences.Select(l => $"{Text(l.Title)}: {page.Link(l.Path)}"));
        if (declared.Count > 0)
        {
            page.Paragraph(
                "Declared in manifests: " + string.Join(", ", declared.Take(5).Select(l => $"{Code(l.Licence!)} ({page.Link(l.Path)})")));
        }
        if (findings.Licences.Count + declared.Count == 0) page.Question("No licence was found. Under which terms may the code be used?");
        var needed = findings.Manifests.Where(m => !m.IsTest)
            .SelectMany(m => m.Dependencies)
            .Where(d => !d.Development)
            .Select(d => d.Name)
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Count();
        if (needed > 0)
        {
            page.Question($"The licences of the {Count(needed, "run-time dependency", "run-time dependencies")} are not in the repository. Has anyone checked that they fit?");
        }

        page.Heading("Rules for changes");
        var rules = new List<string>();
        if (findings.ContributingPath is { } contributing) rules.Add($"how to contribute: {page.Link(contributing)}");
        if (findings.SecurityPolicy is { } security) rules.Add($"how to report a vulnerability: {page.Link(security.Path)}");
        if (findings.OwnersPath is { } owners) rules.Add($"who must review: {page.Link(owners)}");
        rules.AddRange(findings.Rules.Take(12).Select(r => $"style, checked by tools: {page.Link(r.Path)}"));
        if (rules.Count > 0) page.Bullets(rules);
        if (findings.Owners.Count > 0)
        {
            page.Table(["Paths", "Owners"], [.. findings.Owners.Select(o => new[] { Code(o.Name), Code(o.Command) })], 15);
        }
        if (findings.OwnersPath is null) page.Question("There is no CODEOWNERS file. Who must review a change?");
        var reporting = findings.Readme?.Sections.FirstOrDefault(s => s.Heading.Contains("vulnerab", StringComparison.OrdinalIgnoreCase) || s.Heading.Contains("security", StringComparison.OrdinalIgnoreCase));
        if (findings.SecurityPolicy is null && reporting is not null)
        {
            page.Paragraph($"Security: {Text(reporting.Heading, 80)} ({page.Link(reporting.Source)})");
        }
        if (findings.SecurityPolicy is null && reporting is null)
        {
            page.Question("There is no security policy. Where are vulnerabilities reported?");
        }
        page.Question("Which limits of time, money, data protection or operation bind the project? None can be read from the code.");
    }
}
