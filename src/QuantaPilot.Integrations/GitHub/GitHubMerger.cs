using System.Net;
using Octokit;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Git;
using OpenRequest = QuantaPilot.Core.Ports.PullRequestRequest;
using PullRequest = Octokit.PullRequest;

namespace QuantaPilot.Integrations.GitHub;

/// <param name="Number">The pull request.</param>
/// <param name="ExpectedHead">The head that was reviewed.</param>
/// <param name="Method">How.</param>
internal sealed record MergeOrder(int Number, string ExpectedHead, MergeMethod Method);

/// <summary>Merges pull requests, bound to the head that was reviewed.</summary>
internal sealed class GitHubMerger(GitForge git)
{
    /// <summary>GitHub works out in the background whether something can be merged; that takes seconds.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    public async Task<MergeOutcome> MergeAsync(
        GitHubClient client, GitHubRepository repository, MergeOrder order, CancellationToken cancellationToken)
    {
        var pull = await client.PullRequest.Get(repository.Owner, repository.Name, order.Number);
        if (await FindOutcomeAsync(repository, pull, order, cancellationToken) is { } known) return known;
        try
        {
            var merge = new MergePullRequest { Sha = order.ExpectedHead, MergeMethod = MethodOf(order.Method) };
            var merged = await client.PullRequest.Merge(repository.Owner, repository.Name, order.Number, merge);
            return new MergeOutcome(true, order.ExpectedHead, merged.Sha);
        }
        catch (ApiException e) when (e.StatusCode is HttpStatusCode.MethodNotAllowed or HttpStatusCode.Conflict)
        {
            pull = await client.PullRequest.Get(repository.Owner, repository.Name, order.Number);
            return await FindOutcomeAsync(repository, pull, order, cancellationToken)
                ?? throw await ExplainAsync(repository, pull, order, e, cancellationToken);
        }
    }

    /// <summary>The answer where there is nothing to merge, or not this.</summary>
    private async Task<MergeOutcome?> FindOutcomeAsync(
        GitHubRepository repository, PullRequest pull, MergeOrder order, CancellationToken cancellationToken)
    {
        var isReviewed = pull.Head.Sha == order.ExpectedHead;
        // Merged by an earlier try or by a person; with another head, whoever reviews is asked about that one.
        if (pull.Merged) return new MergeOutcome(isReviewed, pull.Head.Sha, isReviewed ? pull.MergeCommitSha : null);
        if (pull.State.Value == ItemState.Closed)
        {
            throw new StepException(
                ErrorCodes.PullRequestRefused, $"Somebody has closed pull request {order.Number} of {repository.Url} without merging it.");
        }
        if (isReviewed) return null;

        // The pull request may be some seconds behind its branch.
        var head = await git.ResolveAsync(repository.Url.Value, pull.Head.Ref, cancellationToken);
        return head == order.ExpectedHead
            ? throw Later(repository, $"GitHub has not noticed yet that '{pull.Head.Ref}' is at {head}")
            : new MergeOutcome(false, head, null);
    }

    private async Task<StepException> ExplainAsync(
        GitHubRepository repository, PullRequest pull, MergeOrder order, ApiException refusal, CancellationToken cancellationToken)
    {
        var words = GitHubFaults.Words(refusal);
        if (pull.Mergeable == false) return await ConflictAsync(repository, pull, order, cancellationToken);
        if (pull.Mergeable is null) return Later(repository, "GitHub does not know yet whether it can be merged");
        if (words.Contains("was modified", StringComparison.OrdinalIgnoreCase))
            return Later(repository, $"'{pull.Base.Ref}' moved while pull request {order.Number} was merged");
        var method = order.Method.ToString().ToLowerInvariant();
        return new StepException(
            ErrorCodes.PullRequestRefused,
            $"GitHub refuses to merge pull request {order.Number} of {repository.Url} by {method}: {words}",
            inner: refusal);
    }

    /// <summary>GitHub's API does not say which files conflict; git does.</summary>
    private async Task<StepException> ConflictAsync(
        GitHubRepository repository, PullRequest pull, MergeOrder order, CancellationToken cancellationToken)
    {
        var request = new OpenRequest(repository.Url.Value, pull.Head.Ref, pull.Base.Ref, pull.Title, "");
        var same = new StoredPullRequest(request, order.Number, null, null);
        try
        {
            await git.RequireMergeableAsync(same, order.ExpectedHead, order.Method, cancellationToken);
        }
        catch (StepException e)
        {
            return e;
        }
        return new StepException(
            ErrorCodes.MergeConflict,
            $"GitHub says that pull request {order.Number} of {repository.Url} conflicts with '{pull.Base.Ref}'; git finds no such file.");
    }

    private static StepException Later(GitHubRepository repository, string why) =>
        new(ErrorCodes.RepositoryUnreachable, $"{repository.Url}: {why}.", transient: true) { RetryAfter = Soon };

    private static PullRequestMergeMethod MethodOf(MergeMethod method) => method switch
    {
        MergeMethod.Squash => PullRequestMergeMethod.Squash,
        MergeMethod.Merge => PullRequestMergeMethod.Merge,
        MergeMethod.Rebase => PullRequestMergeMethod.Rebase,
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, null),
    };
}
