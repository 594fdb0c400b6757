using QuantaPilot.Core.Ports;

namespace QuantaPilot.Functions.Tests.Support;

/// <summary>A forge and agents that do nothing and succeed, unless a test says otherwise.</summary>
internal sealed class ScriptedForge : IForge
{
    private const string Sha = "2222222222222222222222222222222222222222";
    private int _pullRequests;

    /// <summary>The repository's quantapilot.yml; null for none.</summary>
    public string? Configuration { get; init; }

    /// <summary>What an agent does instead of nothing.</summary>
    public Func<CancellationToken, Task>? Work { get; init; }

    /// <summary>What a checkout does instead of succeeding.</summary>
    public Action? BeforeCheckout { get; init; }

    /// <summary>What checks of pull requests say; null for a forge that has none.</summary>
    public CheckReport? Checks { get; set; }

    /// <summary>How often pull requests were taken out of draft.</summary>
    public int MadeReady { get; private set; }

    /// <summary>One for documentation and one for tasks.</summary>
    public IEnumerable<IAgent> Agents => [new Agent(this, "outline"), new Agent(this, "command")];

    public ForgeTraits GetTraits(string repoUrl) => Checks is null ? ForgeTraits.None : new ForgeTraits(HasChecks: true, HasPages: true);

    public Task<CheckReport> GetChecksAsync(string repoUrl, int number, string headSha, CancellationToken cancellationToken) =>
        Task.FromResult(Checks!);

    public Task MarkReadyAsync(string repoUrl, int number, CancellationToken cancellationToken)
    {
        MadeReady++;
        return Task.CompletedTask;
    }

    public Task<string> ResolveAsync(string repoUrl, string branch, CancellationToken cancellationToken) => Task.FromResult(Sha);

    public Task<ICheckout> CheckoutAsync(
        string repoUrl, string branch, string? commit, string? workBranch, CancellationToken cancellationToken)
    {
        BeforeCheckout?.Invoke();
        return Task.FromResult<ICheckout>(new Checkout(Configuration));
    }

    public Task<PullRequest> OpenPullRequestAsync(PullRequestRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(new PullRequest(Interlocked.Increment(ref _pullRequests), null, Sha));

    public Task<MergeOutcome> MergeAsync(
        string repoUrl, int number, string expectedHead, MergeMethod method, CancellationToken cancellationToken) =>
        Task.FromResult(new MergeOutcome(true, expectedHead, Sha));

    private sealed class Agent(ScriptedForge forge, string type) : IAgent
    {
        public string Type => type;

        public async Task<AgentResult> RunAsync(AgentTask task, ICheckout checkout, CancellationToken cancellationToken)
        {
            if (forge.Work is { } work) await work(cancellationToken);
            return new AgentResult("Nothing to see.", null);
        }
    }

    private sealed class Checkout(string? configuration) : ICheckout
    {
        public string Directory => "/nowhere";

        public string HeadSha => Sha;

        /// <summary>Another one: the work branch holds work.</summary>
        public string BaseSha => new('0', 40);

        public bool ContinuesWorkBranch => false;

        public string? ReadText(string path) => configuration;

        public bool HasCommitFor(string step) => false;

        public Task<PushedWork> CommitAndPushAsync(string step, string message, CancellationToken cancellationToken) =>
            Task.FromResult(new PushedWork(Sha, ["docs/00_overview.md"]));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
