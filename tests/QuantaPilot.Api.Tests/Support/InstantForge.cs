using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Tests.Support;

/// <summary>A forge and an agent that do nothing and succeed, for tests of what lies around them.</summary>
internal sealed class InstantForge : IForge, IAgent
{
    private const string Sha = "2222222222222222222222222222222222222222";

    public string Type => "outline";

    public Task<AgentResult> RunAsync(AgentTask task, ICheckout checkout, CancellationToken cancellationToken) =>
        Task.FromResult(new AgentResult("Nothing to see.", null));

    public Task<string> ResolveAsync(string repoUrl, string branch, CancellationToken cancellationToken) => Task.FromResult(Sha);

    public Task<ICheckout> CheckoutAsync(
        string repoUrl, string branch, string? commit, string? workBranch, CancellationToken cancellationToken) =>
        Task.FromResult<ICheckout>(new Checkout());

    public Task<PullRequest> OpenPullRequestAsync(PullRequestRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(new PullRequest(1, null, Sha));

    public Task<MergeOutcome> MergeAsync(
        string repoUrl, int number, string expectedHead, MergeMethod method, CancellationToken cancellationToken) =>
        Task.FromResult(new MergeOutcome(true, expectedHead, Sha));

    private sealed class Checkout : ICheckout
    {
        public string Directory => "/nowhere";

        public string HeadSha => Sha;

        public string BaseSha => Sha;

        public bool ContinuesWorkBranch => false;

        public string? ReadText(string path) => null;

        public bool HasCommitFor(string step) => false;

        public Task<PushedWork> CommitAndPushAsync(string step, string message, CancellationToken cancellationToken) =>
            Task.FromResult(new PushedWork(Sha, ["docs/00_overview.md"]));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
