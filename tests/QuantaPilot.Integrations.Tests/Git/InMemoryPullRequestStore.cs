using QuantaPilot.Core.Ports;

namespace QuantaPilot.Integrations.Tests.Git;

public sealed class InMemoryPullRequestStore : IPullRequestStore
{
    private readonly Lock _lock = new();
    private readonly List<StoredPullRequest> _stored = [];

    /// <summary>Called after a merge commit was noted: where a crash may strike.</summary>
    public Action<string>? AfterMergeNoted { get; set; }

    public Task<StoredPullRequest> OpenAsync(PullRequestRequest request, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var index = _stored.FindIndex(
                stored => stored.Request.RepoUrl == request.RepoUrl && stored.Request.HeadBranch == request.HeadBranch);
            if (index < 0)
            {
                var number = _stored.Count(stored => stored.Request.RepoUrl == request.RepoUrl) + 1;
                _stored.Add(new StoredPullRequest(request, number, null, null));
                return Task.FromResult(_stored[^1]);
            }
            _stored[index] = _stored[index] with { Request = request };
            return Task.FromResult(_stored[index]);
        }
    }

    public Task<StoredPullRequest?> GetAsync(string repoUrl, int number, CancellationToken cancellationToken)
    {
        lock (_lock) return Task.FromResult(_stored.Find(stored => stored.Request.RepoUrl == repoUrl && stored.Number == number));
    }

    public Task SetMergeCommitAsync(string repoUrl, int number, string headSha, string mergeSha, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var index = _stored.FindIndex(stored => stored.Request.RepoUrl == repoUrl && stored.Number == number);
            _stored[index] = _stored[index] with { MergedHeadSha = headSha, MergeSha = mergeSha };
        }
        AfterMergeNoted?.Invoke(mergeSha);
        return Task.CompletedTask;
    }
}
