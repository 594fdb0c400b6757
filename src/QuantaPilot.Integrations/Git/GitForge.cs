using System.Net;
using LibGit2Sharp;
using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Git.Remotes;

namespace QuantaPilot.Integrations.Git;

/// <summary>Any git remote over file://, https:// and http://; pull requests are kept in our own store.</summary>
public sealed class GitForge : IForge, IRemoteRunner, IDisposable
{
    private readonly GitForgeOptions _options;
    private readonly RepositoryPolicy _policy;
    private readonly IPullRequestStore _pullRequests;
    private readonly TimeProvider _timeProvider;
    private readonly TempDirectories _directories;
    private readonly CheckoutFactory _checkouts;
    private readonly PullRequestMerger _merger;
    private readonly HttpMessageInvoker _http;
    private readonly CommitSigner _signer;
    private readonly GitWork _work;
    private readonly IGitCredentialSource? _credentials;
    private readonly IStepProgress _progress;
    private readonly ILogger _logger;

    /// <exception cref="FormatException">A glob of the settings can match no repository.</exception>
    /// <exception cref="ArgumentException">A credential's prefix is no http(s) URL, or the temporary root is not absolute.</exception>
    public GitForge(
        GitForgeOptions options,
        IPullRequestStore pullRequests,
        TimeProvider timeProvider,
        ILogger<GitForge> logger,
        IGitCredentialSource? credentials = null,
        IStepProgress? progress = null)
    {
        GitLibrary.EnsureIsolated();
        foreach (var credential in options.Credentials.Where(credential => !credential.IsValid))
            throw new ArgumentException(
                $"A credential's URL prefix begins with https:// or http:// and names a host: {credential}.", nameof(options));

        _options = options;
        _policy = new RepositoryPolicy(options.AllowedRepositories);
        _pullRequests = pullRequests;
        _timeProvider = timeProvider;
        _progress = progress ?? NoProgress.Instance;
        _logger = logger;
        _directories = new TempDirectories(options.TempRoot, logger);
        _signer = new CommitSigner(options, timeProvider);
        _credentials = credentials;
        _work = new GitWork(timeProvider, logger);
        _checkouts = new CheckoutFactory(_directories, _signer, _work, _progress, logger);
        _merger = new PullRequestMerger(pullRequests, this, _directories, _signer, logger);
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            // Redirects are followed by HttpSession, which asks the policy first.
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = options.NetworkTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            UseCookies = false,
        });
    }

    /// <summary>
    /// Takes away what killed processes left: the locks that they held in repositories on this machine, and what lies below the
    /// temporary root. Call it once, before the first checkout.
    /// </summary>
    public void CleanLeftovers()
    {
        ReferenceLock.ReleaseLeft(_directories.Root, _logger);
        _directories.DeleteAll();
    }

    /// <inheritdoc/>
    public Task<string> ResolveAsync(string repoUrl, string branch, CancellationToken cancellationToken) =>
        RunAsync(repoUrl, (url, remote) => FindBranch(url, remote.ListBranches(), branch), cancellationToken);

    /// <inheritdoc/>
    public Task<ICheckout> CheckoutAsync(
        string repoUrl, string branch, string? commit, string? workBranch, CancellationToken cancellationToken) =>
        RunAsync<ICheckout>(repoUrl, (url, remote) =>
        {
            var branches = remote.ListBranches();
            FindBranch(url, branches, branch);
            if (workBranch is not null) RemoteFaults.ReferenceName(url, workBranch);
            return _checkouts.Create(
                new CheckoutRequest(url, branch, commit, workBranch, branches), remote, token => Open(url, token), cancellationToken);
        }, cancellationToken);

    /// <inheritdoc/>
    public async Task<PullRequest> OpenPullRequestAsync(PullRequestRequest request, CancellationToken cancellationToken)
    {
        var head = await RunAsync(request.RepoUrl, (url, remote) =>
        {
            var branches = remote.ListBranches();
            FindBranch(url, branches, request.BaseBranch);
            return (Project: url.Project, Sha: FindBranch(url, branches, request.HeadBranch));
        }, cancellationToken);
        var stored = await _pullRequests.OpenAsync(request with { RepoUrl = head.Project }, cancellationToken);
        return new PullRequest(stored.Number, null, head.Sha);
    }

    /// <inheritdoc/>
    public Task<MergeOutcome> MergeAsync(
        string repoUrl, int number, string expectedHead, MergeMethod method, CancellationToken cancellationToken) =>
        _work.AwaitAsync(_merger.MergeAsync(Allowed(repoUrl), number, expectedHead, method, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _directories.Settle();
        _http.Dispose();
    }

    /// <summary>Tries a merge here, without pushing it anywhere.</summary>
    /// <exception cref="StepException">merge_conflict (the message names the files), and as <see cref="ResolveAsync"/>.</exception>
    internal async Task RequireMergeableAsync(
        StoredPullRequest pullRequest, string head, MergeMethod method, CancellationToken cancellationToken)
    {
        var url = Allowed(pullRequest.Request.RepoUrl);
        await _work.AwaitAsync(TryMergeAsync(), cancellationToken);

        async Task<MergePlan> TryMergeAsync()
        {
            using var merge = new MergeAttempt(url, pullRequest, head, method, _directories, _signer, _logger);
            return await RunAsync(url, merge.Prepare, cancellationToken);
        }
    }

    private static string FindBranch(RepositoryUrl url, IReadOnlyDictionary<string, string> branches, string branch)
    {
        RemoteFaults.ReferenceName(url, branch);
        if (branches.Count == 0) throw RemoteFaults.Empty(url);
        return branches.TryGetValue(branch, out var sha) ? sha : throw RemoteFaults.BranchNotFound(url, branch);
    }

    private RepositoryUrl Allowed(string repoUrl)
    {
        if (!RepositoryUrl.TryParse(repoUrl, out var url, out var error)) throw new StepException(ErrorCodes.RepositoryNotAllowed, error);
        return _policy.Allows(url)
            ? url
            : throw new StepException(
                ErrorCodes.RepositoryNotAllowed,
                $"The settings do not allow {url}. Allowed: {string.Join(", ", _options.AllowedRepositories)}.");
    }

    private async Task<T> RunAsync<T>(string repoUrl, Func<RepositoryUrl, IGitRemote, T> work, CancellationToken cancellationToken)
    {
        var url = Allowed(repoUrl);
        return await _work.AwaitAsync(RunAsync(url, remote => work(url, remote), cancellationToken), cancellationToken);
    }

    private Task<T> RunAsync<T>(RepositoryUrl url, Func<IGitRemote, T> work, CancellationToken cancellationToken) =>
        // libgit2 blocks for as long as a transfer takes: a thread of its own keeps the pool free.
        Task.Factory.StartNew(() =>
        {
            using var remote = Open(url, cancellationToken);
            return work(remote);
        }, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    Task<T> IRemoteRunner.RunAsync<T>(RepositoryUrl url, Func<IGitRemote, T> work, CancellationToken cancellationToken) =>
        RunAsync(url, work, cancellationToken);

    private IGitRemote Open(RepositoryUrl url, CancellationToken cancellationToken) => url.IsFile
        ? FileRemote.Open(url, _directories.Root, _progress, cancellationToken)
        : OpenHttp(url, cancellationToken);

    private HttpRemote OpenHttp(RepositoryUrl url, CancellationToken cancellationToken)
    {
        var given = FindCredential(url, cancellationToken);
        var session = new HttpSession(_http, url, _options, _policy, _timeProvider, cancellationToken)
        {
            Given = given,
            ForgetGiven = () => given is not null && _credentials!.Forget(url, given),
        };
        return new HttpRemote(session, _progress, cancellationToken);
    }

    /// <summary>Called on a thread that may block, before libgit2 is.</summary>
    private GitCredential? FindCredential(RepositoryUrl url, CancellationToken cancellationToken) =>
        _credentials?.FindAsync(url, cancellationToken).GetAwaiter().GetResult();
}

/// <summary>Who signs the commits that are made here, and when.</summary>
internal sealed class CommitSigner(GitForgeOptions options, TimeProvider timeProvider)
{
    public Signature Now() => new(options.AuthorName, options.AuthorEmail, timeProvider.GetUtcNow());
}
