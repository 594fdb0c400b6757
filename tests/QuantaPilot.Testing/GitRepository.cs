namespace QuantaPilot.Testing;

/// <summary>A bare repository, made and looked at with git itself, so that the product's own git code proves nothing to itself.</summary>
public sealed class GitRepository
{
    private readonly string _work;

    public GitRepository(TempDirectory directory, string name)
    {
        Bare = directory.Combine($"{name}.git");
        _work = directory.Combine($"{name}-work");
        foreach (var path in new[] { Bare, _work }) Directory.CreateDirectory(path);
        GitCommand.Run(Bare, "init", "--quiet", "--bare", "--initial-branch=main");
        // Names as they are, and pushes over HTTP from whoever GitHttpServer lets in.
        GitCommand.Run(Bare, "config", "core.quotePath", "false");
        GitCommand.Run(Bare, "config", "http.receivepack", "true");
        GitCommand.Run(_work, "init", "--quiet", "--initial-branch=main");
        GitCommand.Run(_work, "remote", "add", "origin", Bare);
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

    /// <summary>The same on top of what the branch holds by now, as a person would who pulls first.</summary>
    public void CommitOnTop(string branch, params (string Path, string Text)[] files)
    {
        GitCommand.Run(_work, "fetch", "--quiet", "origin");
        GitCommand.Run(_work, "reset", "--quiet", "--hard", $"origin/{branch}");
        Commit(branch, files);
    }

    /// <summary>Commits whatever <paramref name="change"/> does to the working directory.</summary>
    public void Commit(string branch, Action<string> change)
    {
        change(_work);
        CommitAll(branch);
    }

    /// <summary>Adds a server-side hook, a shell script. Refused pushes over HTTP see what it writes to standard error.</summary>
    public void AddHook(string name, string script)
    {
        var hook = Path.Combine(Bare, "hooks", name);
        File.WriteAllText(hook, "#!/bin/sh\n" + script + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Puts a commit without changes on top of a branch, as a person would who pushes to it; returns the commit.</summary>
    public string PushOnTop(string branch)
    {
        var pushed = Git("commit-tree", $"{branch}^{{tree}}", "-p", branch, "-m", "One more thing");
        Git("update-ref", $"refs/heads/{branch}", pushed);
        return pushed;
    }

    /// <summary>What git writes when it is run in the bare repository, without the line feed at the end.</summary>
    public string Git(params string[] arguments) => GitCommand.Run(Bare, arguments);

    public IReadOnlyList<string> Lines(params string[] arguments) =>
        Git(arguments).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private void CommitAll(string branch)
    {
        GitCommand.Run(_work, "checkout", "--quiet", "-B", branch);
        GitCommand.Run(_work, "add", "--all", "--force");
        GitCommand.Run(_work, "commit", "--quiet", "--allow-empty", "--message", "Change by a person");
        GitCommand.Run(_work, "push", "--quiet", "--force", "origin", $"HEAD:refs/heads/{branch}");
    }
}
