using static QuantaPilot.Integrations.Outline.Writing.Markup;

namespace QuantaPilot.Integrations.Outline.Writing.Documents;

/// <summary>20_requirements: what the README promises, numbered so that acceptance can point to it.</summary>
internal static class RequirementsDocument
{
    private static readonly string[] Words = [
        "feature", "highlight", "advantages", "what it does", "capabilit", "why ", "benefits", "goals", "what can"];

    public static void Write(Page page, Findings findings)
    {
        page.Heading("What the project promises");
        var promises = Promises(findings).ToList();
        if (promises.Count == 0)
        {
            page.Question(findings.Readme is { } readme
                ? $"{page.Link(readme.Path)} has no list of features. What must the project do?"
                : "Nothing in the repository says what the project must do. What are its requirements?");
        }
        else
        {
            page.Table(
                ["Id", "Requirement", "Source"],
                [.. promises.Select((p, i) => new[] { $"R-{i + 1:000}", Text(p.Item, 240), page.Link(p.Source) })]);
            page.Paragraph("Taken from the README as it stands; nobody has confirmed that these are binding.");
            page.Question("Which of the requirements above are binding, which are wishes, and what is missing?");
        }
        page.Heading("What the code already offers");
        var programs = findings.Manifests.SelectMany(m => m.EntryPoints.Select(e => (m, e)))
            .Where(e => e.e.Name is not ("main" or "module" or "browser" or "types"))
            .ToList();
        page.Bullets(
        [
            $"{Count(findings.Routes.Count, "HTTP route")}{(findings.Routes.Count == 0 ? " recognised" : $" ({string.Join(", ", findings.Routes.Select(r => r.Framework).Distinct().Order(StringComparer.Ordinal))})")}, {Count(findings.ApiDescriptions.Count, "OpenAPI description")}, {Count(findings.PublicNames.Count, "public name")}: [90_api](90_api.md)",
            programs.Count == 0
                ? "no program is declared in a manifest"
                : "programs: " + string.Join(", ", programs.Take(12).Select(e => Code(e.e.Name))),
            $"{Count(findings.Settings.Select(s => s.Name).Distinct().Count(), "setting")} read from the environment or settings files: [70_runbook](70_runbook.md)",
        ]);
        page.Heading("Qualities");
        page.Question(
            "Nothing that can be read by a program states targets for speed, availability, security or accessibility. Which hold here?");
    }

    /// <summary>The items of the README's feature sections; also used to ask how each is accepted.</summary>
    public static IEnumerable<(string Item, Source Source)> Promises(Findings findings) =>
        (findings.Readme?.Sections ?? []).Where(s => Words.Any(w => s.Heading.Contains(w, StringComparison.OrdinalIgnoreCase)))
            .SelectMany(s => s.Items.Select(i => (i, s.Source))).Take(40);
}
