using Tomlyn.Model;

namespace QuantaPilot.Integrations.Outline.Reading.Manifests;

internal sealed class RustReader : IFileReader
{
    public bool Reads(TreeFile file) => file.Name == "Cargo.toml" && file.Role == FileRole.Product;

    public void Read(TreeFile file, string text, Findings findings)
    {
        var toml = Formats.Toml(text);
        var package = toml.Table("package");
        var lines = new LineFinder(file.Path, text);
        var isRoot = file.Folder.Length == 0;
        if (isRoot)
        {
            Findings.Add(findings.Commands, new(CommandKind.Build, "cargo build --release", new(file.Path)));
            Findings.Add(
                findings.Commands,
                new(CommandKind.Test, toml.ContainsKey("workspace") ? "cargo test --workspace" : "cargo test", new(file.Path)));
        }
        if (package is null) return;
        var name = package.Text("name");
        var entryPoints = (toml.TryGetValue("bin", out var bins) && bins is TomlTableArray array ? array.AsEnumerable() : [])
            .Select(b => new NamedCommand(b.Text("name") ?? name ?? "bin", b.Text("path") ?? "src/main.rs", lines.Of("[[bin]]"))).ToList();
        var main = Paths.Join(file.Folder, "src/main.rs");
        if (entryPoints.Count == 0 && findings.HasFile(main)) entryPoints.Add(new(name ?? "main", "src/main.rs", new(main)));
        if (entryPoints.Count > 0)
        {
            Findings.Add(
                findings.Commands, new(CommandKind.Run, isRoot ? "cargo run --release" : $"cargo run --release -p {name}", new(file.Path)));
        }
        Findings.Add(findings.Manifests, new Manifest("Cargo", file.Path, name)
        {
            Version = package.Text("version"),
            Description = package.Text("description")?.ReplaceLineEndings(" ").Trim(),
            Licence = package.Text("license"),
            Dependencies = [
                .. Dependencies(toml, "dependencies", false),
                .. Dependencies(toml, "dev-dependencies", true),
                .. Dependencies(toml, "build-dependencies", true)],
            References = [
                .. (toml.Table("dependencies") ?? []).Where(d => (d.Value as TomlTable).Text("path") is not null).Select(d => d.Key)],
            Platforms =
            [
                .. package.Text("rust-version") is { } rust ? [$"Rust {rust}"] : Array.Empty<string>(),
                .. package.Text("edition") is { } edition ? [$"Rust edition {edition}"] : Array.Empty<string>(),
            ],
            EntryPoints = entryPoints,
        });
    }

    private static IEnumerable<Dependency> Dependencies(TomlTable toml, string table, bool development) =>
        (toml.Table(table) ?? [])
            .Select(d => new Dependency(d.Key, d.Value as string ?? (d.Value as TomlTable).Text("version"), development));
}
