using System.Text;
using QuantaPilot.Integrations.Outline.Reading;
using static QuantaPilot.Integrations.Outline.Writing.Markup;

namespace QuantaPilot.Integrations.Outline.Writing.Documents;

/// <summary>10_architecture: modules and what they need of each other, where programs start, what each folder holds.</summary>
internal static class ArchitectureDocument
{
    private const int MostInDiagram = 30;

    /// <summary>What folders of these names hold by custom; said only where neither a README nor a manifest says more.</summary>
    private static readonly Dictionary<string, string> Customs = new(StringComparer.Ordinal)
    {
        [".vscode"] = "editor settings",
        [".idea"] = "editor settings",
        [".devcontainer"] = "development container",
        [".circleci"] = "CI settings",
        ["scripts"] = "scripts",
        ["script"] = "scripts",
        ["tools"] = "tools",
        ["ci"] = "CI scripts",
        ["hack"] = "scripts",
        ["bin"] = "programs or scripts",
        ["cmd"] = "programs",
        ["internal"] = "code for this module alone (Go)",
        ["pkg"] = "packages",
        ["migrations"] = "database migrations",
        ["config"] = "configuration",
        ["public"] = "static files",
        ["static"] = "static files",
        ["assets"] = "static files",
        ["wwwroot"] = "static files",
        ["deploy"] = "deployment",
        ["infra"] = "infrastructure",
        ["charts"] = "Helm charts",
        ["k8s"] = "deployment",
        ["helm"] = "Helm charts",
        ["templates"] = "templates",
        ["views"] = "views",
        ["controllers"] = "controllers",
        ["models"] = "models",
        ["services"] = "services",
        ["db"] = "database",
    };

    public static void Write(Page page, Findings findings)
    {
        var modules = findings.Manifests.Where(m => !m.IsTest && m.Name is not null).ToList();
        WriteModules(page, findings, modules);
        page.Heading("Where programs start");
        if (findings.EntryPoints.Count == 0) page.Paragraph("No entry point was recognised; the project looks like a library.");
        else page.Bullets(findings.EntryPoints.OrderBy(e => e.Path.Count(c => c == '/')).ThenBy(e => e.Path, StringComparer.Ordinal).Take(20).Select(page.Link));
        if (findings.EntryPoints.Count > 20) page.Paragraph($"… and {Number(findings.EntryPoints.Count - 20)} more.");
        WriteFolders(page, findings, modules);
        WriteDependencies(page, findings);
        if (findings.Containers.Count > 0)
        {
            page.Heading("Containers");
            page.Table(["File", "Images", "Services", "Ports"], [.. findings.Containers.Select(c => new[]
            {
                page.Link(c.Path), string.Join(", ", c.Images.Take(8).Select(i => Code(i))), string.Join(", ", c.Services.Take(12).Select(s => Code(s))), string.Join(", ", c.Ports.Take(8).Select(p => Code(p))),
            })], 15);
        }
        if (modules.Count > 1)
        {
            page.Question($"{Count(modules.Count, "module")} are declared. Which of the boundaries between them are meant to hold, and which are accidents of history?");
        }
        else page.Question("The manifests show one module at most. Which parts inside it are meant to be independent of each other?");
    }

    private static void WriteModules(Page page, Findings findings, List<Manifest> modules)
    {
        page.Heading("Modules");
        if (modules.Count == 0)
        {
            page.Question("No manifest names a module. Which parts does the project consist of?");
            return;
        }
        var edges = modules.SelectMany(m => Needs(m, modules).Select(n => (From: m, To: n))).Distinct().ToList();
        page.Table(["Module", "Kind", "What it is", "Needs", "Source"], [.. modules.Select(m => new[]
        {
            Code(m.Name!), m.Ecosystem, Text(m.Description ?? TitleOf(m.Folder, findings) ?? "", 120),
            string.Join(", ", edges.Where(e => e.From == m).Take(8).Select(e => Code(e.To.Name!))), page.Link(m.Path),
        })]);
        if (edges.Count == 0 || modules.Count > MostInDiagram) return;
        var diagram = new StringBuilder("```mermaid\ngraph LR\n");
        for (var i = 0; i < modules.Count; i++) diagram.Append("  m")
            .Append(i)
            .Append("[\"")
            .Append(Label(modules[i].Name!))
            .Append("\"]\n");
        foreach (var (from, to) in edges) diagram.Append("  m")
            .Append(modules.IndexOf(from))
            .Append(" --> m")
            .Append(modules.IndexOf(to))
            .Append('\n');
        page.Paragraph(diagram.Append("```").ToString());
    }

