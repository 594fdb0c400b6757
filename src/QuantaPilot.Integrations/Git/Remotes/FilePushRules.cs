using LibGit2Sharp;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Git.Remotes;

/// <summary>
/// What git's receive-pack would check before it takes a push. There is no receive-pack between us and a directory, so a
/// push that needs something of it that can't be had here is refused rather than let past.
/// </summary>
internal static class FilePushRules
{
    // These can refuse a push. Those that only tell of one (post-receive, post-update) do not run, which the user's guide says.
    private static readonly string[] GuardHooks = ["pre-receive", "update", "reference-transaction", "proc-receive"];

    public static void Check(RepositoryUrl url, Repository remote, string branch)
    {
        var hook = GuardHooks.FirstOrDefault(name => IsActive(Path.Combine(HooksDirectory(remote), name)));
        if (hook is not null)
        {
            throw RemoteFaults.PushRefused(url, branch,
                $"it has a {hook} hook, which can't be asked over file://. Serve the repository over HTTP, or remove the hook.");
        }

        if (IsCheckedOut(remote, branch) && remote.Config.Get<string>("receive.denyCurrentBranch")?.Value is not ("ignore" or "warn"))
        {
            throw RemoteFaults.PushRefused(url, branch,
                "the branch is checked out there, and a push would leave its working directory behind. "
                + "Use a bare repository (git clone --bare), check out another branch there, or set receive.denyCurrentBranch to ignore.");
        }
    }

    private static string HooksDirectory(Repository remote)
    {
        var configured = remote.Config.Get<string>("core.hooksPath")?.Value;
        return configured is null
            ? Path.Combine(remote.Info.Path, "hooks")
            : Path.Combine(remote.Info.WorkingDirectory ?? remote.Info.Path, configured);
    }

    private static bool IsActive(string hook)
    {
        if (OperatingSystem.IsWindows()) return File.Exists(hook);
        const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return File.Exists(hook) && (File.GetUnixFileMode(hook) & Executable) != 0;
    }

    private static bool IsCheckedOut(Repository remote, string branch)
    {
        var linked = Path.Combine(remote.Info.Path, "worktrees");
        var heads = Directory.Exists(linked)
            ? Directory.EnumerateDirectories(linked).Select(tree => Path.Combine(tree, "HEAD"))
            : [];
        if (!remote.Info.IsBare) heads = heads.Append(Path.Combine(remote.Info.Path, "HEAD"));
        return heads.Any(head => File.Exists(head) && File.ReadAllText(head).Trim() == "ref: refs/heads/" + branch);
    }
}
