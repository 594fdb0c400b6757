using System.Xml.Linq;

namespace QuantaPilot.Integrations.Outline.Reading.Manifests;

internal sealed class DotNetReader : IFileReader
{
    public bool Reads(TreeFile file) => file.Role is FileRole.Product or FileRole.Test
        && (file.Extension is ".csproj" or ".fsproj" or ".vbproj" or ".sln" or ".slnx" || file.Name is "Directory.Packages.props" or "global.json");

    public void Read(TreeFile file, string text, Findings findings)
    {
        if (file.Extension is ".sln" or ".slnx")
        {
            var name = file.Path.Contains(' ', StringComparison.Ordinal) ? $"\"{file.Path}\"" : file.Path;
            Findings.Add(findings.Commands, new(CommandKind.Build, $"dotnet build {name}", new(file.Path)));
            Findings.Add(findings.Commands, new(CommandKind.Test, $"dotnet test {name}", new(file.Path)));
        }
        else if (file.Name == "global.json")
        {
            if (Formats.Json(text).Members("sdk").Where(m => m.Name == "version").Select(m => m.Value.ToString()).FirstOrDefault() is { Length: > 0 } version)
            {
                Findings.Add(findings.Manifests, new Manifest(".NET SDK", file.Path, null) { Platforms = [$".NET SDK {version}"] });
            }
        }
        else if (file.Name == "Directory.Packages.props")
        {
            foreach (var package in Formats.Xml(text).Descendants().Where(e => e.Name.LocalName == "PackageVersion"))
            {
                if ((package.Attribute("Include") ?? package.Attribute("Update"))?.Value is { } id
                    && package.Attribute("Version")?.Value is { } version)
                {
                    findings.CentralVersions.TryAdd(id, version);
                }
            }
        }
        else
        {
            ReadProject(file, Formats.Xml(text), findings);
        }
    }

    private static void ReadProject(TreeFile file, XElement project, Findings findings)
    {
        string? Property(string name) => project.Descendants().FirstOrDefault(e => e.Name.LocalName == name)?.Value.Trim();
        var sdk = project.Attribute("Sdk")?.Value ?? "";
        var packages = project.Descendants().Where(e => e.Name.LocalName == "PackageReference" && e.Attribute("Include") is not null)
            .Select(e => new Dependency(e.Attribute("Include")!.Value, e.Attribute("Version")?.Value ?? e.Text("Version"), e.Attribute("PrivateAssets")?.Value == "all"))
            .ToList();
        var isTest = file.Role == FileRole.Test || packages.Any(p => p.Name == "Microsoft.NET.Test.Sdk")
            || Property("IsTestProject") == "true";
        var runs = !isTest && (sdk is "Microsoft.NET.Sdk.Web" or "Microsoft.NET.Sdk.Worker" or "Microsoft.NET.Sdk.BlazorWebAssembly"
            || sdk.StartsWith("Aspire.AppHost", StringComparison.Ordinal) || Property("OutputType") is "Exe" or "WinExe");
        var run = $"dotnet run --project {(file.Path.Contains(' ', StringComparison.Ordinal) ? $"\"{file.Path}\"" : file.Path)}";
        Findings.Add(findings.Manifests, new Manifest("NuGet", file.Path, System.IO.Path.GetFileNameWithoutExtension(file.Name))
        {
            Version = Property("Version"),
            Description = Property("Description"),
            Licence = Property("PackageLicenseExpression"),
            Dependencies = packages,
            References =
            [
                .. project.Descendants().Where(e => e.Name.LocalName == "ProjectReference")
                    .Select(e => e.Attribute("Include")?.Value is { } include ? Paths.Resolve(file.Folder, include) : null)
                    .OfType<string>(),
            ],
            Platforms = [.. (Property("TargetFrameworks") ?? Property("TargetFramework") ?? "").Split(
                ';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)],
            EntryPoints = runs ? [new(System.IO.Path.GetFileNameWithoutExtension(file.Name), run, new(file.Path))] : [],
            IsTest = isTest,
        });
        if (runs) Findings.Add(findings.Commands, new(CommandKind.Run, run, new(file.Path)));
        if (isTest) Findings.Add(findings.Commands, new(CommandKind.Test, $"dotnet test {file.Path}", new(file.Path)));
    }
}
