using System.Text.RegularExpressions;

namespace QuantaPilot.Integrations.Outline.Reading.Manifests;

internal sealed class GoReader : IFileReader
{
    private static readonly Regex Module = Patterns.Linear(@"^module\s+(\S+)", RegexOptions.Multiline);
    private static readonly Regex Version = Patterns.Linear(@"^go\s+(\S+)", RegexOptions.Multiline);
    private static readonly Regex Require = Patterns.Linear(
        @"^(?:require\s+|\s+)([^\s()/]+[./][^\s()]+)\s+(v\S+)([^\n]*)", RegexOptions.Multiline);

    public bool Reads(TreeFile file) => file.Name == "go.mod" && file.Role == FileRole.Product;

    public void Read(TreeFile file, string text, Findings findings)
    {
        var module = Module.Match(text);
        if (!module.Success) throw new FormatException("no module line");
        var version = Version.Match(text);
        Findings.Add(findings.Manifests, new Manifest("Go modules", file.Path, module.Groups[1].Value)
        {
            Dependencies = [.. Require.Matches(text).Where(m => !m.Groups[3].Value.Contains("indirect", StringComparison.Ordinal))
                .Select(m => new Dependency(m.Groups[1].Value, m.Groups[2].Value, false))],
            Platforms = version.Success ? [$"Go {version.Groups[1].Value}"] : [],
        });
        Findings.Add(findings.Commands, new(CommandKind.Build, Paths.In(file.Folder, "go build ./..."), new(file.Path)));
        Findings.Add(findings.Commands, new(CommandKind.Test, Paths.In(file.Folder, "go test ./..."), new(file.Path)));
    }
}
