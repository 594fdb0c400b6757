using System.Text;
using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Core.Ports;
using QuantaPilot.Integrations.Git;

namespace QuantaPilot.Integrations.Tests.Git;

/// <summary>A bare repository on disk, a working clone to change it with, and a forge that may use it.</summary>
public sealed class GitFixture : IDisposable
{
    public const string WorkBranch = "quantapilot/0123456789abcdef0123456789abcdef/documentation";

    private readonly List<IDisposable> _owned = [];

    public GitFixture()
    {
        Root = Directory.CreateTempSubdirectory("qp-git-").FullName;
        Bare = Path.Combine(Root, "remotes", "project.git");
        Clone = Path.Combine(Root, "clone");
        TempRoot = Path.Combine(Root, "temp");
        Directory.CreateDirectory(Bare);
        GitCommand.Run(Bare, "init", "--quiet", "--bare", "--initial-branch=main");
        GitCommand.Run(Bare, "config", "http.receivepack", "true");
        GitCommand.Run(Root, "clone", "--quiet", Bare, Clone);
        Forge = NewForge();
    }

    public string Root { get; }

    public string Bare { get; }

    public string Clone { get; }

    public string TempRoot { get; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 5, 6, 7, 8, 9, TimeSpan.Zero));

    public InMemoryPullRequestStore PullRequests { get; } = new();

    public GitForge Forge { get; }

    public string Url => "file://" + Bare;

    /// <summary>Everything below the temporary root: empty when no checkout is open.</summary>
    public IReadOnlyList<string> TempEntries => Directory.Exists(TempRoot) ? Directory.GetFileSystemEntries(TempRoot) : [];

    public GitForge NewForge(Func<GitForgeOptions, GitForgeOptions>? configure = null, IPullRequestStore? store = null)
    {
        var options = new GitForgeOptions { AllowedRepositories = ["file://*", "http://127.0.0.1:*"], TempRoot = TempRoot };
        var forge = new GitForge(configure?.Invoke(options) ?? options, store ?? PullRequests, Time, CheckedLogger.For<GitForge>());
        _owned.Add(forge);
        return forge;
    }

    /// <summary>Commits files to a branch of the remote, making the branch where it is not there; returns the commit.</summary>
    public string Push(string branch, params (string Path, string Text)[] files)
    {
        var exists = GitCommand.Run(Bare, "branch", "--list", branch).Length > 0;
        if (exists)
        {
            GitCommand.Run(Clone, "fetch", "--quiet", "origin", branch);
            GitCommand.Run(Clone, "checkout", "--quiet", "-B", branch, "FETCH_HEAD");
        }
        else
        {
            GitCommand.Run(Clone, "checkout", "--quiet", "-B", branch);
        }
        foreach (var (path, text) in files)
        {
            var file = Path.Combine(Clone, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }
        GitCommand.Run(Clone, "add", "--all");
        GitCommand.Run(
            Clone, "commit", "--quiet", "--allow-empty", "--message", "Change " + string.Join(' ', files.Select(file => file.Path)));
        GitCommand.Run(Clone, "push", "--quiet", "origin", branch);
        return GitCommand.Run(Clone, "rev-parse", "HEAD");
    }

    /// <summary>Adds commits to a branch of the remote, each of which writes its number to README.md; returns them all.</summary>
    public IReadOnlyList<string> PushMany(string branch, int count)
    {
        var script = new StringBuilder();
        var exists = GitCommand.Run(Bare, "branch", "--list", branch).Length > 0;
        for (var i = 0; i < count; i++)
        {
            script.Append($"commit refs/heads/{branch}\ncommitter Ada <ada@example.com> {1_800_000_000 + i} +0000\ndata 6\nCommit\n");
            if (i == 0 && exists) script.Append($"from refs/heads/{branch}^0\n");
            script.Append($"M 100644 inline README.md\ndata {$"{i}".Length}\n{i}\n");
        }
        GitCommand.Run(Bare, Encoding.ASCII.GetBytes(script.ToString()), ["fast-import", "--quiet"]);
        return GitCommand.Run(Bare, "rev-list", "--reverse", branch).Split('\n')[^count..];
    }

    /// <summary>Sets a branch of the remote to a commit with a tree made from raw entries, which git itself would not add.</summary>
    public void PushTree(string branch, params (string Mode, string Type, string Object, byte[] Name)[] entries)
    {
        using var raw = new MemoryStream();
        foreach (var (mode, _, sha, name) in entries)
        {
            raw.Write(Encoding.ASCII.GetBytes(mode.TrimStart('0') + " "));
            raw.Write(name);
            raw.WriteByte(0);
            raw.Write(Convert.FromHexString(sha));
        }
        var tree = GitCommand.Run(Bare, raw.ToArray(), ["hash-object", "-t", "tree", "-w", "--stdin", "--literally"]);
        var commit = GitCommand.Run(Bare, "commit-tree", "-m", "Raw", tree);
        GitCommand.Run(Bare, "update-ref", "refs/heads/" + branch, commit);
    }

    public string Blob(string text) => GitCommand.Run(Bare, Encoding.UTF8.GetBytes(text), ["hash-object", "-w", "--stdin"]);

    /// <summary>Adds a server-side hook; returns its path.</summary>
    public string AddHook(string name, string script)
    {
        var hook = Path.Combine(Bare, "hooks", name);
        File.WriteAllText(hook, "#!/bin/sh\n" + script + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        return hook;
    }

    public string RemoteHead(string branch) => GitCommand.Run(Bare, "rev-parse", "refs/heads/" + branch);

    public string RemoteLog(string range) => GitCommand.Run(Bare, "log", "--format=%s", range);

    public string RemoteFile(string revision, string path) => GitCommand.Run(Bare, "show", $"{revision}:{path}");

    public void Dispose()
    {
        foreach (var owned in _owned) owned.Dispose();
        GitCommand.Run(Path.GetTempPath(), "-c", "alias.remove=!rm -rf --", "remove", Root);
    }
}
