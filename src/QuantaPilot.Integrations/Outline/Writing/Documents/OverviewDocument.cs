using static QuantaPilot.Integrations.Outline.Writing.Markup;

namespace QuantaPilot.Integrations.Outline.Writing.Documents;

/// <summary>00_overview: what the project is, how large, and where its own documentation lies.</summary>
internal static class OverviewDocument
{
    public static void Write(Page page, Findings findings)
    {
        page.Heading("What it is");
        if (findings.Description is { } description)
        {
            page.Paragraph(Introduction(findings, description, 600));
            page.Paragraph($"Source: {page.Link(findings.Readme?.Description is not null ? findings.Readme.Path : findings.Manifests.First(m => m.Description is not null).Path)}");
        }
        else
        {
            page.Question(findings.Readme is null
                ? "There is no README at the root. What is this project, and for whom?"
                : $"{page.Link(findings.Readme.Path)} has no paragraph that says what the project is. What is it, and for whom?");
        }
        page.Heading("At a glance");
        page.Table(["", "", "Source"], [.. Glance(page, findings)]);
        WriteLanguages(page, findings);
        WriteReading(page, findings);
        if (findings.Unreadable.Count > 0)
        {
            page.Heading("Files that could not be understood");
            page.Table(["File", "Why"], [.. findings.Unreadable.Select(u => new[] { page.Link(u.Path), Text(u.Title) })], 20);
        }
    }

    /// <summary>Name and description, the name once.</summary>
    public static string Introduction(Findings findings, string description, int most) =>
        description.StartsWith(findings.Name, StringComparison.OrdinalIgnoreCase)
            ? Text(description, most)
            : $"**{Text(findings.Name, 100)}**: {Text(description, most)}";

    private static IEnumerable<string[]> Glance(Page page, Findings findings)
    {
        yield return [
            "Size",
            $"{Count(findings.Files, "file")}, {Size(findings.Bytes)}; {Count(findings.FilesNotRead, "file")} counted by name alone (binary, generated, vendored or large)",
            ""];
        if (findings.Links + findings.Submodules > 0)
        {
            yield return ["Not followed", $"{Count(findings.Links, "symbolic link")}, {Count(findings.Submodules, "submodule")}", ""];
        }
        var versions = findings.Manifests.Where(m => !m.IsTest && m.Version is { } v && !v.Contains("${", StringComparison.Ordinal))
            .ToList();
        var nearest = versions.Count == 0 ? 0 : versions.Min(m => m.Path.Count(c => c == '/'));
        foreach (var manifest in versions.Where(m => m.Path.Count(c => c == '/') == nearest).Take(3))
        {
            yield return [$"Version ({manifest.Ecosystem})", Code(manifest.Version!), page.Link(manifest.Path)];
        }
        if (findings.Changelog is { Status: { } release } log)
        {
            yield return ["Latest entry of the change log", Code(release), page.Link(log.Path)];
        }
        foreach (var licence in findings.Licences.Take(4)) yield return ["Licence", Text(licence.Title), page.Link(licence.Path)];
        var ecosystems = findings.Manifests.Where(m => !m.IsTest).GroupBy(m => m.Ecosystem).ToList();
        foreach (var ecosystem in ecosystems)
        {
            yield return [ecosystem.Key, Count(ecosystem.Count(), "manifest"), string.Join(
                ", ", ecosystem.OrderBy(m => m.Path.Count(c => c == '/')).Take(3).Select(m => page.Link(m.Path)))];
        }
        var cases = findings.Tests.Values.Sum(t => t.Cases);
        yield return [
            "Tests",
            cases == 0
                ? "none recognised"
                : $"about {Number(cases)} test declarations in {Count(findings.Tests.Values.Sum(t => t.Files), "file")}",
            "[40_acceptance](40_acceptance.md)"];
        yield return [
            "Continuous integration",
            findings.Pipelines.Count == 0 ? "none found" : string.Join(", ", findings.Pipelines.Select(p => p.System).Distinct()),
            string.Join(", ", findings.Pipelines.Take(3).Select(p => page.Link(p.Path)))];
        yield return [
            "Left to do in the code", Count(findings.MarkerCount, "TODO, FIXME, HACK or XXX comment"), "[30_milestones](30_milestones.md)"];
    }

    private static void WriteLanguages(Page page, Findings findings)
    {
        page.Heading("Languages");
        var languages = findings.CodeLanguages;
        if (languages.Count == 0)
        {
            page.Paragraph("No source code was recognised.");
            return;
        }
        var total = Math.Max(1, languages.Sum(l => l.Bytes));
        page.Table(["Language", "Share", "Files", "Lines"],
            [.. languages.Select(l => new[] { l.Name, $"{Math.Round(100.0 * l.Bytes / total, 1).ToString("0.0", System.Globalization.CultureInfo.InvariantCulture)} %", Number(l.Files), Number(l.Lines) })], 12);
        page.Paragraph("Share of the bytes of source code; tests are counted, markup, data, vendored and generated files are not.");
    }

    private static void WriteReading(Page page, Findings findings)
    {
        page.Heading("What is already written");
        if (findings.Readme is { Sections.Count: > 0 } readme)
        {
            page.Paragraph($"{page.Link(readme.Path)} speaks of: {string.Join(" · ", readme.Sections.Where(s => s.Level <= 3 && s.Heading != "Table of Contents" && s.Heading != readme.Title).Take(24).Select(s => Text(s.Heading, 60)))}");
        }
        var documents = findings.Documents.OrderBy(d => d.Path.Count(c => c == '/')).ThenBy(d => d.Path, StringComparer.Ordinal).ToList();
        if (documents.Count > 0)
        {
            page.Table(["Document", "Title"], [.. documents.Select(d => new[] { page.Link(d.Path), Text(d.Title, 100) })], 20);
        }
        else page.Paragraph("No further documents were found in the repository.");
    }
}
