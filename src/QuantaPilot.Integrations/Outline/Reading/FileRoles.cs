namespace QuantaPilot.Integrations.Outline.Reading;

internal enum FileRole
{
    /// <summary>Part of what the project delivers.</summary>
    Product,
    Test,

    /// <summary>Examples, samples, benchmarks and documentation: true code, but not the product.</summary>
    Example,

    /// <summary>Someone else's or a machine's: counted by name, never read.</summary>
    Foreign,
}

/// <summary>What a file is for, told from its path alone.</summary>
internal static class FileRoles
{
    private static readonly HashSet<string> ForeignFolders = new(StringComparer.OrdinalIgnoreCase)
    {
        "node_modules", "bower_components", "vendor", "third_party", "third-party", "thirdparty", "external", "dist", "obj", "target",
        "__pycache__", ".venv", "venv", "site-packages", "Pods", ".gradle", ".next", "wwwroot/lib", "generated", "__snapshots__", "locale", "locales",
    };

    private static readonly HashSet<string> TestFolders = new(StringComparer.OrdinalIgnoreCase)
    {
        "test", "tests", "__tests__", "spec", "specs", "testdata", "e2e", "testsuite", "unittests", "fixtures", "__mocks__", "mocks",
        "cypress", "functionaltests", "unit-tests", "integration-tests", "androidTest", "testFixtures", "functionalTest", "intTest",
    };

    private static readonly HashSet<string> ExampleFolders = new(StringComparer.OrdinalIgnoreCase)
    {
        "examples", "example", "samples", "sample", "demo", "demos", "docs", "doc", "documentation", "docs_src", "benchmarks", "benchmark", "bench",
        "benchsuite", "playground", "tutorial", "tutorials", "_examples", "website", "cookbook", "benches", "contrib", ".github",
    };

    private static readonly string[] ForeignEndings =
    [
        ".min.js", ".min.css", ".bundle.js", ".map", ".pb.go", "_pb2.py", "_pb2_grpc.py", ".designer.cs", ".g.cs", ".g.i.cs", ".generated.cs",
        ".generated.ts", ".snap", ".lock", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "go.sum", "gradlew", "gradlew.bat", "mvnw", "mvnw.cmd",
        "_generated.go", ".gen.go", ".gen.ts", ".freezed.dart", ".po", ".pot", ".svg", ".csv", ".tsv", ".ipynb",
    ];

    public static FileRole Of(string path)
    {
        // Packages of the JVM are folders too: what lies below src/main is the product whatever its packages are called.
        var main = path.IndexOf("src/main/", StringComparison.Ordinal);
        var folders = (main < 0 ? path : path[..(main + "src/main/".Length)] + "x").Split('/')[..^1];
        if (folders.Any(ForeignFolders.Contains) || ForeignEndings.Any(e => path.EndsWith(e, StringComparison.OrdinalIgnoreCase)))
        {
            return FileRole.Foreign;
        }
        if (folders.Any(IsTestFolder) || IsTestFile(path[(path.LastIndexOf('/') + 1)..])) return FileRole.Test;
        return folders.Any(ExampleFolders.Contains) ? FileRole.Example : FileRole.Product;
    }

    private static bool IsTestFolder(string folder) =>
        TestFolders.Contains(folder)
        || folder.EndsWith(".Tests", StringComparison.OrdinalIgnoreCase) || folder.EndsWith(".Test", StringComparison.OrdinalIgnoreCase)
        || folder.EndsWith("UnitTests", StringComparison.OrdinalIgnoreCase)
        || folder.EndsWith("FunctionalTests", StringComparison.OrdinalIgnoreCase)
        || folder.EndsWith("IntegrationTests", StringComparison.OrdinalIgnoreCase)
        || folder.EndsWith("-tests", StringComparison.OrdinalIgnoreCase);

    private static bool IsTestFile(string name)
    {
        var stem = Path.GetFileNameWithoutExtension(name);
        return Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".go" =>
                stem.EndsWith("_test", StringComparison.Ordinal) || stem.EndsWith("_mock", StringComparison.Ordinal)
                    || stem.StartsWith("mock_", StringComparison.Ordinal) || stem == "testing",
            ".py" =>
                stem.StartsWith("test_", StringComparison.Ordinal) || stem.EndsWith("_test", StringComparison.Ordinal)
                    || stem == "conftest",
            ".js" or ".ts" or ".jsx" or ".tsx" or ".mjs" or ".cjs" =>
                stem.EndsWith(".test", StringComparison.Ordinal) || stem.EndsWith(".spec", StringComparison.Ordinal),
            ".java" or ".kt" or ".cs" or ".scala" or ".php" =>
                stem.EndsWith("Test", StringComparison.Ordinal) || stem.EndsWith("Tests", StringComparison.Ordinal),
            ".rb" => stem.EndsWith("_spec", StringComparison.Ordinal) || stem.EndsWith("_test", StringComparison.Ordinal),
            _ => false,
        };
    }
}
