using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Git;

namespace QuantaPilot.Integrations.GitHub;

/// <summary>
/// Repositories on GitHub: branches and commits by git, as with any remote; pull requests, checks and merges by GitHub's API.
/// </summary>
internal sealed class GitHubForge(GitForge git, GitHubHosts hosts, RepositoryPolicy policy) : IHostedForge
{
    private readonly GitHubMerger _merger = new(git);

    /// <inheritdoc/>
    public bool Covers(RepositoryUrl url) => hosts.Find(url) is not null;

    /// <inheritdoc/>
    public ForgeTraits GetTraits(string repoUrl) => new(HasChecks: true, HasPages: true);

    /// <inheritdoc/>
    public Task<string> ResolveAsync(string repoUrl, string branch, CancellationToken cancellationToken) =>
        git.ResolveAsync(repoUrl, branch, cancellationToken);

    /// <inheritdoc/>
    public Task<ICheckout> CheckoutAsync(
        string repoUrl, string branch, string? commit, string? workBranch, CancellationToken cancellationToken) =>
        git.CheckoutAsync(repoUrl, branch, commit, workBranch, cancellationToken);

    /// <inheritdoc/>
    public async Task<PullRequest> OpenPullRequestAsync(PullRequestRequest request, CancellationToken cancellationToken)
    {
        var opened = await RunAsync(
            request.RepoUrl,
            GitHubAction.Open,
            (client, repository) => new PullRequestOpener(client, repository, request).OpenAsync(),
            cancellationToken);
        // Of the branch itself: the page of the pull request may be some seconds behind a push.
        var head = await git.ResolveAsync(request.RepoUrl, request.HeadBranch, cancellationToken);
        return new PullRequest(opened.Number, opened.HtmlUrl, head);
    }

    /// <inheritdoc/>
    public Task<MergeOutcome> MergeAsync(
        string repoUrl, int number, string expectedHead, MergeMethod method, CancellationToken cancellationToken) =>
        RunAsync(
            repoUrl,
            GitHubAction.Merge,
            (client, repository) => _merger.MergeAsync(client, repository, new MergeOrder(number, expectedHead, method), cancellationToken),
            cancellationToken);

    /// <inheritdoc/>
    public Task<CheckReport> GetChecksAsync(string repoUrl, int number, string headSha, CancellationToken cancellationToken) =>
        RunAsync(
            repoUrl,
            GitHubAction.Checks,
            (client, repository) => new GitHubChecks(client, repository).ReadAsync(number, headSha),
            cancellationToken);

    /// <inheritdoc/>
    public Task MarkReadyAsync(string repoUrl, int number, CancellationToken cancellationToken)
    {
        var (api, _) = Find(repoUrl);
        return RunAsync(
            repoUrl,
            GitHubAction.Open,
            (client, repository) => DraftMark.TakeOffAsync(client, repository, number, api.Host.GraphQl),
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task CommentAsync(string repoUrl, int number, string key, string body, CancellationToken cancellationToken) =>
        RunAsync(
            repoUrl,
            GitHubAction.Comment,
            (client, repository) => new KeyedComments(client, repository).PutAsync(number, key, body),
            cancellationToken);

    /// <inheritdoc/>
    public Task ClosePullRequestAsync(string repoUrl, int number, string comment, CancellationToken cancellationToken) =>
        RunAsync(
            repoUrl,
            GitHubAction.Close,
            (client, repository) => new PullRequestCloser(client, repository).CloseAsync(number, comment),
            cancellationToken);

    /// <inheritdoc/>
    public Task DeleteBranchAsync(string repoUrl, string branch, string expectedHead, CancellationToken cancellationToken) =>
        RunAsync(
            repoUrl,
            GitHubAction.Delete,
            (client, repository) => new GitHubBranches(client, repository).DeleteAsync(branch, expectedHead),
            cancellationToken);

    private Task<T> RunAsync<T>(
        string repoUrl,
        GitHubAction action,
        Func<Octokit.GitHubClient, GitHubRepository, Task<T>> work,
        CancellationToken cancellationToken)
    {
        var (api, repository) = Find(repoUrl);
        return api.RunAsync(repository, action, client => work(client, repository), cancellationToken);
    }

    /// <exception cref="StepException">repository_not_allowed.</exception>
    private (GitHubApi Api, GitHubRepository Repository) Find(string repoUrl)
    {
        if (!RepositoryUrl.TryParse(repoUrl, out var url, out var error)) throw new StepException(ErrorCodes.RepositoryNotAllowed, error);
        if (!policy.Allows(url)) throw new StepException(ErrorCodes.RepositoryNotAllowed, $"The settings do not allow {url}.");
        return hosts.Find(url)
            ?? throw new StepException(ErrorCodes.RepositoryNotFound, $"{url} is no repository of a GitHub host that the settings name.");
    }
}
