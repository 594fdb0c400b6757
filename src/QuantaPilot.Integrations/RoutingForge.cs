using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Git;

namespace QuantaPilot.Integrations;

/// <summary>A forge with pull requests of its own, for the repositories on its hosts.</summary>
internal interface IHostedForge : IForge
{
    /// <summary>True if the repository is on one of its hosts.</summary>
    bool Covers(RepositoryUrl url);
}

/// <summary>Gives each repository to the forge of its host; git takes those that no other covers.</summary>
internal sealed class RoutingForge(GitForge git, IEnumerable<IHostedForge> hosted) : IForge
{
    private readonly IReadOnlyList<IHostedForge> _hosted = [.. hosted];

    public Task<string> ResolveAsync(string repoUrl, string branch, CancellationToken cancellationToken) =>
        Of(repoUrl).ResolveAsync(repoUrl, branch, cancellationToken);

    public Task<ICheckout> CheckoutAsync(
        string repoUrl, string branch, string? commit, string? workBranch, CancellationToken cancellationToken) =>
        Of(repoUrl).CheckoutAsync(repoUrl, branch, commit, workBranch, cancellationToken);

    public Task<PullRequest> OpenPullRequestAsync(PullRequestRequest request, CancellationToken cancellationToken) =>
        Of(request.RepoUrl).OpenPullRequestAsync(request, cancellationToken);

    public Task<MergeOutcome> MergeAsync(
        string repoUrl, int number, string expectedHead, MergeMethod method, CancellationToken cancellationToken) =>
        Of(repoUrl).MergeAsync(repoUrl, number, expectedHead, method, cancellationToken);

    public ForgeTraits GetTraits(string repoUrl) => Of(repoUrl).GetTraits(repoUrl);

    public Task<CheckReport> GetChecksAsync(string repoUrl, int number, string headSha, CancellationToken cancellationToken) =>
        Of(repoUrl).GetChecksAsync(repoUrl, number, headSha, cancellationToken);

    public Task MarkReadyAsync(string repoUrl, int number, CancellationToken cancellationToken) =>
        Of(repoUrl).MarkReadyAsync(repoUrl, number, cancellationToken);

    public Task CommentAsync(string repoUrl, int number, string key, string body, CancellationToken cancellationToken) =>
        Of(repoUrl).CommentAsync(repoUrl, number, key, body, cancellationToken);

    public Task ClosePullRequestAsync(string repoUrl, int number, string comment, CancellationToken cancellationToken) =>
        Of(repoUrl).ClosePullRequestAsync(repoUrl, number, comment, cancellationToken);

    public Task DeleteBranchAsync(string repoUrl, string branch, string expectedHead, CancellationToken cancellationToken) =>
        Of(repoUrl).DeleteBranchAsync(repoUrl, branch, expectedHead, cancellationToken);

    /// <summary>A URL that is none is git's to refuse.</summary>
    private IForge Of(string repoUrl) =>
        RepositoryUrl.TryParse(repoUrl, out var url, out _) && _hosted.FirstOrDefault(forge => forge.Covers(url)) is { } forge
            ? forge
            : git;
}
