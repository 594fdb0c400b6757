using static QuantaPilot.Integrations.Outline.Writing.Markup;

namespace QuantaPilot.Integrations.Outline.Writing.Documents;

/// <summary>ANCHOR: the way in. What the other documents hold, what was kept, and every open question in one place.</summary>
internal static class AnchorDocument
{
    public static void Write(
        Page page,
        Findings findings,
        IReadOnlyList<(string Id, string Title, IReadOnlyList<string> Questions)> others,
        IReadOnlyList<KeptDocument> kept)
    {
        page.Heading("The project");
        page.Paragraph(findings.Description is { } description ? OverviewDocument.Introduction(findings, description, 400) : $"**{Text(findings.Name, 100)}** says nothing about itself.");
        page.Heading("Where things are");
        page.Table(["Document", "Holds", "Open questions"], [.. others.Select(o => new[]
        {
            $"[{o.Id}]({o.Id}.md)", $"{o.Title}: {Facts(o.Id, findings)}", kept.Any(k => k.Id == o.Id) ? "written by a person, kept" : Number(o.Questions.Count),
        })]);
        page.Paragraph("These documents were made from the repository alone. What they claim has its source beside it; what could not be known is asked.");
        page.Heading("Open questions");
        page.Bullets(others.SelectMany(o => o.Questions.Select(q => $"[{o.Id}]({o.Id}.md): {q}")));
        var faulty = kept.Where(k => k.Faults.Count > 0).ToList();
        if (faulty.Count == 0) return;
        page.Heading("Kept documents that need a hand");
        page.Table(
            ["Document", "What is wrong"],
            [.. faulty.Select(k => new[] { $"[{k.Id}]({k.Id}.md)", Text(string.Join("; ", k.Faults), 500) })]);
    }

    /// <summary>What each document says, in a few words.</summary>
    private static string Facts(string id, Findings findings) => id switch
    {
        "00_overview" =>
            findings.CodeLanguages is [var main, ..]
                ? $"{Count(findings.Files, "file")}, mainly {main.Name}"
                : Count(findings.Files, "file"),
        "10_architecture" =>
            $"{Count(findings.Manifests.Count(m => !m.IsTest && m.Name is not null), "module")}, {Count(findings.EntryPoints.Count, "entry point")}",
        "20_requirements" => $"{Count(RequirementsDocument.Promises(findings).Count(), "promise")} of the README",
        "30_milestones" => findings.DescribeMilestones(),
        "40_acceptance" =>
            $"{Count(findings.Pipelines.Count, "CI pipeline")}, about {Count(findings.Tests.Values.Sum(t => t.Cases), "test declaration")}",
        "60_constraints" => findings.Licences is [var licence, ..] ? Text(licence.Title) : "no licence found",
        "70_runbook" => $"{Count(findings.Commands.Select(c => c.Text).Distinct().Count(), "command")}, {Count(findings.Settings.Select(s => s.Name).Distinct().Count(), "setting")}",
        "80_adrs" => $"{Count(findings.Decisions.Count, "recorded decision")}",
        "90_api" => $"{Count(findings.Routes.Count, "HTTP route")}, {Count(findings.PublicNames.Count, "public name")}",
        _ => "words of the code and abbreviations",
    };
}

/// <summary>A document of the set that a person wrote or changed: left as it is.</summary>
/// <param name="Id">Its name without <c>.md</c>.</param>
/// <param name="Text">What it says.</param>
/// <param name="Faults">What is wrong with its front matter or links.</param>
internal sealed record KeptDocument(string Id, string Text, IReadOnlyList<string> Faults);
