using System.Text.RegularExpressions;

namespace QuantaPilot.Integrations.Outline.Reading.Manifests;

internal sealed class ContainerReader : IFileReader
{
    private static readonly Regex From = Patterns.Linear(
        @"^FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", RegexOptions.Multiline | RegexOptions.IgnoreCase);
    private static readonly Regex Expose = Patterns.Linear(@"^EXPOSE\s+([0-9 /a-z]+)$", RegexOptions.Multiline | RegexOptions.IgnoreCase);

    public bool Reads(TreeFile file) =>
        file.Role is FileRole.Product && !file.Path.StartsWith(".devcontainer/", StringComparison.Ordinal)
            && (IsDockerfile(file) || IsCompose(file));

    public void Read(TreeFile file, string text, Findings findings)
    {
        if (IsCompose(file))
        {
            ReadCompose(file, text, findings);
            return;
        }
        var stages = From.Matches(text);
        var names = stages.Select(m => m.Groups[2].Value).ToHashSet(StringComparer.OrdinalIgnoreCase);
        Findings.Add(findings.Containers, new(
            file.Path,
            [.. stages.Select(m => m.Groups[1].Value).Where(i => !names.Contains(i)).Distinct()],
            [.. Expose.Matches(text).SelectMany(m => m.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Distinct()],
            []));
        Findings.Add(findings.Commands, new(CommandKind.Release, $"docker build -f {file.Path} .", new(file.Path)));
    }

    private static bool IsDockerfile(TreeFile file) =>
        file.Name is "Dockerfile" or "Containerfile" || file.Name.StartsWith("Dockerfile.", StringComparison.Ordinal)
            || file.Extension == ".dockerfile";

    private static bool IsCompose(TreeFile file) =>
        file.Extension is ".yml" or ".yaml" && (
            file.Name.StartsWith("docker-compose", StringComparison.Ordinal) || file.Name.StartsWith("compose.", StringComparison.Ordinal));

    private static void ReadCompose(TreeFile file, string text, Findings findings)
    {
        var services = Formats.Yaml(text).Child("services").Members().ToList();
        Findings.Add(findings.Containers, new(
            file.Path,
            [.. services.Select(s => s.Value.Text("image")).OfType<string>().Distinct()],
            [.. services.SelectMany(s => s.Value.Child("ports").Items()).Select(p => p.Text() ?? p.Text("published")).OfType<string>().Distinct()],
            [.. services.Select(s => s.Name)]));
        if (services.Count > 0)
        {
            Findings.Add(
                findings.Commands,
                new(
                    CommandKind.Run,
                    file.Depth == 0 && file.Name is "docker-compose.yml" or "compose.yml" or "compose.yaml"
                        ? "docker compose up"
                        : $"docker compose -f {file.Path} up",
                    new(file.Path)));
        }
    }
}
