using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace QuantaPilot.Integrations.Outline.Reading;

/// <summary>Continuous integration: which system, when it runs, its jobs and the commands they type.</summary>
internal sealed class CiReader : IFileReader
{
    private static readonly HashSet<string> GitLabKeywords = new(StringComparer.Ordinal)
    {
        "stages", "variables", "default", "include", "workflow", "image", "services", "cache", "before_script", "after_script", "pages",
    };

    /// <summary>Lines of a script that steer, print or assign, but build and check nothing.</summary>
    private static readonly Regex ShellSyntax = Patterns.Linear(
        @"^$|^#|^[{}()\]\[]|^(?:if|elif|else|then|fi|for|while|do|done|case|esac|function|echo|printf|set|export|exit|source|cat|EOF|return|local|shift)\b|^\w+=|^[^ ]*\)$|^\$\w+ *=|^-");

    public bool Reads(TreeFile file) => SystemOf(file) is not null;

    public void Read(TreeFile file, string text, Findings findings)
    {
        var system = SystemOf(file)!;
        if (system == "Jenkins")
        {
            Findings.Add(findings.Pipelines, new(system, file.Path, file.Name, [], []));
            return;
        }
        var yaml = Formats.Yaml(text);
        var jobs = system switch
        {
            "GitHub Actions" => Jobs(yaml.Child("jobs"), "steps", "run"),
            "GitLab CI" => yaml.Members().Where(m => m.Name[0] != '.' && !GitLabKeywords.Contains(m.Name) && m.Value is YamlMappingNode)
                .Select(m => new CiJob(m.Name, [.. Lines(file, m.Value.Child("script"))])),
            "Azure Pipelines" => Azure(yaml),
            "CircleCI" => Jobs(yaml.Child("jobs"), "steps", "run"),
            _ => [new CiJob("build", [.. Lines(file, yaml.Child("script"))])],
        };
        Findings.Add(findings.Pipelines, new(system, file.Path, yaml.Text("name") ?? file.Name, [.. Triggers(yaml)], [.. jobs.Take(50)]));

        IEnumerable<CiJob> Jobs(YamlNode? node, string steps, string run) =>
            node.Members().Select(j => new CiJob(j.Value.Text("name") is { } n && !n.Contains("${", StringComparison.Ordinal) ? n : j.Name, [.. j.Value.Child(steps).Items().SelectMany(s => Run(s, run))]));

        IEnumerable<CiJob> Azure(YamlNode? node)
        {
            var all = node.Child("stages").Items().SelectMany(s => s.Child("jobs").Items()).Concat(node.Child("jobs").Items()).ToList();
            if (node.Child("steps") is not null && node is not null) all.Add(node);
            return all.Select(j => new CiJob(j.Text("job") ?? j.Text("deployment") ?? "job", [.. j.Child("steps").Items().SelectMany(s => Run(s, "script").Concat(Run(s, "bash")).Concat(Run(s, "pwsh")))]));
        }

        IEnumerable<NamedCommand> Run(YamlNode step, string key)
        {
            var node = step.Child(key);
            var script = node is YamlMappingNode ? node.Child("command") : node;
            return Lines(file, script).Select(c => c with { Name = step.Text("name") ?? c.Name });
        }
    }

    private static string? SystemOf(TreeFile file) => file.Path switch
    {
        ".gitlab-ci.yml" => "GitLab CI",
        "azure-pipelines.yml" or ".azure-pipelines.yml" or "azure-pipelines.yaml" => "Azure Pipelines",
        ".circleci/config.yml" => "CircleCI",
        ".travis.yml" => "Travis CI",
        "appveyor.yml" or ".appveyor.yml" => "AppVeyor",
        "Jenkinsfile" => "Jenkins",
        _ => file.Folder == ".github/workflows" && file.Extension is ".yml" or ".yaml" ? "GitHub Actions" : null,
    };

    private static IEnumerable<string> Triggers(YamlNode? yaml) => yaml.Child("on") switch
    {
        YamlScalarNode one => [one.Value ?? ""],
        YamlSequenceNode list => list.Children.Select(c => c.Text()).OfType<string>(),
        YamlMappingNode map => map.Members().Select(m => m.Name),
        _ => [],
    };

    /// <summary>The commands of a script, one a line, without comments; a continued line is one command.</summary>
    private static IEnumerable<NamedCommand> Lines(TreeFile file, YamlNode? script)
    {
        var nodes = script is YamlSequenceNode list ? list.Children : script is null ? [] : [script];
        foreach (var node in nodes.OfType<YamlScalarNode>())
        {
            var text = (node.Value ?? "").Replace("\\\n", " ", StringComparison.Ordinal);
            foreach (var line in text.Split('\n').Select(l => l.Trim()).Where(l => !ShellSyntax.IsMatch(l)).Take(12))
            {
                yield return new NamedCommand(line, line, new(file.Path, (int)node.Start.Line));
            }
        }
    }
}
