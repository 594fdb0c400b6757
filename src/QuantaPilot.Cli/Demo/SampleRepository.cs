using System.Reflection;
using LibGit2Sharp;

namespace QuantaPilot.Cli.Demo;

/// <summary>The repository of the demo: a bare one, with the files under Demo/Sample on its branch main.</summary>
internal static class SampleRepository
{
    public const string Branch = "main";

    private const string Prefix = "sample/";

    /// <param name="path">Where to make it. The directory must not exist.</param>
    /// <param name="at">The time of its first commit.</param>
    public static void Create(string path, DateTimeOffset at)
    {
        Repository.Init(path, isBare: true);
        using var repository = new Repository(path);
        var author = new Signature("Corner Shop", "till@example.com", at);
        var tree = repository.ObjectDatabase.CreateTree(ReadFiles(repository));
        var commit = repository.ObjectDatabase.CreateCommit(
            author, author, "Plan a till for the corner shop\n", tree, [], prettifyMessage: false);
        repository.Refs.Add($"refs/heads/{Branch}", commit.Id);
        repository.Refs.UpdateTarget("HEAD", $"refs/heads/{Branch}");
    }

    /// <summary>The commits of main, newest first, each with the files that it changed.</summary>
    public static IReadOnlyList<DemoCommit> ReadLog(string path)
    {
        using var repository = new Repository(path);
        return [.. repository.Branches[Branch].Commits.Select(commit => new DemoCommit(
            commit.Sha,
            commit.Author.Name,
            commit.MessageShort,
            [.. repository.Diff.Compare<TreeChanges>(commit.Parents.FirstOrDefault()?.Tree, commit.Tree)
                .Select(change => change.Path).Order(StringComparer.Ordinal)]))];
    }

    private static TreeDefinition ReadFiles(Repository repository)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var tree = new TreeDefinition();
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var content = assembly.GetManifestResourceStream(name)!;
            var mode = name.EndsWith(".sh", StringComparison.Ordinal) ? Mode.ExecutableFile : Mode.NonExecutableFile;
            tree.Add(name[Prefix.Length..], repository.ObjectDatabase.CreateBlob(content), mode);
        }
        return tree;
    }
}

internal sealed record DemoCommit(string Sha, string Author, string Subject, IReadOnlyList<string> Files);
