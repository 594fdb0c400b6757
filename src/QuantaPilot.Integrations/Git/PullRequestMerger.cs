using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Git.Remotes;

namespace QuantaPilot.Integrations.Git;

/// <summary>Does work with a remote on a thread that may block.</summary>
internal interface IRemoteRunner
{
    Task<T> RunAsync<T>(RepositoryUrl url, Func<IGitRemote, T> work, CancellationToken cancellationToken);
}

/// <summary>Merges pull requests: tries until the target stays where it was read for as long as a merge takes.</summary>
internal sealed class PullRequestMerger(
    IPullRequestStore pullRequests, IRemoteRunner remotes, TempDirectories directories, CommitSigner signer, ILogger logger)
{
    private const int MaxAttempts = 10;

    public async Task<MergeOutcome> MergeAsync(
        RepositoryUrl url, int number, string expectedHead, MergeMethod method, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var pullRequest = await pullRequests.GetAsync(url.Project, number, cancellationToken)
                ?? throw new StepException(ErrorCodes.NotFound, $"{url} has no pull request {number}.");
            using var merge = new MergeAttempt(url, pullRequest, expectedHead, method, directories, signer, logger);

            var plan = await remotes.RunAsync(url, merge.Prepare, cancellationToken);
            if (plan.Outcome is not null) return plan.Outcome;

            // Before the push: a repeat after a crash looks for this commit in the target.
            await pullRequests.SetMergeCommitAsync(url.Project, number, expectedHead, plan.Commit!, cancellationToken);
            if (await remotes.RunAsync(url, remote => merge.TryPush(remote, plan), cancellationToken))
            {
                return new MergeOutcome(true, expectedHead, plan.Commit);
            }
            Logs.TargetMoved(logger, number, attempt);
        }
        throw new StepException(ErrorCodes.RepositoryUnreachable,
            $"The target of pull request {number} of {url} moved during each of {MaxAttempts} attempts to merge.", transient: true);
    }
}
