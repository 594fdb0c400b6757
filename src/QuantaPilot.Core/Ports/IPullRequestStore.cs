namespace QuantaPilot.Core.Ports;

/// <summary>Pull requests of forges that have none of their own. Numbers count up per repository from 1.</summary>
public interface IPullRequestStore
{
    /// <summary>
    /// The pull request for this repository and head branch; made if there is none, its title and body updated if there is.
    /// </summary>
    Task<StoredPullRequest> OpenAsync(PullRequestRequest request, CancellationToken cancellationToken);

    Task<StoredPullRequest?> GetAsync(string repoUrl, int number, CancellationToken cancellationToken);

    /// <summary>
    /// Notes the commit that is about to be pushed to the target, before the push, so that a repeat after a crash can
    /// tell a merge that went through from one that did not.
    /// </summary>
    Task SetMergeCommitAsync(string repoUrl, int number, string headSha, string mergeSha, CancellationToken cancellationToken);
}

/// <param name="Request">What was asked for.</param>
/// <param name="Number">Its number in the repository.</param>
/// <param name="MergedHeadSha">The head that <paramref name="MergeSha"/> merges, if a merge was begun.</param>
/// <param name="MergeSha">The commit that was, or was about to be, pushed to the target.</param>
public sealed record StoredPullRequest(PullRequestRequest Request, int Number, string? MergedHeadSha, string? MergeSha);
