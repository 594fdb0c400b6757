using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Outline.Reading;
using static QuantaPilot.Integrations.Outline.Writing.Markup;

namespace QuantaPilot.Integrations.Outline.Writing;

/// <summary>What a reviewer is told in the pull request and at the gate.</summary>
internal static class Summary
{
    public static string Write(Findings findings, WrittenDocuments documents, string folder)
    {
        var lines = new List<string>
        {
            // Before it is marked up: with its escapes a secret is no longer known for one.
            findings.Description is { } description
                ? Documents.OverviewDocument.Introduction(findings, Redactor.Redact(description), 200)
                : $"**{Text(findings.Name, 100)}** says nothing about itself in a README.",
            "",
            $"- Size: {Count(findings.Files, "file")}, {Size(findings.Bytes)}",
            $"- Languages: {Languages(findings)}",
            $"- Build: {Commands(findings, CommandKind.Build)}",
            $"- Test: {Commands(findings, CommandKind.Test)}; about {Number(findings.Tests.Values.Sum(t => t.Cases))} test declarations",
            $"- Continuous integration: {(findings.Pipelines.Count == 0 ? "none found" : string.Join(", ", findings.Pipelines.Select(p => p.System).Distinct()))}",
            $"- Interfaces: {Count(findings.Routes.Count, "HTTP route")}, {Count(findings.PublicNames.Count, "public name")}",
            $"- Milestones: {(documents.Kept.Any(k => k.Id == "30_milestones") ? "kept as written in the repository" : findings.DescribeMilestones())}",
            $"- Open questions: {Number(documents.Questions.Count)}, collected in {Code(Paths.Join(folder, "ANCHOR.md"))}",
            $"- Written: {string.Join(", ", documents.Generated.Keys.Select(p => Code(p)))}",
        };
        if (documents.Kept.Count > 0)
        {
            lines.Add($"- Kept, because a person wrote or changed them: {string.Join(", ", documents.Kept.Select(k => Code(Paths.Join(folder, k.Id + ".md"))))}");
        }
        foreach (var kept in documents.Kept.Where(k => k.Faults.Count > 0))
        {
            lines.Add($"- Needs a hand: {Code(Paths.Join(folder, kept.Id + ".md"))}: {Text(Redactor.Redact(string.Join("; ", kept.Faults)), 300)}");
        }
        return string.Join('\n', lines) + "\n";
    }

    private static string Languages(Findings findings)
    {
        var languages = findings.CodeLanguages;
        var total = Math.Max(1, languages.Sum(l => l.Bytes));
        return languages.Count == 0 ? "no source code recognised"
            : string.Join(", ", languages.Take(4).Select(l => $"{l.Name} {100 * l.Bytes / total} % ({Count(l.Lines, "line")})"));
    }

    private static string Commands(Findings findings, CommandKind kind)
    {
        var commands = Documents.RunbookDocument.Nearest(findings.Commands.Where(c => c.Kind == kind)).Take(2).ToList();
        return commands.Count == 0 ? "no command found" : string.Join(", ", commands.Select(c => Code(c.Text, 80)));
    }
}
