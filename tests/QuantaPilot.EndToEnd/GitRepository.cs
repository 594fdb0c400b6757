using System.Diagnostics;

namespace QuantaPilot.EndToEnd;

/// <summary>A bare repository, made and looked at with git itself, so that the product's own git code proves nothing to itself.</summary>
internal sealed class GitRepository
{
    private readonly string _work;

    public GitRepository(TempDirectory directory, string name)
    {
        Bare = directory.Combine($"{name}.git");
        _work = directory.Combine($"{name}-work");
        Run(directory.Path, "init", "--quiet", "--bare", "--initial-branch=main", Bare);
        Run(directory.Path, "init", "--quiet", "--initial-branch=main", _work);
        Run(_work, "remote", "add", "origin", Bare);
    }

    public string Bare { get; }

    public string Url => new Uri(Bare).AbsoluteUri;

    /// <summary>Commits files (path and text) to a branch of the repository.</summary>
    public void Commit(string branch, params (string Path, string Text)[] files)
    {
        foreach (var (path, text) in files)
        {
            var file = Path.Combine(_work, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }
        CommitAll(branch);
    }

    /// <summary>Commits whatever <paramref name="change"/> does to the working directory.</summary>
    public void Commit(string branch, Action<string> change)
    {
        change(_work);
        CommitAll(branch);
    }

    public string Git(params string[] arguments) => Run(Bare, arguments);

    public IReadOnlyList<string> Lines(params string[] arguments) =>
        Git(arguments).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string Run(string directory, params string[] arguments)
    {
        var start = new ProcessStartInfo("git") { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
        string[] identity = ["-c", "user.name=Test", "-c", "user.email=test@localhost", "-c", "core.quotePath=false"];
        foreach (var argument in identity.Concat(arguments)) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"git {string.Join(' ', arguments)}: {error.Result}");
        return output;
    }

    private void CommitAll(string branch)
    {
        Run(_work, "checkout", "--quiet", "-B", branch);
        Run(_work, "add", "--all", "--force");
        Run(_work, "commit", "--quiet", "--allow-empty", "--message", "Change by a person");
        Run(_work, "push", "--quiet", "--force", "origin", $"HEAD:refs/heads/{branch}");
    }
}
