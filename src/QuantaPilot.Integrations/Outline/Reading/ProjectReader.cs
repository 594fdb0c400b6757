using System.Text.RegularExpressions;

namespace QuantaPilot.Integrations.Outline.Reading;

/// <summary>The files about the project itself: licence, owners, change log, rules, documents and decision records.</summary>
internal sealed class ProjectReader : IFileReader
{
    private static readonly Regex Heading = Patterns.Linear(
        @"^(?:#{1,2}|=)\s+(.+)$|^([^\n]+)\n(?:={3,}|-{3,})[ \t]*$", RegexOptions.Multiline);
    private static readonly Regex Release = Patterns.Linear(
        @"^(?:#{1,3}\s+|Version\s+)?\[?v?([0-9]+\.[0-9]+[0-9A-Za-z.+-]*)\]?", RegexOptions.Multiline);
    private static readonly Regex DecisionStatus = Patterns.Linear(
        @"^(?:\*\s*|-\s*)?(?:\*\*)?Status:?(?:\*\*)?:?\s*(\w+)|^##\s*Status\s*\n+\s*(?:\*|-)?\s*(\w+)",
        RegexOptions.Multiline | RegexOptions.IgnoreCase);
    private static readonly Regex RoadmapItem = Patterns.Linear(@"^\s*[-*]\s+\[( |x|X)\]\s+(.+)$|^#{2,3}\s+(.+)$", RegexOptions.Multiline);

    private static readonly (string Name, string[] Words)[] Licences =
    [
        ("GNU Affero General Public License", ["GNU AFFERO GENERAL PUBLIC LICENSE"]),
        ("GNU Lesser General Public License", ["GNU LESSER GENERAL PUBLIC LICENSE"]),
        ("GNU General Public License", ["GNU GENERAL PUBLIC LICENSE"]),
        ("Apache License 2.0", ["Apache License", "Version 2.0"]),
        ("Mozilla Public License 2.0", ["Mozilla Public License", "2.0"]),
        ("MIT License", ["Permission is hereby granted, free of charge"]),
        ("BSD 3-Clause License", ["Redistribution and use in source and binary forms", "Neither the name"]),
        ("BSD 2-Clause License", ["Redistribution and use in source and binary forms"]),
        ("ISC License", ["Permission to use, copy, modify, and"]),
        ("The Unlicense", ["This is free and unencumbered software released into the public domain"]),
    ];

    public bool Reads(TreeFile file) => KindOf(file) is not null;

    public void Read(TreeFile file, string text, Findings findings)
    {
        var title = TitleOf(text) ?? (file.Name.StartsWith("README", StringComparison.OrdinalIgnoreCase) && file.Folder.Length > 0 ? System.IO.Path.GetFileName(file.Folder) : file.Name);
        switch (KindOf(file))
        {
            case "licence":
                var flat = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
                var known = Licences.FirstOrDefault(l => l.Words.All(w => flat.Contains(w, StringComparison.OrdinalIgnoreCase)));
                Findings.Add(findings.Licences, new(file.Path, known.Name ?? "terms that are not one of the common licences", null));
                break;
            case "owners":
                findings.OwnersPath = file.Path;
                foreach (var line in text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] is not ('#' or '[')))
                {
                    var parts = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                    if (parts.Length > 1) Findings.Add(findings.Owners, new(parts[0], string.Join(' ', parts[1..]), new(file.Path)));
                }
                break;
            case "changelog":
                findings.Changelog ??= new(
                    file.Path, title, Release.Match(text) is { Success: true } release ? release.Groups[1].Value : null);
                break;
            case "security":
                findings.SecurityPolicy ??= new(file.Path, title, null);
                break;
            case "contributing":
                findings.ContributingPath ??= file.Path;
                break;
            case "rule":
                Findings.Add(findings.Rules, new(file.Path, file.Name, null));
                break;
            case "decision":
                var status = DecisionStatus.Match(text);
                Findings.Add(
                    findings.Decisions, new(file.Path, title, status.Success ? status.Groups[1].Value + status.Groups[2].Value : null));
                break;
            case "roadmap":
                foreach (var (match, line) in RoadmapItem.In(text, 100))
                {
                    var item = match.Groups[2].Success ? match.Groups[2].Value : match.Groups[3].Value;
                    var note = !match.Groups[1].Success ? null : match.Groups[1].Value == " " ? "open" : "done";
                    Findings.Add(findings.Milestones, new(item.Trim(), note, new(file.Path, line)));
                }
                break;
            default:
                Findings.Add(findings.Documents, new(file.Path, title, null));
                break;
        }
    }

    private static string? KindOf(TreeFile file)
    {
        var stem = file.Name.Split('.')[0].ToUpperInvariant();
        var isText = file.Extension is ".md" or ".rst" or ".adoc" or ".txt" or "";
        var nearRoot = file.Depth == 0 || file.Folder is ".github" or "docs" or "doc";
        if (file.Name == "CODEOWNERS" && nearRoot) return "owners";
        if (file.Depth == 0 && file.Name is ".editorconfig" or ".eslintrc.json" or ".prettierrc" or "eslint.config.js" or "rustfmt.toml" or ".golangci.yml" or ".golangci.yaml"
            or ".pre-commit-config.yaml" or "ruff.toml" or ".rubocop.yml" or "checkstyle.xml" or ".clang-format" or "mypy.ini" or "biome.json" or "renovate.json" or ".eslintrc.yml" or "clippy.toml")
        {
            return "rule";
        }
        if (!isText) return null;
        if (file.Depth == 0
            && (stem is "LICENSE" or "LICENCE" or "COPYING" or "UNLICENSE" || stem.StartsWith("LICENSE-", StringComparison.Ordinal)))
        {
            return "licence";
        }
        if (file.Depth == 0 && stem is "CHANGELOG" or "CHANGES" or "HISTORY" or "NEWS" or "RELEASES") return "changelog";
        if (nearRoot && stem == "SECURITY") return "security";
        if (nearRoot && stem == "CONTRIBUTING") return "contributing";
        if (nearRoot && stem is "ROADMAP" or "MILESTONES") return "roadmap";
        if (file.Extension is not (".md" or ".rst" or ".adoc") || stem == "README" && file.Depth == 0) return null;
        var folders = file.Folder.Split('/');
        if (folders.Any(f => f is "adr" or "adrs" or "decisions" or "ADR") && stem is not ("README" or "INDEX" or "TEMPLATE"))
        {
            return "decision";
        }
        return file.Role is FileRole.Product or FileRole.Example && folders[0] != ".github" ? "document" : null;
    }

    private static string? TitleOf(string text)
    {
        var match = Heading.Match(text);
        return match.Success ? (match.Groups[1].Value + match.Groups[2].Value).Trim().Trim('#').Trim() : null;
    }
}
