using LibGit2Sharp;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Git;

/// <summary>Turns the files of a working directory into a tree.</summary>
internal static class WorkingTree
{
    /// <summary>Writes a tree of what is in the directory now, without what <c>.gitignore</c> leaves out.</summary>
    /// <exception cref="StepException">repository_unsafe: a file can't be committed.</exception>
    public static Tree Write(Repository repository, Tree before, CancellationToken cancellationToken)
    {
        try
        {
            // An agent may have used git itself: what counts is the directory, not what it staged or committed.
            if (repository.Index.WriteToTree().Id != before.Id) repository.Index.Replace(before);
            Stage(repository, cancellationToken);
            return repository.Index.WriteToTree();
        }
        catch (LibGit2SharpException e)
        {
            throw new StepException(
                ErrorCodes.RepositoryUnsafe,
                "A file of the checkout can't be committed: its name or kind is not one that git takes.",
                inner: e);
        }
    }

    /// <summary>The paths that differ between two trees, sorted.</summary>
    public static List<string> Differences(Repository repository, Tree before, Tree after)
    {
        using var changes = repository.Diff.Compare<TreeChanges>(before, after, new CompareOptions { Similarity = SimilarityOptions.None });
        return [.. changes.Select(change => change.Path).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private static void Stage(Repository repository, CancellationToken cancellationToken)
    {
        using var changes = repository.Diff.Compare<TreeChanges>(
            null, includeUntracked: true, null, new CompareOptions { Similarity = SimilarityOptions.None });
        // First what is gone: a file may have made room for a directory of its name.
        foreach (var change in changes.Where(change => change.Status == ChangeKind.Deleted)) repository.Index.Remove(change.Path);
        foreach (var change in changes.Where(change => change.Status is not (ChangeKind.Deleted or ChangeKind.Unmodified or ChangeKind.Ignored)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (change.Path.Contains('\uFFFD', StringComparison.Ordinal))
                throw new StepException(ErrorCodes.RepositoryUnsafe, $"The name of '{change.Path}' is not valid UTF-8.");
            if (change.Path.EndsWith('/'))
                throw new StepException(
                    ErrorCodes.RepositoryUnsafe, $"'{change.Path}' is a git repository of its own, which can't be committed into another.");
            repository.Index.Add(change.Path);
        }
        repository.Index.Write();
    }
}
