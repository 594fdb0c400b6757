using System.Collections.Concurrent;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Tests.Support;

/// <summary>A forge with pages, of which only the comments are asked for.</summary>
internal sealed class RecordingForge : IForge
{
    private readonly ConcurrentDictionary<string, string> _comments = new();

    /// <summary>By their keys: the first of each.</summary>
    public IReadOnlyDictionary<string, string> Comments => _comments;

    /// <summary>What comments end with instead.</summary>
    public Exception? Fault { get; set; }

    public ForgeTraits GetTraits(string repoUrl) => new(HasChecks: true, HasPages: true);

    public Task CommentAsync(string repoUrl, int number, string key, string body, CancellationToken cancellationToken)
    {
        if (Fault is not null) return Task.FromException(Fault);
        _comments.TryAdd(key, body);
        return Task.CompletedTask;
    }

    public Task<string> ResolveAsync(string repoUrl, string branch, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<ICheckout> CheckoutAsync(
        string repoUrl, string branch, string? commit, string? workBranch, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<PullRequest> OpenPullRequestAsync(PullRequestRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<MergeOutcome> MergeAsync(
        string repoUrl, int number, string expectedHead, MergeMethod method, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
