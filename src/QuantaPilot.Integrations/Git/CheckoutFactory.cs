using LibGit2Sharp;
using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Git.Remotes;
using QuantaPilot.Integrations.Git.WorkTrees;

namespace QuantaPilot.Integrations.Git;

/// <param name="Url">The repository.</param>
/// <param name="Branch">The target branch.</param>
/// <param name="Commit">A commit of the target branch; null for its head.</param>
/// <param name="WorkBranch">The work branch, or null.</param>
/// <param name="Branches">The branches of the remote.</param>
internal sealed record CheckoutRequest(
    RepositoryUrl Url, string Branch, string? Commit, string? WorkBranch, IReadOnlyDictionary<string, string> Branches);

/// <param name="Head">The commit to check out.</param>
/// <param name="Base">The commit of the target that the work branch stands on.</param>
/// <param name="Steps">The steps whose commits are on the work branch.</param>
internal sealed record CheckoutPoint(Commit Head, string Base, IReadOnlyList<string> Steps);

/// <summary>Makes checkouts with as little history as answers the question what the work branch stands on.</summary>
internal sealed class CheckoutFactory(
    TempDirectories directories, CommitSigner signer, GitWork work, IStepProgress progress, ILogger logger)
{
    /// <summary>Enough for the work of a run; beyond it the whole history is fetched.</summary>
    public const int DeepDepth = 50;

    public GitCheckout Create(
        CheckoutRequest request, IGitRemote remote, Func<CancellationToken, IGitRemote> open, CancellationToken cancellationToken)
    {
        // One commit is what is needed of a new work branch. Of one that goes on, its last commit tells by its trailers
        // what it stands on, and the one before it which files it changed.
        int?[] depths = remote.HasWholeHistory ? [null] : [Continues(request) ? 2 : 1, DeepDepth, null];
        foreach (var depth in depths)
        {
            var checkout = TryCreate(request, remote, open, depth, depth == depths[0], cancellationToken);
            if (checkout is not null) return checkout;
            Logs.Deepening(logger, depth ?? 0);
        }
        throw new StepException(
            ErrorCodes.BranchNotFound, $"The commit {request.Commit} is not on branch '{request.Branch}' of {request.Url}.");
    }

    private static bool Continues(CheckoutRequest request) =>
        request.WorkBranch is not null && request.Branches.ContainsKey(request.WorkBranch);

    private GitCheckout? TryCreate(
        CheckoutRequest request, IGitRemote remote, Func<CancellationToken, IGitRemote> open, int? depth, bool isFirst, CancellationToken cancellationToken)
    {
        var directory = directories.Create();
        var kept = false;
        try
        {
            var continues = Continues(request);
            string[] wanted = !continues
                ? [request.Branch]
                : isFirst && depth is not null ? [request.WorkBranch!] : [request.WorkBranch!, request.Branch];
            remote.Fetch(Repository.Init(directory), wanted, depth);
            using var repository = new Repository(directory);
            var point = continues ? FindWork(repository, request, depth is null) : FindCommit(repository, request);
            if (point is null) return null;

            var files = Materialize(repository, request, point, cancellationToken);
            var remoteHead = continues ? point.Head.Sha : null;
            kept = true;
            return new GitCheckout(directory, request, point, remoteHead, open, signer, directories, work) { Files = files };
        }
        catch (NotFoundException e)
        {
            throw RemoteFaults.Damaged(request.Url, e);
        }
        finally
        {
            if (!kept) directories.Delete(directory);
        }
    }

    private static CheckoutPoint? FindCommit(Repository repository, CheckoutRequest request)
    {
        var tip = Tip(repository, request.Branch);
        if (request.Commit is null || request.Commit == tip.Sha) return new CheckoutPoint(tip, tip.Sha, []);
        var commit = ObjectId.TryParse(request.Commit, out var id) ? repository.Lookup<Commit>(id) : null;
        var isOnBranch = commit is not null && repository.ObjectDatabase.FindMergeBase(tip, commit)?.Id == commit.Id;
        return isOnBranch ? new CheckoutPoint(commit!, commit!.Sha, []) : null;
    }

    private static CheckoutPoint? FindWork(Repository repository, CheckoutRequest request, bool isWhole)
    {
        var head = Tip(repository, request.WorkBranch!);
        if (StepTrailers.Find(head.Message, request.WorkBranch!) is { } trailers)
        {
            return new CheckoutPoint(head, trailers.Base, trailers.Steps);
        }
        if (head.Sha == request.Branches[request.Branch]) return new CheckoutPoint(head, head.Sha, []);

        // Somebody else's commit is on top, or the target moved on from a work branch without changes.
        if (repository.Refs[TrackingName(request.Branch)] is null) return null;
        var common = repository.ObjectDatabase.FindMergeBase(head, Tip(repository, request.Branch));
        if (common is null && !isWhole) return null;
        if (common is null)
        {
            throw new StepException(ErrorCodes.MergeConflict,
                $"The branches '{request.WorkBranch}' and '{request.Branch}' of {request.Url} have no commit in common.");
        }
        var own = repository.Commits.QueryBy(new CommitFilter { IncludeReachableFrom = head, ExcludeReachableFrom = common });
        var steps = own.Select(commit => StepTrailers.Find(commit.Message, request.WorkBranch!))
            .FirstOrDefault(found => found is not null)?.Steps;
        return new CheckoutPoint(head, common.Sha, steps ?? []);
    }

    /// <returns>How many files there are.</returns>
    private int Materialize(Repository repository, CheckoutRequest request, CheckoutPoint point, CancellationToken cancellationToken)
    {
        var entries = TreeGuard.Check(point.Head.Tree, repository.Config.Get<bool>("core.ignorecase")?.Value ?? false, cancellationToken);
        LargeWork.GiveBackMemory(entries.Count);
        if (request.WorkBranch is null)
        {
            repository.Refs.Add("HEAD", point.Head.Id, allowOverwrite: true);
        }
        else
        {
            repository.Refs.Add("refs/heads/" + request.WorkBranch, point.Head.Id);
            repository.Refs.UpdateTarget("HEAD", "refs/heads/" + request.WorkBranch);
        }
        new WorkTreeWriter(repository.Info.WorkingDirectory, progress, cancellationToken).Write(entries);
        LargeWork.GiveBackMemory(entries.Count);
        cancellationToken.ThrowIfCancellationRequested();
        return entries.Count;
    }

    private static Commit Tip(Repository repository, string branch) =>
        repository.Lookup<Commit>(repository.Refs[TrackingName(branch)].TargetIdentifier)
        ?? throw new NotFoundException($"The head of {branch} is no commit.");

    private static string TrackingName(string branch) => "refs/remotes/origin/" + branch;
}
