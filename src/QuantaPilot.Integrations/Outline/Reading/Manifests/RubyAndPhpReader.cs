using System.Text.Json;
using System.Text.RegularExpressions;

namespace QuantaPilot.Integrations.Outline.Reading.Manifests;

internal sealed class RubyAndPhpReader : IFileReader
{
    private static readonly Regex Gem = Patterns.Linear(
        @"^\s*gem\s+[""']([^""'\n]+)[""'](?:\s*,\s*[""']([^""'\n]+)[""'])?", RegexOptions.Multiline);
    private static readonly Regex RubyVersion = Patterns.Linear(@"^ruby\s+[""']([^""'\n]+)[""']", RegexOptions.Multiline);
    private static readonly Regex SpecValue = Patterns.Linear(
        @"\.(name|version|summary|license|required_ruby_version)\s*=\s*[""']([^""'\n]+)[""']");
    private static readonly Regex SpecDependency = Patterns.Linear(
        @"add_(development_|runtime_)?dependency[\s(]+[""']([^""'\n]+)[""'](?:\s*,\s*[""']([^""'\n]+)[""'])?");

    public bool Reads(TreeFile file) => file.Role == FileRole.Product
        && (file.Name is "Gemfile" or "composer.json" or "Rakefile" || file.Extension == ".gemspec");

    public void Read(TreeFile file, string text, Findings findings)
    {
        if (file.Name == "composer.json") ReadComposer(file, Formats.Json(text), findings);
        else if (file.Name == "Gemfile") ReadGemfile(file, text, findings);
        else if (file.Name == "Rakefile") Findings.Add(
            findings.Commands, new(CommandKind.Test, Paths.In(file.Folder, "bundle exec rake"), new(file.Path)));
        else ReadGemspec(file, text, findings);
    }

    private static void ReadGemfile(TreeFile file, string text, Findings findings)
    {
        var ruby = RubyVersion.Match(text);
        Findings.Add(findings.Manifests, new Manifest("RubyGems", file.Path, null)
        {
            Dependencies = [.. Gem.Matches(text).Select(m => new Dependency(m.Groups[1].Value, Null(m.Groups[2].Value), false))],
            Platforms = ruby.Success ? [$"Ruby {ruby.Groups[1].Value}"] : [],
        });
        Findings.Add(findings.Commands, new(CommandKind.Setup, Paths.In(file.Folder, "bundle install"), new(file.Path)));
        if (findings.HasFile(Paths.Join(file.Folder, "bin/rails")))
        {
            Findings.Add(findings.Commands, new(CommandKind.Run, Paths.In(file.Folder, "bin/rails server"), new(file.Path)));
        }
    }

    private static void ReadGemspec(TreeFile file, string text, Findings findings)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Match match in SpecValue.Matches(text)) values.TryAdd(match.Groups[1].Value, match.Groups[2].Value);
        Findings.Add(findings.Manifests, new Manifest("RubyGems", file.Path, values.GetValueOrDefault("name"))
        {
            Version = values.GetValueOrDefault("version"),
            Description = values.GetValueOrDefault("summary"),
            Licence = values.GetValueOrDefault("license"),
            Dependencies = [.. SpecDependency.Matches(text).Select(
                m => new Dependency(m.Groups[2].Value, Null(m.Groups[3].Value), m.Groups[1].Value == "development_"))],
            Platforms = values.TryGetValue("required_ruby_version", out var ruby) ? [$"Ruby {ruby}"] : [],
        });
    }

    private static void ReadComposer(TreeFile file, JsonElement json, Findings findings)
    {
        var required = json.Members("require").Select(d => (d.Name, Version: d.Value.ToString())).ToList();
        Findings.Add(findings.Manifests, new Manifest("Composer", file.Path, json.Text("name"))
        {
            Version = json.Text("version"),
            Description = json.Text("description"),
            Licence = json.Text("license"),
            Dependencies =
            [
                .. required.Where(d => d.Name.Contains('/', StringComparison.Ordinal))
                    .Select(d => new Dependency(d.Name, d.Version, false)),
                .. json.Members("require-dev").Select(d => new Dependency(d.Name, d.Value.ToString(), true)),
            ],
            Platforms = [.. required.Where(d => d.Name == "php").Select(d => $"PHP {d.Version}")],
        });
        Findings.Add(findings.Commands, new(CommandKind.Setup, Paths.In(file.Folder, "composer install"), new(file.Path)));
        if (json.Members("scripts").Any(s => s.Name == "test"))
        {
            Findings.Add(findings.Commands, new(CommandKind.Test, Paths.In(file.Folder, "composer test"), new(file.Path)));
        }
    }

    private static string? Null(string text) => text.Length == 0 ? null : text;
}
