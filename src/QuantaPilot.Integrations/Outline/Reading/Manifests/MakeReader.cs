using System.Text.RegularExpressions;

namespace QuantaPilot.Integrations.Outline.Reading.Manifests;

/// <summary>Make, CMake and just: targets that a person types.</summary>
internal sealed class MakeReader : IFileReader
{
    private static readonly Regex Target = Patterns.Linear(
        @"^([A-Za-z][A-Za-z0-9_-]*)(?:[ \t]+[A-Za-z0-9_*='"" -]+)?:(?:[^=\n][^\n]*)?$", RegexOptions.Multiline);
    private static readonly Regex CMakeProject = Patterns.Linear(
        @"^\s*project\s*\(\s*([A-Za-z0-9_.+-]+)(?:[^)]*VERSION\s+([0-9.]+))?", RegexOptions.Multiline | RegexOptions.IgnoreCase);
    private static readonly Regex CMakePackage = Patterns.Linear(
        @"^\s*find_package\s*\(\s*([A-Za-z0-9_.+-]+)(?:\s+([0-9.]+))?", RegexOptions.Multiline | RegexOptions.IgnoreCase);
    private static readonly Regex CMakeExecutable = Patterns.Linear(
        @"^\s*add_executable\s*\(\s*([A-Za-z0-9_.+-]+)", RegexOptions.Multiline | RegexOptions.IgnoreCase);

    public bool Reads(TreeFile file) => file.Role == FileRole.Product && file.Depth <= 1
        && file.Name is "Makefile" or "makefile" or "GNUmakefile" or "justfile" or "Justfile" or "CMakeLists.txt";

    public void Read(TreeFile file, string text, Findings findings)
    {
        if (file.Name == "CMakeLists.txt")
        {
            ReadCMake(file, text, findings);
            return;
        }
        var tool = file.Name.EndsWith("ustfile", StringComparison.Ordinal) ? "just" : "make";
        foreach (var (match, line) in Target.In(text))
        {
            var target = match.Groups[1].Value;
            if (KindOf(target) is { } kind)
            {
                Findings.Add(findings.Commands, new(kind, Paths.In(file.Folder, $"{tool} {target}"), new(file.Path, line)));
            }
        }
    }

    private static CommandKind? KindOf(string target) => target.ToLowerInvariant() switch
    {
        "all" or "build" or "compile" or "dist" => CommandKind.Build,
        "test" or "tests" or "check" or "unit" or "test-all" or "integration-test" => CommandKind.Test,
        "run" or "serve" or "start" or "dev" or "up" => CommandKind.Run,
        "lint" or "fmt" or "format" or "vet" or "style" => CommandKind.Check,
        "install" or "deps" or "setup" or "bootstrap" or "init" => CommandKind.Setup,
        "release" or "publish" or "deploy" or "package" => CommandKind.Release,
        _ => null,
    };

    private static void ReadCMake(TreeFile file, string text, Findings findings)
    {
        var project = CMakeProject.Match(text);
        if (!project.Success) return;
        Findings.Add(findings.Manifests, new Manifest("CMake", file.Path, project.Groups[1].Value)
        {
            Version = project.Groups[2].Success ? project.Groups[2].Value : null,
            Dependencies = [.. CMakePackage.Matches(text).Select(
                m => new Dependency(m.Groups[1].Value, m.Groups[2].Success ? m.Groups[2].Value : null, false)).DistinctBy(d => d.Name)],
            EntryPoints = [.. CMakeExecutable.In(text).Select(
                m => new NamedCommand(m.Match.Groups[1].Value, "add_executable", new(file.Path, m.Line)))],
        });
        if (file.Folder.Length > 0) return;
        Findings.Add(findings.Commands, new(CommandKind.Build, "cmake -B build && cmake --build build", new(file.Path)));
        if (text.Contains("enable_testing", StringComparison.OrdinalIgnoreCase)
            || text.Contains("include(CTest)", StringComparison.OrdinalIgnoreCase))
        {
            Findings.Add(findings.Commands, new(CommandKind.Test, "ctest --test-dir build", new(file.Path)));
        }
    }
}
