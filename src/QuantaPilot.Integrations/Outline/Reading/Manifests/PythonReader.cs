using System.Text.RegularExpressions;
using Tomlyn.Model;

namespace QuantaPilot.Integrations.Outline.Reading.Manifests;

internal sealed class PythonReader : IFileReader
{
    private static readonly Regex Requirement = Patterns.Linear(@"^([A-Za-z0-9][A-Za-z0-9._-]*)(\[[^\]]*\])?\s*([^;#]*)");
    private static readonly Regex SetupValue = Patterns.Linear(
        @"^\s*(name|version|description|license|python_requires)\s*=\s*[""']?([^""'\n,]+)", RegexOptions.Multiline);

    public bool Reads(TreeFile file) => file.Role == FileRole.Product
        && (file.Name is "pyproject.toml" or "setup.cfg" or "setup.py" or "tox.ini" or "noxfile.py" or "manage.py" or "pytest.ini" || IsRequirements(file));

    public void Read(TreeFile file, string text, Findings findings)
    {
        switch (file.Name)
        {
            case "pyproject.toml":
                ReadProject(file, text, findings);
                break;
            case "setup.cfg" or "setup.py":
                ReadSetup(file, text, findings);
                break;
            case "tox.ini":
                Add(CommandKind.Test, "tox");
                break;
            case "noxfile.py":
                Add(CommandKind.Test, "nox");
                break;
            case "pytest.ini":
                Add(CommandKind.Test, "pytest");
                break;
            case "manage.py":
                Add(CommandKind.Run, "python manage.py runserver");
                Add(CommandKind.Test, "python manage.py test");
                break;
            default:
                Findings.Add(findings.Manifests, new Manifest("pip", file.Path, null)
                {
                    Dependencies = [.. text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && char.IsAsciiLetterOrDigit(l[0]))
                        .Select(l => Parse(l, file.Name.Contains("dev", StringComparison.Ordinal) || file.Name.Contains("test", StringComparison.Ordinal))).OfType<Dependency>()],
                });
                Add(CommandKind.Setup, $"pip install -r {file.Name}");
                break;
        }

        void Add(CommandKind kind, string command) =>
            Findings.Add(findings.Commands, new(kind, Paths.In(file.Folder, command), new(file.Path)));
    }

    private static bool IsRequirements(TreeFile file) =>
        file.Extension == ".txt" && (file.Name.StartsWith("requirements", StringComparison.Ordinal) || file.Folder.EndsWith("requirements", StringComparison.Ordinal));

    private static Dependency? Parse(string requirement, bool development)
    {
        var match = Requirement.Match(requirement.Trim());
        return match.Success
            ? new(match.Groups[1].Value, match.Groups[3].Value.Trim() is { Length: > 0 } version ? version : null, development)
            : null;
    }

    private static void ReadProject(TreeFile file, string text, Findings findings)
    {
        var toml = Formats.Toml(text);
        var project = toml.Table("project");
        var poetry = toml.Table("tool").Table("poetry");
        var lines = new LineFinder(file.Path, text);
        if ((project ?? poetry) is not { } main) return;
        var groups = (toml.Table("dependency-groups") ?? []).Concat(project.Table("optional-dependencies") ?? [])
            .SelectMany(g => (g.Value as TomlArray)?.OfType<string>() ?? []);
        Findings.Add(findings.Manifests, new Manifest("PyPI", file.Path, main.Text("name"))
        {
            Version = main.Text("version"),
            Description = main.Text("description"),
            Licence = main.Text("license") ?? main.Table("license").Text("text"),
            Dependencies =
            [
                .. project.Texts("dependencies").Select(d => Parse(d, false)).OfType<Dependency>(),
                .. (poetry.Table("dependencies") ?? [])
                    .Where(d => d.Key != "python")
                    .Select(d => new Dependency(d.Key, d.Value as string, false)),
                .. groups.Select(d => Parse(d, true)).OfType<Dependency>().DistinctBy(d => d.Name),
            ],
            Platforms = (main.Text("requires-python") ?? poetry.Table("dependencies").Text("python")) is { } python
                ? [$"Python {python}"]
                : [],
            EntryPoints = [.. (main.Table("scripts") ?? []).Where(s => s.Value is string).Select(
                s => new NamedCommand(s.Key, (string)s.Value, lines.Of(s.Key)))],
        });
        var setup = poetry is not null ? "poetry install" : findings.HasFile(Paths.Join(file.Folder, "uv.lock")) ? "uv sync" : "pip install -e .";
        Findings.Add(findings.Commands, new(CommandKind.Setup, Paths.In(file.Folder, setup), new(file.Path)));
        if (toml.Table("tool").Table("pytest") is not null)
        {
            Findings.Add(findings.Commands, new(CommandKind.Test, Paths.In(file.Folder, "pytest"), lines.Of("[tool.pytest")));
        }
        if (toml.Table("tool").Table("tox") is not null)
        {
            Findings.Add(findings.Commands, new(CommandKind.Test, Paths.In(file.Folder, "tox"), lines.Of("[tool.tox")));
        }
    }

    private static void ReadSetup(TreeFile file, string text, Findings findings)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Match match in SetupValue.Matches(text)) values.TryAdd(match.Groups[1].Value, match.Groups[2].Value.Trim());
        if (!values.TryGetValue("name", out var name)) return;
        Findings.Add(findings.Manifests, new Manifest("PyPI", file.Path, name)
        {
            Version = values.GetValueOrDefault("version"),
            Description = values.GetValueOrDefault("description"),
            Licence = values.GetValueOrDefault("license"),
            Platforms = values.TryGetValue("python_requires", out var python) ? [$"Python {python}"] : [],
        });
        Findings.Add(findings.Commands, new(CommandKind.Setup, Paths.In(file.Folder, "pip install -e ."), new(file.Path)));
    }
}
