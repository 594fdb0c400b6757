using QuantaPilot.Integrations.Outline.Reading;
using QuantaPilot.Integrations.Outline.Writing.Documents;

namespace QuantaPilot.Integrations.Outline.Profiling;

/// <summary>
/// Checks from the commands that test a project: without a shell, from a fresh checkout, so with what must be installed first.
/// </summary>
internal sealed class CheckProposals
{
    private const int Most = 8;

    private readonly SourceTree _tree;
    private readonly Findings _findings;
    private readonly List<Command> _tests;

    private CheckProposals(SourceTree tree, Findings findings)
    {
        _tree = tree;
        _findings = findings;
        _tests = [.. RunbookDocument.Nearest(findings.Commands.Where(command => command.Kind == CommandKind.Test))];
    }

    /// <summary>Those of every ecosystem at the root; where none has any, what make or just calls a test; else those of folders.</summary>
    public static IReadOnlyList<ProposedCheck> From(SourceTree tree, Findings findings)
    {
        var proposals = new CheckProposals(tree, findings);
        List<ProposedCheck> checks = [.. proposals.DotNet(), .. proposals.Node(), .. proposals.Python(), .. proposals.OtherTools()];
        if (checks.Count == 0) checks = [.. proposals.Targets()];
        if (checks.Count == 0) checks = [.. proposals.InFolders()];
        return [.. checks.Take(Most)];
    }

    /// <summary><c>dotnet test</c> needs no name where the root holds one solution and no project.</summary>
    private IEnumerable<ProposedCheck> DotNet()
    {
        var commands = _tests.Where(command => command.Text.StartsWith("dotnet test ", StringComparison.Ordinal)).ToList();
        var solutions = commands.Where(command => IsSolution(command.Source.Path)).ToList();
        var atRoot = solutions.Where(command => IsAtRoot(command)).ToList();
        if (atRoot.Count == 1 && !_tree.Files.Any(file => file.Depth == 0 && file.Extension is ".csproj" or ".fsproj" or ".vbproj"))
            return [new ProposedCheck(["dotnet", "test"], atRoot[0].Source.Path)];
        var chosen = atRoot.Count > 0 ? atRoot : solutions.Count > 0 ? solutions[..1] : commands.Take(3);
        return chosen.Select(command => new ProposedCheck(["dotnet", "test", command.Source.Path], command.Source.Path));
    }

    private IEnumerable<ProposedCheck> Node()
    {
        const string manifest = "package.json";
        var test = _tests.Find(command => command.Source.Path == manifest && command.Text.EndsWith(" run test", StringComparison.Ordinal));
        // What npm writes into every new package.
        if (test is null || Read(manifest).Contains("no test specified", StringComparison.Ordinal)) return [];
        var manager = test.Text.Split(' ')[0];
        string[] install = manager switch
        {
            "npm" => _tree.HasFile("package-lock.json") ? ["npm", "ci"] : ["npm", "install"],
            "pnpm" => ["pnpm", "install", "--frozen-lockfile"],
            _ => [manager, "install"],
        };
        string[] run = manager == "bun" ? [manager, "run", "test"] : [manager, "test"];
        return [new ProposedCheck(install, manifest), new ProposedCheck(run, manifest)];
    }

    private IEnumerable<ProposedCheck> Python()
    {
        string[] tools = ["pytest", "tox", "nox", "python manage.py test"];
        var named = _tests.Where(command => IsAtRoot(command) && tools.Contains(command.Text))
            .MinBy(command => Array.IndexOf(tools, command.Text));
        // Of a project in another language they are the tests of some tool.
        var recognised = _findings.CodeLanguages is [{ Name: "Python" }, ..]
            ? _findings.Tests.Values.Select(tests => tests.Framework).FirstOrDefault(name => name is "pytest" or "unittest")
            : null;
        string[] run = (named?.Text ?? recognised) switch
        {
            null => [],
            "python manage.py test" => ["python3", "manage.py", "test"],
            "unittest" => ["python3", "-m", "unittest"],
            var tool => [tool],
        };
        if (run.Length == 0) return [];
        const string manifest = "pyproject.toml";
        var source = named?.Source.Path ?? (_tree.HasFile(manifest) ? manifest : "the tests");
        if (run[0] is "tox" or "nox") return [new ProposedCheck(run, source)];
        if (_tree.HasFile("uv.lock")) return [new ProposedCheck(["uv", "run", .. run], source)];
        return Read(manifest).Contains("[tool.poetry]", StringComparison.Ordinal)
            ? [new ProposedCheck(["poetry", "install"], manifest), new ProposedCheck(["poetry", "run", .. run], source)]
            : [new ProposedCheck(run, source)];
    }

    /// <summary>Those whose commands are fixed.</summary>
    private IEnumerable<ProposedCheck> OtherTools()
    {
        foreach (var command in _tests.Where(IsAtRoot))
        {
            string[][] runs = command.Text.Split(' ') switch
            {
                ["mvn", .. var rest] => [["mvn", "-q", .. rest]],
                // Through the shell: the wrapper may not be executable in the commit.
                ["./mvnw", .. var rest] => [["sh", "mvnw", "-q", .. rest]],
                ["./gradlew", .. var rest] => [["sh", "gradlew", .. rest]],
                ["go" or "cargo" or "gradle", ..] words => [words],
                ["bundle" or "composer", ..] words => [[words[0], "install"], words],
                ["ctest", ..] words => [["cmake", "-B", "build"], ["cmake", "--build", "build"], words],
                _ => [],
            };
            foreach (var run in runs) yield return new ProposedCheck(run, command.Source.Path);
        }
    }

    private IEnumerable<ProposedCheck> Targets() =>
        _tests.Where(command => IsAtRoot(command) && command.Text.Split(' ') is ["make" or "just", _]).Take(1)
            .Select(command => new ProposedCheck(command.Text.Split(' '), command.Source.Path));

    /// <summary>Checks start in the root: a command of a folder needs a shell to get there.</summary>
    private IEnumerable<ProposedCheck> InFolders() =>
        _tests.Where(command => command.Text.StartsWith("cd ", StringComparison.Ordinal)).Take(3)
            .Select(command => new ProposedCheck(["bash", "-c", WithInstall(command.Text)], command.Source.Path));

    private static string WithInstall(string text)
    {
        foreach (var manager in new[] { "npm", "pnpm", "yarn", "bun" })
        {
            if (text.Contains($"&& {manager} run ", StringComparison.Ordinal))
                return text.Replace($"&& {manager} run ", $"&& {manager} install && {manager} run ", StringComparison.Ordinal);
        }
        return text;
    }

    private static bool IsAtRoot(Command command) => !command.Source.Path.Contains('/', StringComparison.Ordinal);

    private static bool IsSolution(string path) =>
        path.EndsWith(".sln", StringComparison.Ordinal) || path.EndsWith(".slnx", StringComparison.Ordinal);

    private string Read(string path) => _tree.Find(path) is { } file ? _tree.ReadText(file) ?? "" : "";
}