    /// <summary>Mermaid has its own syntax within quotes; only harmless characters are let through.</summary>
    private static string Label(string name) =>
        string.Concat(name.Take(60).Select(c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_' or '/' or '@' or ':' ? c : '_'));

    private static IEnumerable<Manifest> Needs(Manifest module, List<Manifest> modules) =>
        module.References.Select(r => modules.FirstOrDefault(m => m != module && (m.Path == r || m.Name == r || m.Folder.Replace('/', ':') == r))).OfType<Manifest>();

    private static string? TitleOf(string folder, Findings findings) =>
        findings.Documents.FirstOrDefault(d => folder.Length > 0 && d.Path.StartsWith(folder + "/", StringComparison.Ordinal)
            && d.Path.LastIndexOf('/') == folder.Length && Path.GetFileName(d.Path)
                .StartsWith("README", StringComparison.OrdinalIgnoreCase))?.Title;

    private static void WriteFolders(Page page, Findings findings, List<Manifest> modules)
    {
        page.Heading("Folders");
        if (findings.Folders.Count == 0)
        {
            page.Paragraph("All files are at the root.");
            return;
        }
        var large = findings.Folders.Values.Where(
            f => !f.Path.Contains('/', StringComparison.Ordinal) || f.Files >= Math.Max(5, findings.Files / 40)).ToList();
        page.Table(["Folder", "Files", "Size", "Mostly", "What it holds"], [.. large.Select(f => new[]
        {
            page.Link(f.Path), Number(f.Files), Size(f.Bytes),
            string.Join(
                ", ",
                f.FilesByLanguage.OrderByDescending(l => l.Value)
                    .ThenBy(l => l.Key, StringComparer.Ordinal)
                    .Take(2)
                    .Select(l => l.Key)), Holds(f, findings, modules),
        })], 60);
    }

    private static string Holds(Folder folder, Findings findings, List<Manifest> modules)
    {
        if (TitleOf(folder.Path, findings) is { } title) return Text(title, 100);
        if (modules.FirstOrDefault(m => m.Folder == folder.Path) is { } module)
        {
            return module.Description is { } d ? Text(d, 100) : $"module {Code(module.Name!)}";
        }
        return FileRoles.Of(folder.Path + "/x") switch
        {
            FileRole.Test => "tests",
            FileRole.Example =>
                folder.Path.StartsWith(".github", StringComparison.Ordinal) ? "forge and CI settings" : "examples or documentation",
            FileRole.Foreign => "vendored or generated, not read",
            _ => Customs.GetValueOrDefault(Path.GetFileName(folder.Path).ToLowerInvariant(), ""),
        };
    }

    private static void WriteDependencies(Page page, Findings findings)
    {
        var own = findings.Manifests.Select(m => m.Name).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        var needed = findings.Manifests.Where(m => !m.IsTest).SelectMany(m => m.Dependencies.Where(d => !d.Development).Select(d => (m, d)))
            .Where(d => !own.Contains(d.d.Name))
            .GroupBy(d => d.d.Name, StringComparer.OrdinalIgnoreCase)
            .OrderByDescending(g => g.Count())
            .ThenBy(g => g.Key, StringComparer.Ordinal)
            .ToList();
        page.Heading("What it is built on");
        if (needed.Count == 0)
        {
            page.Paragraph("No run-time dependency is declared in a manifest that could be read.");
            return;
        }
        page.Table(["Dependency", "Version", "Used by", "Declared in"], [.. needed.Select(g => new[]
        {
            Code(g.Key), Version(
                g.Select(d => d.d.Version).FirstOrDefault(v => v is not null) ?? findings.CentralVersions.GetValueOrDefault(g.Key)),
            Count(g.Count(), "manifest"), page.Link(g.First().m.Path),
        })], 30);

        static string Version(string? version) => version is null ? "" : Code(version, 40);
    }
}
