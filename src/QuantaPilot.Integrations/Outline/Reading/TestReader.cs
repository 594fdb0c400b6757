using System.Text.RegularExpressions;

namespace QuantaPilot.Integrations.Outline.Reading;

/// <summary>Where the tests are, with which framework, and about how many: declarations are counted, not parametrised cases.</summary>
internal sealed class TestReader : IFileReader
{
    private sealed record Framework(string Name, string[] Extensions, string Hint, Regex Case);

    private static readonly Regex JsCase = Patterns.Linear(@"^\s*(?:it|test)(?:\.\w+)*\s*\(", RegexOptions.Multiline);
    private static readonly Regex JavaCase = Patterns.Linear(@"@(?:Test|ParameterizedTest|RepeatedTest)\b");
    private static readonly Regex PythonCase = Patterns.Linear(@"^\s*(?:async\s+)?def\s+test\w*\s*\(", RegexOptions.Multiline);

    private static readonly Framework[] Frameworks =
    [
        new("xUnit", [".cs", ".fs"], "[Fact", Patterns.Linear(@"\[(?:<)?(?:Fact|Theory)\b")),
        new("xUnit", [".cs", ".fs"], "[Theory", Patterns.Linear(@"\[(?:<)?(?:Fact|Theory)\b")),
        new("NUnit", [".cs", ".fs"], "[Test", Patterns.Linear(@"\[Test(?:Case)?\b")),
        new("MSTest", [".cs", ".fs"], "[TestMethod", Patterns.Linear(@"\[TestMethod\b")),
        new("Playwright", [".ts", ".js"], "@playwright/test", JsCase),
        new("Vitest", [".ts", ".js", ".tsx", ".jsx"], "vitest", JsCase),
        new("node:test", [".ts", ".js", ".mjs"], "node:test", JsCase),
        new("Jest or Mocha", [".ts", ".js", ".tsx", ".jsx", ".mjs", ".cjs"], "(", JsCase),
        new("unittest", [".py"], "TestCase", PythonCase),
        new("pytest", [".py"], "def test", PythonCase),
        new(
            "go test",
            [".go"],
            "testing.",
            Patterns.Linear(@"^func\s+(?:\([^)]*\)\s*)?(?:Test|Fuzz|Benchmark|Example)\w*\(", RegexOptions.Multiline)),
        new("cargo test", [".rs"], "#[test]", Patterns.Linear(@"#\[test\]")),
        new("cargo test", [".rs"], "rgtest!", Patterns.Linear(@"^rgtest!\(", RegexOptions.Multiline)),
        new("JUnit", [".java", ".kt"], "@Test", JavaCase),
        new("JUnit", [".java", ".kt"], "@ParameterizedTest", JavaCase),
        new("RSpec", [".rb"], "describe", Patterns.Linear(@"^\s*it\s+['""]", RegexOptions.Multiline)),
        new("Minitest", [".rb"], "Test", Patterns.Linear(@"^\s*(?:def\s+test_|test\s+['""])", RegexOptions.Multiline)),
        new("PHPUnit", [".php"], "function test", Patterns.Linear(@"function\s+test\w*\(")),
    ];

    public bool Reads(TreeFile file) => file.Role != FileRole.Example && (file.Role == FileRole.Test || file.Extension == ".rs")
        && Frameworks.Any(f => f.Extensions.Contains(file.Extension));

    public void Read(TreeFile file, string text, Findings findings)
    {
        foreach (var framework in Frameworks)
        {
            if (!framework.Extensions.Contains(file.Extension) || !text.Contains(framework.Hint, StringComparison.Ordinal)) continue;
            var cases = framework.Case.Count(text);
            if (cases == 0) continue;
            var folder = FolderOf(file);
            var key = $"{folder}\n{framework.Name}";
            if (!findings.Tests.TryGetValue(key, out var tests)) findings.Tests[key] = tests = new(folder, framework.Name);
            tests.Files++;
            tests.Cases += cases;
            return;
        }
    }

    /// <summary>The first three folders at most, so that a large suite stays readable.</summary>
    private static string FolderOf(TreeFile file)
    {
        var parts = file.Folder.Split('/');
        return string.Join('/', parts.Take(parts.Length > 0 && parts[0] is "src" or "packages" or "crates" or "libs" ? 2 : 1));
    }
}
