using LibGit2Sharp;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Git.Remotes;

/// <summary>The faults of remotes in words for the caller.</summary>
internal static class RemoteFaults
{
    private const int MaxRemoteWords = 1_000;

    public static StepException NotFound(RepositoryUrl url, Exception? inner = null) =>
        new(
            ErrorCodes.RepositoryNotFound,
            $"There is no git repository at {url} (or it is not visible to these credentials).",
            inner: inner);

    public static StepException Unreachable(RepositoryUrl url, string why, Exception? inner = null) =>
        new(ErrorCodes.RepositoryUnreachable, $"{url} can't be reached: {why}.", transient: true, inner) { IsOutage = true };

    public static StepException Damaged(RepositoryUrl url, Exception inner) =>
        new(
            ErrorCodes.RepositoryUnreachable,
            $"The repository {url} can't be read: it is damaged or in a format that is not supported.",
            inner: inner);

    public static StepException Empty(RepositoryUrl url) =>
        new(ErrorCodes.RepositoryEmpty, $"The repository {url} is empty: it needs at least one commit on a branch.");

    public static StepException BranchNotFound(RepositoryUrl url, string branch) =>
        new(ErrorCodes.BranchNotFound, $"The repository {url} has no branch '{Bounded(branch, 200)}'.");

    public static StepException PushRefused(RepositoryUrl url, string branch, string words) =>
        new(ErrorCodes.PushRefused, $"{url} refused the push to '{branch}': {Bounded(Redactor.Redact(words), MaxRemoteWords)}");

    /// <summary>A branch was not where it was believed to be: what was pushed does not stand on it.</summary>
    public static StepException NonFastForward(RepositoryUrl url, string branch) =>
        PushRefused(url, branch, "somebody else has pushed to it since it was read (non-fast-forward).");

    /// <summary>A branch that git would not accept can't exist either.</summary>
    public static string ReferenceName(RepositoryUrl url, string branch)
    {
        var name = "refs/heads/" + branch;
        return branch.Length is > 0 and <= 250 && !branch.StartsWith('-') && Reference.IsValidName(name)
            ? name
            : throw BranchNotFound(url, branch);
    }

    private static string Bounded(string text, int length)
    {
        var clean = string.Concat(text.Trim().Select(c => char.IsControl(c) && c != '\n' ? ' ' : c));
        return clean.Length <= length ? clean : clean[..length] + "…";
    }
}
