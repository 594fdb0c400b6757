using LibGit2Sharp;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Git;

/// <summary>Makes the commits of a merge in an object database.</summary>
internal sealed class Merger(Repository repository, StoredPullRequest pullRequest, Signature signature)
{
    private const int MaxNamedFiles = 20;

    /// <returns>The new head of the target; <paramref name="target"/> itself if it holds all changes already.</returns>
    /// <exception cref="StepException">merge_conflict.</exception>
    public Commit Merge(Commit target, Commit head, Commit common, MergeMethod method) => method switch
    {
        MergeMethod.Squash => Squash(target, head),
        MergeMethod.Merge => MergeCommit(target, head),
        MergeMethod.Rebase => common.Id == target.Id ? head : Rebase(target, head),
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, null),
    };

    private Commit Squash(Commit target, Commit head)
    {
        var request = pullRequest.Request;
        var tree = Clean(repository.ObjectDatabase.MergeCommits(target, head, new MergeTreeOptions()));
        return Commit(signature, $"{request.Title} (#{pullRequest.Number})\n\n{request.Body}", tree, target);
    }

    private Commit MergeCommit(Commit target, Commit head)
    {
        var request = pullRequest.Request;
        var tree = Clean(repository.ObjectDatabase.MergeCommits(target, head, new MergeTreeOptions()));
        var message = $"Merge pull request #{pullRequest.Number} from {request.HeadBranch}\n\n{request.Title}\n";
        return repository.ObjectDatabase.CreateCommit(signature, signature, message, tree, [target, head], prettifyMessage: false);
    }

    private Commit Rebase(Commit target, Commit head)
    {
        var commits = repository.Commits.QueryBy(new CommitFilter
        {
            IncludeReachableFrom = head,
            ExcludeReachableFrom = target,
            SortBy = CommitSortStrategies.Topological | CommitSortStrategies.Reverse,
        });
        // As git does: merges are left out, what they brought in comes by itself.
        foreach (var commit in commits.Where(commit => commit.Parents.Count() == 1))
        {
            var tree = Clean(repository.ObjectDatabase.CherryPickCommit(commit, target, 0, new MergeTreeOptions()));
            target = Commit(commit.Author, commit.Message, tree, target);
        }
        return target;
    }

    private Commit Commit(Signature author, string message, Tree tree, Commit parent) => tree.Id == parent.Tree.Id
        ? parent
        : repository.ObjectDatabase.CreateCommit(
            author, signature, message.ReplaceLineEndings("\n").TrimEnd() + "\n", tree, [parent], prettifyMessage: false);

    private Tree Clean(MergeTreeResult result)
    {
        if (result.Status == MergeTreeStatus.Succeeded) return result.Tree;
        var files = result.Conflicts
            .Select(conflict => (conflict.Ours ?? conflict.Theirs ?? conflict.Ancestor).Path)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var more = files.Count > MaxNamedFiles ? $" and {files.Count - MaxNamedFiles} more" : "";
        throw new StepException(ErrorCodes.MergeConflict,
            $"The pull request conflicts with '{pullRequest.Request.BaseBranch}' in {string.Join(", ", files.Take(MaxNamedFiles))}{more}.");
    }
}
