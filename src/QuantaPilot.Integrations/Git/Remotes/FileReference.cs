using System.Text;
using LibGit2Sharp;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Git.Remotes;

/// <summary>
/// Moves a branch of a repository on disk from one known commit to another, as git does: whoever makes
/// <c>{reference}.lock</c> may look at the reference, and renames the lock over it. LibGit2Sharp offers no update that
/// compares first, and without one of two merges at once could vanish.
/// </summary>
internal static class FileReference
{
    private const int LockAttempts = 100;
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(20);

    public static void Move(Repository remote, RepositoryUrl url, string branch, string? expected, string sha)
    {
        var name = RemoteFaults.ReferenceName(url, branch);
        var path = Path.Combine([remote.Info.Path, .. name.Split('/')]);
        // Before a directory is made for it: a branch "a" leaves no room for "a/b", nor the other way round.
        var inTheWay = remote.Refs.FirstOrDefault(other => IsBelow(other.CanonicalName, name) || IsBelow(name, other.CanonicalName));
        if (inTheWay is not null) throw RemoteFaults.PushRefused(url, branch, $"the name can't be used beside '{inTheWay.CanonicalName}'.");

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var file = Lock(url, branch, path + ".lock");
        var renamed = false;
        try
        {
            // Opened anew: the other object may have cached what was there before the lock.
            using (var now = new Repository(remote.Info.Path))
            {
                if (now.Refs[name]?.ResolveToDirectReference()?.TargetIdentifier != expected) throw RemoteFaults.NonFastForward(url, branch);
            }
            file.Write(Encoding.ASCII.GetBytes(sha + "\n"));
            file.Flush(flushToDisk: true);
            file.Dispose();
            if (Directory.Exists(path)) Directory.Delete(path);
            File.Move(path + ".lock", path, overwrite: true);
            renamed = true;
        }
        finally
        {
            file.Dispose();
            if (!renamed) File.Delete(path + ".lock");
        }
    }

    private static bool IsBelow(string name, string directory) => name.StartsWith(directory + "/", StringComparison.Ordinal);

    private static FileStream Lock(RepositoryUrl url, string branch, string path)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
            }
            catch (IOException) when (File.Exists(path) && attempt < LockAttempts)
            {
                // Held for a few milliseconds by another push; a wait of two seconds in all covers any crowd of them.
                Thread.Sleep(LockPause);
            }
            catch (IOException) when (File.Exists(path))
            {
                throw RemoteFaults.PushRefused(url, branch,
                    "the branch is locked by another git process; if none is running, delete the .lock file beside the branch in the repository.");
            }
        }
    }
}
