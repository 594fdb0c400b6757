using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Git;

/// <summary>Credentials that are not in the settings but made when a transfer begins.</summary>
public interface IGitCredentialSource
{
    /// <returns>Null if it has none for the repository; those of <see cref="GitForgeOptions.Credentials"/> count then.</returns>
    /// <exception cref="Core.Ports.StepException">authentication_failed, repository_not_found, repository_unreachable
    /// (transient).</exception>
    Task<GitCredential?> FindAsync(RepositoryUrl url, CancellationToken cancellationToken);

    /// <summary>Forgets a credential that the remote refused.</summary>
    /// <returns>True if another one may be had in its place.</returns>
    bool Forget(RepositoryUrl url, GitCredential credential);
}
