using LibGit2Sharp;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Git.Remotes;

/// <summary>
/// Moves a branch of a repository on disk from one known commit to another, as git does: under its <see cref="ReferenceLock"/>.
/// LibGit2Sharp offers no update that compares first, and without one of two merges at once could vanish.
/// </summary>
internal static class FileReference
{
    /// <param name="remote">The repository.</param>
    /// <param name="url">Its URL.</param>
    /// <param name="branch">The branch.</param>
    /// <param name="expected">Where it must stand; null if it must not be there.</param>
    /// <param name="sha">Where it is moved to.</param>
    /// <param name="tempRoot">For what has to be found again after a kill.</param>
    /// <param name="cancellationToken">Looked at until the very moment that the branch is moved.</param>
    /// <exception cref="Core.Ports.StepException">push_refused: it stands elsewhere, its name can't be used or somebody else holds its
    /// lock.</exception>
    public static void Move(
        Repository remote, RepositoryUrl url, string branch, string? expected, string sha, string tempRoot, CancellationToken cancellationToken)
    {
        var name = RemoteFaults.ReferenceName(url, branch);
        var path = Path.Combine([remote.Info.Path, .. name.Split('/')]);
        // Before a directory is made for it: a branch "a" leaves no room for "a/b", nor the other way round.
        var inTheWay = remote.Refs.FirstOrDefault(other => IsBelow(other.CanonicalName, name) || IsBelow(name, other.CanonicalName));
        if (inTheWay is not null) throw RemoteFaults.PushRefused(url, branch, $"the name can't be used beside '{inTheWay.CanonicalName}'.");

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var held = ReferenceLock.TryTake(tempRoot, remote.Info.Path, path, sha) ?? throw RemoteFaults.PushRefused(url, branch,
            "the branch is locked by another git process; if none is running, delete the .lock file beside the branch in the repository.");
        // Opened anew: the other object may have cached what was there before the lock.
        using (var now = new Repository(remote.Info.Path))
        {
            if (now.Refs[name]?.ResolveToDirectReference()?.TargetIdentifier != expected) throw RemoteFaults.NonFastForward(url, branch);
        }
        cancellationToken.ThrowIfCancellationRequested();
        held.Commit();
    }

    private static bool IsBelow(string name, string directory) => name.StartsWith(directory + "/", StringComparison.Ordinal);
}
