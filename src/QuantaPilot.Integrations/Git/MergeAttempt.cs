using LibGit2Sharp;
using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Git.Remotes;

namespace QuantaPilot.Integrations.Git;

/// <param name="Outcome">The answer, where nothing has to be pushed.</param>
/// <param name="Commit">Otherwise the new head of the target.</param>
/// <param name="Target">The head of the target that it stands on.</param>
internal sealed record MergePlan(MergeOutcome? Outcome, string? Commit, string? Target);

/// <summary>One attempt at a merge, in an object database of its own and without a working directory.</summary>
internal sealed class MergeAttempt(
    RepositoryUrl url,
    StoredPullRequest pullRequest,
    string expectedHead,
    MergeMethod method,
    TempDirectories directories,
    CommitSigner signer,
    ILogger logger) : IDisposable
{
    private readonly List<string> _made = [];
    private string _directory = "";

    private string BaseBranch => pullRequest.Request.BaseBranch;

    private string HeadBranch => pullRequest.Request.HeadBranch;

    /// <summary>The commit of an earlier attempt at the same head, which may have been pushed.</summary>
    private string? Noted => pullRequest.MergedHeadSha == expectedHead ? pullRequest.MergeSha : null;

    /// <summary>Fetches both branches and makes the commit to push, if there is one.</summary>
    public MergePlan Prepare(IGitRemote remote)
    {
        // Both ends and fifty commits below them nearly always hold the commit they fork from; else all is fetched.
        int?[] depths = remote.HasWholeHistory ? [null] : [CheckoutFactory.DeepDepth, null];
        foreach (var depth in depths)
        {
            var branches = remote.ListBranches();
            if (!branches.ContainsKey(BaseBranch)) throw RemoteFaults.BranchNotFound(url, BaseBranch);
            var head = branches.GetValueOrDefault(HeadBranch);

            using var repository = Fetch(remote, head is null ? [BaseBranch] : [BaseBranch, HeadBranch], depth);
            if (TryPlan(repository, head, isWhole: depth is null) is { } plan) return plan;
            Logs.Deepening(logger, depth ?? 0);
        }
        throw new InvalidOperationException("The whole history was not enough for a merge.");
    }

    /// <returns>False if the target has moved since: another attempt may succeed.</returns>
    public bool TryPush(IGitRemote remote, MergePlan plan)
    {
        using var repository = new Repository(_directory);
        try
        {
            remote.Push(repository, repository.Lookup<Commit>(plan.Commit), BaseBranch, plan.Target);
            return true;
        }
        catch (StepException e) when (e.Code == ErrorCodes.PushRefused)
        {
            // A lost answer and a race look the same from here; a target that stands still means that it was refused.
            var now = remote.ListBranches().GetValueOrDefault(BaseBranch);
            if (now == plan.Commit) return true;
            if (now != plan.Target) return false;
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var directory in _made) directories.Delete(directory);
    }

    private Repository Fetch(IGitRemote remote, IReadOnlyCollection<string> branches, int? depth)
    {
        _directory = directories.Create();
        _made.Add(_directory);
        remote.Fetch(Repository.Init(_directory, isBare: true), branches, depth);
        return new Repository(_directory);
    }

    private MergePlan? TryPlan(Repository repository, string? headSha, bool isWhole)
    {
        var target = repository.Lookup<Commit>(repository.Refs["refs/remotes/origin/" + BaseBranch].TargetIdentifier);
        if (Noted is { } noted)
        {
            if (IsAncestor(repository, noted, target)) return Answer(new MergeOutcome(true, expectedHead, noted));
            if (!isWhole) return null;
        }
        if (headSha is null) throw RemoteFaults.BranchNotFound(url, HeadBranch);

        var head = repository.Lookup<Commit>(repository.Refs["refs/remotes/origin/" + HeadBranch].TargetIdentifier);
        if (head.Sha != expectedHead) return Answer(new MergeOutcome(false, head.Sha, null));

        var common = repository.ObjectDatabase.FindMergeBase(target, head);
        if (common is null && !isWhole) return null;
        if (common is null)
        {
            throw new StepException(
                ErrorCodes.MergeConflict, $"The branches '{BaseBranch}' and '{HeadBranch}' of {url} have no commit in common.");
        }
        if (common.Id == head.Id) return Answer(new MergeOutcome(true, expectedHead, target.Sha));

        var commit = new Merger(repository, pullRequest, signer.Now()).Merge(target, head, common, method);
        return commit.Id == target.Id
            ? Answer(new MergeOutcome(true, expectedHead, target.Sha))
            : new MergePlan(null, commit.Sha, target.Sha);
    }

    private static MergePlan Answer(MergeOutcome outcome) => new(outcome, null, null);

    private static bool IsAncestor(Repository repository, string sha, Commit target) =>
        repository.Lookup<Commit>(sha) is { } commit && repository.ObjectDatabase.FindMergeBase(commit, target)?.Id == commit.Id;
}
