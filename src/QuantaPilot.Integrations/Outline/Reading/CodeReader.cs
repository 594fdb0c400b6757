using System.Text.RegularExpressions;

namespace QuantaPilot.Integrations.Outline.Reading;

/// <summary>What the code offers to others: names that are public by the rules of its language, and where programs start.</summary>
internal sealed class CodeReader : IFileReader
{
    private sealed record Rule(string[] Extensions, Regex Pattern, Func<TreeFile, string, bool> Applies);

    private static readonly Rule[] Rules =
    [
        new(
            [".cs"],
            Patterns.Linear(
                @"^\s*public\s+(?:static\s+|sealed\s+|abstract\s+|partial\s+|readonly\s+|unsafe\s+|ref\s+)*(?<k>class|interface|record struct|record|struct|enum)\s+(?<n>\w+)",
                RegexOptions.Multiline),
            (_, _) => true),
        new(
            [".java"],
            Patterns.Linear(
                @"^public\s+(?:final\s+|abstract\s+|sealed\s+|static\s+)*(?<k>class|interface|enum|record|@interface)\s+(?<n>\w+)",
                RegexOptions.Multiline),
            (_, _) => true),
        new(
            [".kt"],
            Patterns.Linear(@"^(?:open\s+|abstract\s+|sealed\s+|data\s+)*(?<k>class|interface|object)\s+(?<n>\w+)", RegexOptions.Multiline),
            (_, _) => true),
        new(
            [".go"],
            Patterns.Linear(@"^(?<k>func|type)\s+(?<n>[A-Z]\w*)", RegexOptions.Multiline),
            (f, t) =>
                !f.Path.Contains("internal/", StringComparison.Ordinal) && !t.Contains("\npackage main\n", StringComparison.Ordinal)
                    && !t.StartsWith("package main\n", StringComparison.Ordinal)),
        new(
            [".py"],
            Patterns.Linear(@"^from\s+\.[\w.]*\s+import\s+(?:\w+\s+as\s+)?(?<n>[A-Za-z]\w*)", RegexOptions.Multiline),
            (f, _) => f.Name == "__init__.py" && f.Depth <= 2),
        new(
            [".rs"],
            Patterns.Linear(@"^pub\s+(?<k>fn|struct|enum|trait|mod|type|use)\s+(?<n>[A-Za-z]\w*(?:::\w+)*)", RegexOptions.Multiline),
            (f, _) => f.Name == "lib.rs"),
        new([".js", ".cjs", ".mjs", ".ts"], Patterns.Linear(
            @"^(?:module\.)?exports\.(?<n>[A-Za-z_$][\w$]*)\s*=|^export\s+(?:default\s+)?(?:async\s+|abstract\s+|declare\s+)*(?<k>function|class|const|interface|type|enum)\s+(?<n>[A-Za-z_$][\w$]*)",
            RegexOptions.Multiline),
            (f, _) => f.Depth <= 3 && (f.Name.StartsWith("index.", StringComparison.Ordinal) || f.Name.StartsWith("main.", StringComparison.Ordinal) || f.Depth <= 1)),
        new(
            [".rb"],
            Patterns.Linear(@"^\s*(?<k>class|module)\s+(?<n>[A-Z][\w:]*)", RegexOptions.Multiline),
            (f, _) => f.Path.StartsWith("lib/", StringComparison.Ordinal)),
        new(
            [".php"],
            Patterns.Linear(@"^(?:final\s+|abstract\s+)*(?<k>class|interface|trait|enum)\s+(?<n>\w+)", RegexOptions.Multiline),
            (_, _) => true),
    ];

