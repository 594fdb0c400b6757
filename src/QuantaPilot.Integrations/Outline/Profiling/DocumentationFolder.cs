using QuantaPilot.Integrations.Outline.Reading;

namespace QuantaPilot.Integrations.Outline.Profiling;

/// <summary>Where the documentation of a project lies, or should.</summary>
internal static class DocumentationFolder
{
    public const string Default = "docs";

    private static readonly string[] _names = [Default, "doc", "documentation"];

    public static string Find(SourceTree tree, Findings findings) =>
        Array.Find(_names, name => findings.Documents.Exists(document => document.Path.StartsWith(name + "/", StringComparison.Ordinal)))
        ?? Array.Find(_names, name => !tree.HasFile(name))
        ?? Default;
}
