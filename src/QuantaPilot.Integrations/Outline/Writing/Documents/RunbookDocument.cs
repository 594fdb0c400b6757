using static QuantaPilot.Integrations.Outline.Writing.Markup;

namespace QuantaPilot.Integrations.Outline.Writing.Documents;

/// <summary>70_runbook: how to set up, build, test, run, configure and release.</summary>
internal static class RunbookDocument
{
    private static readonly (CommandKind Kind, string Heading)[] Parts =
    [
        (CommandKind.Setup, "Set up"), (CommandKind.Build, "Build"), (CommandKind.Test, "Test"), (CommandKind.Check, "Lint and format"),
        (CommandKind.Run, "Run"), (CommandKind.Release, "Release"),
    ];

    private static readonly string[] UsageWords = [
        "install", "getting started", "quick start", "quickstart", "usage", "running", "run ", "build", "develop", "set up", "setup", "deploy",
        "test",
    ];

    public static void Write(Page page, Findings findings)
    {
        foreach (var (kind, heading) in Parts)
        {
            var commands = Nearest(findings.Commands.Where(c => c.Kind == kind)).ToList();
            if (commands.Count == 0) continue;
            page.Heading(heading);
            page.Table(["Command", "Source"], [.. commands.Select(c => new[] { Code(c.Text), page.Link(c.Source) })], 8);
        }
        page.Paragraph("Commands follow from the manifests by the convention of their tools; none of them was run.");
        var needsBuild = findings.CodeLanguages is not [{ Name: "JavaScript" or "Python" or "Ruby" or "PHP" or "Shell" }, ..];
        if (needsBuild && findings.Commands.All(c => c.Kind != CommandKind.Build))
        {
            page.Question("No command that builds the project was found. Is there a build, and how is it started?");
        }
        if (findings.Commands.All(c => c.Kind != CommandKind.Test))
        {
            page.Question("No command that runs the tests was found. How are they run?");
        }
        WriteUsage(page, findings);
        WriteSettings(page, findings);
        page.Heading("Operation");
        if (findings.Containers.Count == 0 && findings.EntryPoints.Count == 0 && findings.Routes.Count == 0)
        {
            page.Paragraph("Nothing in the repository looks like a service that is operated.");
            page.Question("How is a release made and published, and who does it?");
            return;
        }
        page.Question(
            "Where does it run, how is it deployed and rolled back, and who is called when it fails? The repository doesn't say.");
    }

    /// <summary>Each command once, those declared nearest to the root first.</summary>
    public static IEnumerable<Command> Nearest(IEnumerable<Command> commands) =>
        commands.DistinctBy(c => c.Text).OrderBy(c => c.Source.Path.Count(ch => ch == '/'));

    private static void WriteUsage(Page page, Findings findings)
    {
        var sections = (findings.Readme?.Sections ?? [])
            .Where(s => s.Code.Count > 0 && UsageWords.Any(w => s.Heading.Contains(w, StringComparison.OrdinalIgnoreCase)))
            .Take(6)
            .ToList();
        if (sections.Count == 0) return;
        page.Heading("What the README says");
        foreach (var section in sections)
        {
            page.Paragraph($"**{Text(section.Heading, 80)}** ({page.Link(section.Source)})");
            foreach (var code in section.Code.Take(2)) page.Block(code, 12);
        }
    }

    private static void WriteSettings(Page page, Findings findings)
    {
        page.Heading("Configuration");
        var settings = findings.Settings.GroupBy(s => s.Name).ToList();
        if (settings.Count == 0)
        {
            page.Paragraph("No setting is read from the environment or from a settings file that could be recognised.");
            return;
        }
        page.Table(["Setting", "Read in"], [.. settings.OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new[] { Code(g.Key), string.Join(", ", g.DistinctBy(s => s.Source.Path).Take(2).Select(s => page.Link(s.Source))) + (g.Count() > 2 ? $" ({Count(g.Count(), "place")})" : "") })], 40);
        page.Paragraph("Names alone: values are never copied, since one may be a secret.");
        page.Question("Which of these settings are required, and which of them are secrets?");
    }
}
