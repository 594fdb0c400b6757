using System.Text.Json.Serialization;
using QuantaPilot.Core.Contracts;

namespace QuantaPilot.Core.Ports;

/// <summary>
/// Everything that is done to a repository. Every method may be repeated after a crash and then goes on from what it
/// finds on the remote. Foreseen faults are <see cref="StepException"/>; cancellation stops transfers in progress.
/// </summary>
public interface IForge
{
    /// <summary>The commit at the head of a branch.</summary>
    /// <exception cref="StepException">repository_not_allowed, repository_not_found, repository_unreachable (transient),
    /// repository_empty, authentication_failed, branch_not_found.</exception>
    Task<string> ResolveAsync(string repoUrl, string branch, CancellationToken cancellationToken);

    /// <summary>
    /// A checkout of <paramref name="workBranch"/> where it exists on the remote, else of <paramref name="commit"/> (a
    /// commit of <paramref name="branch"/>; null for its head), in a new temporary directory that goes with the returned object.
    /// </summary>
    /// <exception cref="StepException">As <see cref="ResolveAsync"/>, and repository_unsafe.</exception>
    Task<ICheckout> CheckoutAsync(string repoUrl, string branch, string? commit, string? workBranch, CancellationToken cancellationToken);

    /// <summary>
    /// Opens a pull request, or finds the one that is open for the same <paramref name="request"/> branch and brings it up to date.
    /// </summary>
    /// <exception cref="StepException">As <see cref="ResolveAsync"/>, and pull_request_refused.</exception>
    Task<PullRequest> OpenPullRequestAsync(PullRequestRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Merges a pull request if its head is still <paramref name="expectedHead"/>. A repeat after a merge that went
    /// through finds it and answers as the first would have.
    /// </summary>
    /// <exception cref="StepException">push_refused, merge_conflict (the message names the files), pull_request_refused (the forge's own
    /// rules: a review or check that is missing, a way of merging that is not allowed), repository_unreachable (transient).</exception>
    Task<MergeOutcome> MergeAsync(string repoUrl, int number, string expectedHead, MergeMethod method, CancellationToken cancellationToken);

    /// <summary>What the forge of a repository has beyond branches. By default nothing, as with a plain git remote.</summary>
    ForgeTraits GetTraits(string repoUrl) => ForgeTraits.None;

    /// <summary>Where the checks stand that a commit of a pull request must pass before it may be merged.</summary>
    /// <exception cref="StepException">As <see cref="ResolveAsync"/>.</exception>
    Task<CheckReport> GetChecksAsync(string repoUrl, int number, string headSha, CancellationToken cancellationToken) =>
        Task.FromResult(CheckReport.None);

    /// <summary>Takes a pull request out of draft, if it is one.</summary>
    /// <exception cref="StepException">As <see cref="ResolveAsync"/>.</exception>
    Task MarkReadyAsync(string repoUrl, int number, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Comments on a pull request, once for each key however often it is repeated.</summary>
    /// <param name="repoUrl">The repository.</param>
    /// <param name="number">The pull request.</param>
    /// <param name="key">Tells a repeat from another comment.</param>
    /// <param name="body">Markdown.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="StepException">As <see cref="ResolveAsync"/>.</exception>
    Task CommentAsync(string repoUrl, int number, string key, string body, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Closes a pull request that another one takes the place of, and says so on it, once however often it is repeated. One that is merged
    /// or closed already stays so. Forges without pages have nothing to close.
    /// </summary>
    /// <param name="repoUrl">The repository.</param>
    /// <param name="number">The pull request.</param>
    /// <param name="comment">Names the one that follows, Markdown.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="StepException">As <see cref="ResolveAsync"/>.</exception>
    Task ClosePullRequestAsync(string repoUrl, int number, string comment, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Deletes a work branch if it still stands at <paramref name="expectedHead"/>. One that has moved is left as it is.</summary>
    /// <exception cref="StepException">As <see cref="ResolveAsync"/>.</exception>
    Task DeleteBranchAsync(string repoUrl, string branch, string expectedHead, CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <param name="HasChecks">Checks run on pull requests, and drafts are told from what is ready.</param>
/// <param name="HasPages">Pull requests have pages that people read and comment on.</param>
public sealed record ForgeTraits(bool HasChecks, bool HasPages)
{
    /// <summary>Neither.</summary>
    public static ForgeTraits None { get; } = new(false, false);
}

/// <param name="State">All of them taken together.</param>
/// <param name="Pending">Names of those that have not ended, sorted.</param>
/// <param name="Failed">Those that failed.</param>
public sealed record CheckReport(CheckState State, IReadOnlyList<string> Pending, IReadOnlyList<FailedCheck> Failed)
{
    /// <summary>There are none.</summary>
    public static CheckReport None { get; } = new(CheckState.None, [], []);
}

/// <param name="Name">As the forge shows it.</param>
/// <param name="Summary">What it says of the failure; bounded.</param>
/// <param name="Url">Where a person can look at it.</param>
public sealed record FailedCheck(string Name, string? Summary, string? Url);

[JsonConverter(typeof(SnakeCaseEnumConverter<CheckState>))]
public enum CheckState
{
    /// <summary>There are none, or none that is required.</summary>
    None,
    Pending,
    Succeeded,

    /// <summary>At least one failed, whatever the others do.</summary>
    Failed,
}

/// <summary>A working directory of one commit. Disposing it deletes the directory.</summary>
public interface ICheckout : IAsyncDisposable
{
    /// <summary>The absolute path of the working directory.</summary>
    string Directory { get; }

    /// <summary>The commit that is checked out: 40 lower-case hexadecimal digits.</summary>
    string HeadSha { get; }

    /// <summary>The head of the target branch that the work branch stands on.</summary>
    string BaseSha { get; }

    /// <summary>True if the work branch was found on the remote, from an earlier task or an earlier try.</summary>
    bool ContinuesWorkBranch { get; }

    /// <summary>The text of a file of the commit, or null if there is none at that path. Links are not followed.</summary>
    /// <exception cref="StepException">repository_unsafe: the path leads outside the checkout.</exception>
    string? ReadText(string path);

    /// <summary>
    /// True if a commit of the work branch beyond the base was made for this step (see <see cref="CommitAndPushAsync"/>).
    /// </summary>
    bool HasCommitFor(string step);

    /// <summary>
    /// Commits whatever changed in the directory, with the step in a trailer of the message, and pushes it to the work
    /// branch. With no change nothing is committed; the branch is pushed all the same.
    /// </summary>
    /// <returns>The head of the work branch and the paths that changed, sorted.</returns>
    /// <exception cref="StepException">push_refused, authentication_failed, repository_unreachable (transient),
    /// repository_unsafe.</exception>
    Task<PushedWork> CommitAndPushAsync(string step, string message, CancellationToken cancellationToken);
}

/// <param name="HeadSha">The head of the work branch on the remote.</param>
/// <param name="ChangedPaths">Paths that this commit changed, sorted; empty if nothing did.</param>
public sealed record PushedWork(string HeadSha, IReadOnlyList<string> ChangedPaths);

/// <param name="RepoUrl">The repository.</param>
/// <param name="HeadBranch">The branch with the work.</param>
/// <param name="BaseBranch">The branch to merge into.</param>
/// <param name="Title">One line.</param>
/// <param name="Body">Markdown.</param>
public sealed record PullRequestRequest(string RepoUrl, string HeadBranch, string BaseBranch, string Title, string Body)
{
    /// <summary>Labels that it gets, where the forge has such; null for none.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>True if it is opened as a draft, where the forge has such; one that is open stays what it is.</summary>
    public bool Draft { get; init; }
}

/// <param name="Number">Unique per repository, from 1.</param>
/// <param name="Url">Where a person can look at it; null where the forge has no page for it.</param>
/// <param name="HeadSha">Its head at the time of the answer.</param>
public sealed record PullRequest(int Number, string? Url, string HeadSha);

/// <param name="Merged">False if the head had moved: see <paramref name="HeadSha"/>.</param>
/// <param name="HeadSha">The present head of the pull request.</param>
/// <param name="MergeSha">The commit on the target branch that holds the change, once merged.</param>
public sealed record MergeOutcome(bool Merged, string HeadSha, string? MergeSha);

[JsonConverter(typeof(SnakeCaseEnumConverter<MergeMethod>))]
public enum MergeMethod
{
    Squash,
    Merge,
    Rebase,
}
