using System.Text.Json;

namespace QuantaPilot.Integrations.Outline.Reading.Manifests;

internal sealed class NodeReader : IFileReader
{
    public bool Reads(TreeFile file) => file.Name == "package.json" && file.Role == FileRole.Product;

    public void Read(TreeFile file, string text, Findings findings)
    {
        var json = Formats.Json(text);
        var lines = new LineFinder(file.Path, text);
        var scripts = json.Members("scripts").Where(s => s.Value.ValueKind == JsonValueKind.String)
            .Select(s => new NamedCommand(s.Name, s.Value.GetString()!, lines.Of($"\"{s.Name}\":"))).ToList();
        Findings.Add(findings.Manifests, new Manifest("npm", file.Path, json.Text("name"))
        {
            Version = json.Text("version"),
            Description = json.Text("description"),
            Licence = json.Text("license"),
            Dependencies =
            [
                .. Dependencies(json, "dependencies", false), .. Dependencies(json, "peerDependencies", false),
                .. Dependencies(json, "devDependencies", true),
            ],
            References = [.. Dependencies(json, "dependencies", false).Where(d => d.Version is { } v && IsLocal(v)).Select(d => d.Name)],
            Platforms = [.. json.Members("engines").Where(e => e.Value.ValueKind == JsonValueKind.String).Select(
                e => $"{(e.Name == "node" ? "Node.js" : e.Name)} {e.Value.GetString()}")],
            EntryPoints = [.. EntryPoints(json, file, lines, findings)],
        });
        AddCommands(file, json, scripts, findings);
    }

    private static bool IsLocal(string version) =>
        version.StartsWith("workspace:", StringComparison.Ordinal) || version.StartsWith("file:", StringComparison.Ordinal)
        || version.StartsWith("link:", StringComparison.Ordinal);

    private static IEnumerable<Dependency> Dependencies(JsonElement json, string member, bool development) =>
        json.Members(member)
            .Select(d => new Dependency(d.Name, d.Value.ValueKind == JsonValueKind.String ? d.Value.GetString() : null, development));

    private static IEnumerable<NamedCommand> EntryPoints(JsonElement json, TreeFile file, LineFinder lines, Findings findings)
    {
        if (json.Text("bin") is { } bin) yield return new(json.Text("name") ?? "bin", bin, lines.Of("\"bin\""));
        foreach (var member in json.Members("bin").Where(b => b.Value.ValueKind == JsonValueKind.String))
        {
            yield return new(member.Name, member.Value.GetString()!, lines.Of($"\"{member.Name}\":"));
        }
        foreach (var name in (string[])["main", "module", "browser", "types"])
        {
            if (json.Text(name) is { } path) yield return new(name, path, lines.Of($"\"{name}\":"));
        }
        var index = Paths.Join(file.Folder, "index.js");
        if (json.Text("main") is null && findings.HasFile(index)) yield return new("main", "index.js", new(index));
    }

    private static void AddCommands(TreeFile file, JsonElement json, List<NamedCommand> scripts, Findings findings)
    {
        var manager = json.Text("packageManager")?.Split('@')[0]
            ?? (findings.HasFile("pnpm-lock.yaml") ? "pnpm" : findings.HasFile("yarn.lock") ? "yarn" : "npm");
        if (manager is not ("npm" or "pnpm" or "yarn" or "bun")) manager = "npm";
        Findings.Add(findings.Commands, new(CommandKind.Setup, Paths.In(file.Folder, $"{manager} install"), new(file.Path)));
        foreach (var script in scripts)
        {
            if (KindOf(script.Name) is { } kind)
            {
                Findings.Add(findings.Commands, new(kind, Paths.In(file.Folder, $"{manager} run {script.Name}"), script.Source));
            }
        }
    }

    private static CommandKind? KindOf(string script) => script.Split(':')[0] switch
    {
        _ when script.EndsWith("watch", StringComparison.Ordinal) => null,
        "build" or "compile" or "bundle" => CommandKind.Build,
        "test" or "tests" or "e2e" => CommandKind.Test,
        "start" or "dev" or "serve" => CommandKind.Run,
        "lint" or "format" or "typecheck" or "check" => CommandKind.Check,
        "release" or "publish" or "prepublishOnly" or "deploy" => CommandKind.Release,
        _ => null,
    };
}
