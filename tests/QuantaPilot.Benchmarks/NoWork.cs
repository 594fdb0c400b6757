using QuantaPilot.Core.Ports;

namespace QuantaPilot.Benchmarks;

/// <summary>A forge, agents and checks that do nothing, so that what is measured is the product around them.</summary>
internal sealed class NoWork : IForge, IAgent, ICheckRunner
{
    private const string Sha = "0123456789abcdef0123456789abcdef01234567";

    public string Type => "outline";

    public Task<string> ResolveAsync(string repoUrl, string branch, CancellationToken cancellationToken) => Task.FromResult(Sha);

    public Task<ICheckout> CheckoutAsync(
        string repoUrl, string branch, string? commit, string? workBranch, CancellationToken cancellationToken) =>
        Task.FromResult<ICheckout>(new NoCheckout());

    public Task<PullRequest> OpenPullRequestAsync(PullRequestRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(new PullRequest(1, null, Sha));

    public Task<MergeOutcome> MergeAsync(
        string repoUrl, int number, string expectedHead, MergeMethod method, CancellationToken cancellationToken) =>
        Task.FromResult(new MergeOutcome(true, Sha, Sha));

    public Task<AgentResult> RunAsync(AgentTask task, ICheckout checkout, CancellationToken cancellationToken) =>
        Task.FromResult(new AgentResult("nothing to see", null));

    public Task<string?> RunAsync(
        string repoUrl,
        IReadOnlyList<string> command,
        TimeSpan timeout,
        ICheckout checkout,
        IRunLog log,
        CancellationToken cancellationToken) =>
        Task.FromResult<string?>(null);

    private sealed class NoCheckout : ICheckout
    {
        public string Directory => "/";

        public string HeadSha => Sha;

        public string BaseSha => Sha;

        public bool ContinuesWorkBranch => false;

        public string? ReadText(string path) => null;

        public bool HasCommitFor(string step) => false;

        public Task<PushedWork> CommitAndPushAsync(string step, string message, CancellationToken cancellationToken) =>
            Task.FromResult(new PushedWork(Sha, []));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
