using LibGit2Sharp;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Integrations.Git.Remotes;

/// <summary>A repository elsewhere, for the time of one step. Calls block; cancellation is given when it is made.</summary>
internal interface IGitRemote : IDisposable
{
    /// <summary>True if <see cref="Fetch"/> brings whole histories whatever the depth.</summary>
    bool HasWholeHistory { get; }

    /// <summary>The branches and their commits.</summary>
    /// <exception cref="StepException">repository_not_found, repository_unreachable, authentication_failed.</exception>
    IReadOnlyDictionary<string, string> ListBranches();

    /// <summary>
    /// Brings branches to <c>refs/remotes/origin/…</c> of a new repository that nothing was fetched to and nobody has open:
    /// libgit2 reads only when it opens a repository where objects are and where the history was cut.
    /// </summary>
    /// <param name="gitDirectory">The repository.</param>
    /// <param name="branches">Names of branches.</param>
    /// <param name="depth">How many commits of each; null for all.</param>
    /// <exception cref="StepException">repository_unreachable, branch_not_found.</exception>
    void Fetch(string gitDirectory, IReadOnlyCollection<string> branches, int? depth);

    /// <summary>Sets a branch to a commit, if it still is where the caller believes and nothing is lost by it.</summary>
    /// <param name="repository">Where the commit is.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="branch">Name of the branch.</param>
    /// <param name="expected">Where the branch is; null if it is to be made.</param>
    /// <exception cref="StepException">push_refused, authentication_failed, repository_unreachable.</exception>
    void Push(Repository repository, Commit commit, string branch, string? expected);
}
