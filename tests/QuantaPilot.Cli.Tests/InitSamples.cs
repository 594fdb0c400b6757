namespace QuantaPilot.Cli.Tests;

/// <summary>The files by which projects of several ecosystems are recognised.</summary>
internal static class InitSamples
{
    private const string Package = """{ "name": "web", "scripts": { "test": "node --test" } }""";
    private const string TestProject =
        """<Project Sdk="Microsoft.NET.Sdk"><ItemGroup><PackageReference Include="Microsoft.NET.Test.Sdk" /></ItemGroup></Project>""";

    private static readonly (string, string)[] _python = [("weather/station.py", "class Station: ...\n")];

    public static (string Path, string Text)[] Of(string ecosystem) => ecosystem switch
    {
        "dotnet" => [("Todo.sln", "Microsoft Visual Studio Solution File"), ("tests/Todo.Tests/Todo.Tests.csproj", TestProject)],
        "dotnet-two" => [("A.sln", ""), ("B.slnx", "<Solution />"), ("tests/Todo.Tests/Todo.Tests.csproj", TestProject)],
        "dotnet-project" => [("src/X/X.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\" />"), ("tests/X.Tests/X.Tests.csproj", TestProject)],
        "node" => [("package.json", Package), ("package-lock.json", "{}")],
        "node-pnpm" => [("package.json", Package), ("pnpm-lock.yaml", "lockfileVersion: 9\n")],
        "node-placeholder" =>
            [("package.json", """{ "name": "web", "scripts": { "test": "echo \"Error: no test specified\" && exit 1" } }""")],
        "node-folder" => [("web/package.json", Package)],
        "python" => [.. _python, ("pyproject.toml", "[project]\nname = \"weather\"\n[tool.pytest.ini_options]\n")],
        "python-recognised" => [.. _python, ("tests/test_station.py", "def test_reads():\n    assert True\n")],
        "python-poetry" => [.. _python, ("pyproject.toml", "[tool.poetry]\nname = \"weather\"\n[tool.pytest.ini_options]\n")],
        "python-uv" => [.. _python, ("pytest.ini", "[pytest]\n"), ("uv.lock", ""), ("pyproject.toml", "[project]\nname = \"weather\"\n")],
        "python-tox" => [.. _python, ("tox.ini", "[tox]\n")],
        "python-unittest" =>
            [.. _python, ("tests/test_station.py", "from unittest import TestCase\nclass T(TestCase):\n    def test_reads(self): ...\n")],
        "go" =>
            [("go.mod", "module example.com/relay\n\n"), ("relay.go", "package relay\n"), ("Makefile", "test:\n\tgo test ./...\n")],
        "rust" =>
        [
            ("Cargo.toml", "[package]\nname = \"grepper\"\n[workspace]\nmembers = [\"crates/matcher\"]\n"),
            ("src/main.rs", "fn main() {}\n"),
        ],
        "java" => [("pom.xml", "<project><artifactId>clinic</artifactId></project>")],
        "java-wrapper" => [("pom.xml", "<project><artifactId>clinic</artifactId></project>"), ("mvnw", "#!/bin/sh\n")],
        "gradle" => [("build.gradle.kts", "plugins { java }\n"), ("gradlew", "#!/bin/sh\n")],
        "php" => [("composer.json", """{ "name": "acme/shop", "scripts": { "test": "phpunit" } }""")],
        "cmake" => [("CMakeLists.txt", "project(calc)\nenable_testing()\n"), ("main.c", "int main(void) { return 0; }\n")],
        "make" => [("Makefile", "all:\n\tcc main.c\n\ntest: all\n\t./a.out\n"), ("main.c", "int main(void) { return 0; }\n")],
        "two" => [.. Of("dotnet"), .. Of("node")],
        "plain" => [("README.md", "# Notes\n")],
        _ => throw new ArgumentOutOfRangeException(nameof(ecosystem)),
    };
}
