using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace QuantaPilot.Integrations.Outline.Reading.Manifests;

internal sealed class JvmReader : IFileReader
{
    private static readonly Regex GradleDependency = Patterns.Linear(
        @"^\s*(implementation|api|compileOnly|runtimeOnly|testImplementation|testRuntimeOnly|annotationProcessor|kapt|developmentOnly)[\s(]+[""']([^""'\n]+)[""']", RegexOptions.Multiline);
    private static readonly Regex GradleProject = Patterns.Linear(@"project\(\s*[""']:([^""'\n]+)[""']");
    private static readonly Regex GradleName = Patterns.Linear(@"rootProject\.name\s*=\s*[""']([^""'\n]+)[""']");
    private static readonly Regex GradleVersion = Patterns.Linear(@"^version\s*=?\s*[""']([^""'\n]+)[""']", RegexOptions.Multiline);
    private static readonly Regex GradleJava = Patterns.Linear(
        @"(?:JavaLanguageVersion\.of\(\s*|sourceCompatibility\s*=\s*[""']?(?:JavaVersion\.VERSION_)?)([0-9][0-9._]*)");

    public bool Reads(TreeFile file) => file.Role == FileRole.Product
        && file.Name is "pom.xml" or "build.gradle" or "build.gradle.kts" or "settings.gradle" or "settings.gradle.kts";

    public void Read(TreeFile file, string text, Findings findings)
    {
        if (file.Name == "pom.xml") ReadMaven(file, Formats.Xml(text), findings);
        else ReadGradle(file, text, findings);
    }

    private static void ReadMaven(TreeFile file, XElement project, Findings findings)
    {
        var properties = project.One("properties");
        string? Value(string? text) =>
            text is { Length: > 3 } && text.StartsWith("${", StringComparison.Ordinal) && text.EndsWith('}')
                ? properties.Text(text[2..^1]) ?? text
                : text;
        var dependencies = project.One("dependencies").All("dependency")
            .Select(d => new Dependency($"{d.Text("groupId")}:{d.Text("artifactId")}", Value(d.Text("version")), d.Text("scope") == "test"))
            .ToList();
        var boots = project.Descendants().Any(e => e.Name.LocalName == "artifactId" && e.Value.Trim() == "spring-boot-maven-plugin");
        var java = properties.Text("java.version") ?? properties.Text("maven.compiler.release") ?? properties.Text("maven.compiler.source");
        Findings.Add(findings.Manifests, new Manifest("Maven", file.Path, project.Text("artifactId"))
        {
            Version = Value(project.Text("version") ?? project.One("parent").Text("version")),
            Description = project.Text("description")
                ?? (project.Text("name") is { } name && !name.Contains("${", StringComparison.Ordinal) ? name : null),
            Licence = project.One("licenses").One("license").Text("name"),
            Dependencies =
            [
                .. project.One("parent") is { } parent && parent.Text("relativePath") is null && file.Folder.Length == 0
                    ? [new Dependency($"{parent.Text("groupId")}:{parent.Text("artifactId")}", parent.Text("version"), false)]
                    : Array.Empty<Dependency>(),
                .. dependencies,
            ],
            References = [.. dependencies.Select(d => d.Name.Split(':')[1])],
            Platforms = Value(java) is { } version ? [$"Java {version}"] : [],
        });
        if (file.Folder.Length > 0) return;
        var maven = findings.HasFile("mvnw") ? "./mvnw" : "mvn";
        Findings.Add(findings.Commands, new(CommandKind.Build, $"{maven} package", new(file.Path)));
        Findings.Add(findings.Commands, new(CommandKind.Test, $"{maven} test", new(file.Path)));
        if (boots) Findings.Add(findings.Commands, new(CommandKind.Run, $"{maven} spring-boot:run", new(file.Path)));
    }

    private static void ReadGradle(TreeFile file, string text, Findings findings)
    {
        var name = GradleName.Match(text);
        var version = GradleVersion.Match(text);
        var java = GradleJava.Match(text);
        Findings.Add(findings.Manifests, new Manifest(
            "Gradle", file.Path, name.Success ? name.Groups[1].Value : file.Folder.Length > 0 ? file.Folder.Replace('/', ':') : null)
        {
            Version = version.Success ? version.Groups[1].Value : null,
            Dependencies = [.. GradleDependency.Matches(text).Select(m => (Scope: m.Groups[1].Value, Parts: m.Groups[2].Value.Split(':')))
                .Select(d => new Dependency(string.Join(':', d.Parts.Take(2)), d.Parts.ElementAtOrDefault(2), d.Scope.StartsWith("test", StringComparison.Ordinal)))],
            References = [.. GradleProject.Matches(text).Select(m => m.Groups[1].Value).Distinct()],
            Platforms = java.Success ? [$"Java {java.Groups[1].Value}"] : [],
        });
        if (file.Folder.Length > 0 || file.Name.StartsWith("settings", StringComparison.Ordinal)) return;
        var gradle = findings.HasFile("gradlew") ? "./gradlew" : "gradle";
        Findings.Add(findings.Commands, new(CommandKind.Build, $"{gradle} build", new(file.Path)));
        Findings.Add(findings.Commands, new(CommandKind.Test, $"{gradle} test", new(file.Path)));
        if (text.Contains("org.springframework.boot", StringComparison.Ordinal))
        {
            Findings.Add(findings.Commands, new(CommandKind.Run, $"{gradle} bootRun", new(file.Path)));
        }
    }
}