    private static readonly (string[] Extensions, Regex Pattern)[] Starts =
    [
        ([".cs"], Patterns.Linear(@"\bWebApplication\.Create(?:Slim)?Builder\(|\bstatic\s+(?:async\s+)?(?:void|int|Task(?:<int>)?)\s+Main\s*\(|\bDistributedApplication\.CreateBuilder\(|\bHost\.CreateApplicationBuilder\(")),
        ([".go"], Patterns.Linear(@"^func\s+main\(\)", RegexOptions.Multiline)),
        ([".rs"], Patterns.Linear(@"^(?:pub\s+)?(?:async\s+)?fn\s+main\(\)", RegexOptions.Multiline)),
        ([".java"], Patterns.Linear(@"public\s+static\s+void\s+main\s*\(")),
        ([".kt"], Patterns.Linear(@"^fun\s+main\(", RegexOptions.Multiline)),
        ([".py"], Patterns.Linear(@"^if\s+__name__\s*==\s*['""]__main__['""]", RegexOptions.Multiline)),
        ([".js", ".ts", ".mjs", ".cjs"], Patterns.Linear(@"^#!/usr/bin/env node|\b(?:app|server)\.listen\(")),
        ([".c", ".cpp", ".cc"], Patterns.Linear(@"^(?:int|void)\s+main\s*\(", RegexOptions.Multiline)),
    ];

    private const int MostIdentifiers = 50_000;

    private static readonly Regex MarkerLine = Patterns.Linear(@"(?://|#|/\*|\*|--|;|<!--)\s*(TODO|FIXME|HACK|XXX)\b[:(]?([^\n]*)");
    private static readonly Regex Identifier = Patterns.Linear(@"\b(?:[A-Z][a-z0-9]+){2,4}\b");

    private static readonly Regex Declaration = Patterns.Linear(
        @"^\s*(?:(?:export|default|public|pub|pub\(crate\)|abstract|sealed|final|static|internal|open|data|partial|readonly|declare)\s+)*(?:class|interface|struct|trait|enum|record|type|module)\s+([A-Z]\w+)",
        RegexOptions.Multiline);

    public bool Reads(TreeFile file) => LanguageTable.Of(file) is { IsCode: true };

    public void Read(TreeFile file, string text, Findings findings)
    {
        foreach (var (match, line) in MarkerLine.In(text, 200))
        {
            findings.MarkerCount++;
            Findings.Add(findings.Markers, new(match.Groups[1].Value, match.Groups[2].Value.Trim(), new(file.Path, line)));
        }
        if (file.Role != FileRole.Product) return;
        foreach (var (extensions, pattern) in Starts)
        {
            if (!extensions.Contains(file.Extension) || file.Extension == ".rs" && file.Name != "main.rs"
                && !file.Path.Contains("/bin/", StringComparison.Ordinal))
            {
                continue;
            }
            var (start, line) = pattern.InCode(file, text, 20).FirstOrDefault();
            if (start is not null) Findings.Add(findings.EntryPoints, new(file.Path, line));
        }
        foreach (var rule in Rules)
        {
            if (!rule.Extensions.Contains(file.Extension) || !rule.Applies(file, text)
                || file.Path.Contains("/Migrations/", StringComparison.Ordinal))
            {
                continue;
            }
            foreach (var (match, line) in rule.Pattern.In(text, 200))
            {
                Findings.Add(
                    findings.PublicNames,
                    new(match.Groups["n"].Value, match.Groups["k"].Success ? match.Groups["k"].Value : "name", new(file.Path, line)));
            }
        }
        foreach (var (match, line) in Declaration.In(text, 100))
        {
            if (findings.Declarations.Count < MostIdentifiers) findings.Declarations.TryAdd(match.Groups[1].Value, new(file.Path, line));
        }
        CountIdentifiers(text, findings);
    }

    /// <summary>In how many files each word of the code occurs. New words stop being taken up once the table is full.</summary>
    private static void CountIdentifiers(string text, Findings findings)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var match in Identifier.EnumerateMatches(text))
        {
            if (match.Length > 40 || seen.Count >= 500) continue;
            seen.Add(text.Substring(match.Index, match.Length));
        }
        foreach (var name in seen)
        {
            if (findings.Identifiers.TryGetValue(name, out var files)) findings.Identifiers[name] = files + 1;
            else if (findings.Identifiers.Count < MostIdentifiers) findings.Identifiers[name] = 1;
        }
    }
}
