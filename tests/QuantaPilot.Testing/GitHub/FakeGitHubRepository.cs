namespace QuantaPilot.Testing.GitHub;

/// <summary>
/// A repository of <see cref="FakeGitHub"/>: what its settings allow, what checks say of its commits, and what was done to it.
/// </summary>
public sealed partial class FakeGitHubRepository
{
    private readonly Lock _lock;
    private readonly List<FakePullRequest> _pullRequests = [];
    private readonly List<(string Sha, FakeCheckRun Run)> _checkRuns = [];
    private readonly List<(string Sha, FakeStatus Status)> _statuses = [];
    private readonly SortedSet<string> _labels = new(StringComparer.OrdinalIgnoreCase);
    private long _comments;

    internal FakeGitHubRepository(string fullName, string url, GitRepository git, Lock @lock)
    {
        FullName = fullName;
        Url = url;
        Git = git;
        _lock = @lock;
    }

    /// <summary><c>owner/name</c>.</summary>
    public string FullName { get; }

    /// <summary>Where people and git reach it.</summary>
    public string Url { get; }

    /// <summary>Its branches and commits.</summary>
    public GitRepository Git { get; }

    /// <summary>Whether <see cref="FakeGitHub.App"/> is installed. Default: true.</summary>
    public bool IsAppInstalled { get; set; } = true;

    /// <summary>Whether pull requests may be drafts. Default: true.</summary>
    public bool AllowsDrafts { get; set; } = true;

    /// <summary>The ways of merging that the settings allow. Default: all three.</summary>
    public HashSet<string> MergeMethods { get; } = ["merge", "squash", "rebase"];

    /// <summary>Checks that branch protection asks for.</summary>
    public List<string> RequiredChecks { get; } = [];

    /// <summary>Checks that a ruleset asks for, with the App that must have run each, if one must.</summary>
    public List<(string Name, int? AppId)> RuleChecks { get; } = [];

    /// <summary>A check run that every commit has; null for none.</summary>
    public FakeCheckRun? CheckOfAll { get; set; }

    /// <summary>Whether a review is missing.</summary>
    public bool NeedsReview { get; set; }

    /// <summary>How often the question whether something can be merged is answered with "not known yet".</summary>
    public int UnknownMergeability { get; set; }

    /// <summary>The pull requests, in the order of their numbers.</summary>
    public IReadOnlyList<FakePullRequest> PullRequests
    {
        get
        {
            lock (_lock) return [.. _pullRequests];
        }
    }

    /// <summary>The labels that exist.</summary>
    public IReadOnlyCollection<string> Labels
    {
        get
        {
            lock (_lock) return [.. _labels];
        }
    }

    /// <summary>A pull request, with its head as it is now.</summary>
    public FakePullRequest PullRequest(int number)
    {
        lock (_lock) return Refresh(_pullRequests[number - 1]);
    }

    /// <summary>Sets what a check run of a commit says: that of the same name and App, or a new one.</summary>
    public void SetCheck(string sha, FakeCheckRun run)
    {
        lock (_lock)
        {
            _checkRuns.RemoveAll(known => known.Sha == sha && known.Run.Name == run.Name && known.Run.AppId == run.AppId);
            _checkRuns.Add((sha, run));
        }
    }

    /// <summary>Adds a status to a commit; the latest of a context counts.</summary>
    public void SetStatus(string sha, FakeStatus status)
    {
        lock (_lock)
        {
            _statuses.RemoveAll(known => known.Sha == sha && known.Status.Context == status.Context);
            _statuses.Add((sha, status));
        }
    }

    /// <summary>Merges a pull request, as a person does with the button.</summary>
    public string MergeByHand(int number, string method = "merge")
    {
        lock (_lock) return Merge(Refresh(_pullRequests[number - 1]), method) ?? throw new InvalidOperationException("It conflicts.");
    }

    /// <summary>The commit of a branch, or null.</summary>
    public string? Head(string branch) => FindReference("heads/" + branch);

    /// <summary>The commit of <c>refs/…</c>, or null. Git lists what lies below a name too.</summary>
    private string? FindReference(string name) => Git.Lines("for-each-ref", "--format=%(objectname) %(refname)", "refs/" + name)
        .Select(line => line.Split(' ')).FirstOrDefault(parts => parts[1] == "refs/" + name)?[0];

    private FakePullRequest Refresh(FakePullRequest pull)
    {
        if (pull.IsOpen && Head(pull.Head) is { } head) pull.HeadSha = head;
        return pull;
    }

    /// <summary>Merges as GitHub does, by git itself.</summary>
    /// <returns>The new head of the target; null if there is a conflict.</returns>
    private string? Merge(FakePullRequest pull, string method)
    {
        var target = Head(pull.Base)!;
        string merged;
        try
        {
            merged = method == "rebase" ? Rebase(target, pull.HeadSha) : Commit(pull, method, target);
        }
        catch (InvalidOperationException)
        {
            // What git's own exit code says.
            return null;
        }
        Git.Git("update-ref", $"refs/heads/{pull.Base}", merged, target);
        pull.MergeSha = merged;
        pull.IsOpen = false;
        return merged;
    }

    private bool Conflicts(FakePullRequest pull)
    {
        try
        {
            Git.Git("merge-tree", "--write-tree", Head(pull.Base)!, pull.HeadSha);
            return false;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }

    private string Commit(FakePullRequest pull, string method, string target)
    {
        var tree = Git.Git("merge-tree", "--write-tree", target, pull.HeadSha);
        return method == "squash"
            ? Git.Git("commit-tree", tree, "-p", target, "-m", $"{pull.Title} (#{pull.Number})")
            : Git.Git("commit-tree", tree, "-p", target, "-p", pull.HeadSha, "-m", $"Merge pull request #{pull.Number} from {pull.Head}");
    }

    private string Rebase(string target, string head)
    {
        var work = Path.Combine(Git.Bare, "rebase");
        Git.Git("worktree", "add", "--quiet", "--detach", work, head);
        try
        {
            GitCommand.Run(work, "rebase", "--quiet", "--force-rebase", target);
            return GitCommand.Run(work, "rev-parse", "HEAD");
        }
        finally
        {
            Git.Git("worktree", "remove", "--force", work);
        }
    }
}
