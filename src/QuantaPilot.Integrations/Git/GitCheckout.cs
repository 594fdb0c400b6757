using System.Text;
using LibGit2Sharp;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Git.Remotes;

namespace QuantaPilot.Integrations.Git;

internal sealed class GitCheckout : ICheckout
{
    private const int MaxTextBytes = 4 * 1024 * 1024;

    private readonly CheckoutRequest _request;
    private readonly Func<CancellationToken, IGitRemote> _open;
    private readonly CommitSigner _signer;
    private readonly TempDirectories _directories;
    private readonly GitWork _work;
    private readonly List<string> _steps;
    private string? _remoteHead;
    private Task _pushing = Task.CompletedTask;

    public GitCheckout(
        string directory,
        CheckoutRequest request,
        CheckoutPoint point,
        string? remoteHead,
        Func<CancellationToken, IGitRemote> open,
        CommitSigner signer,
        TempDirectories directories,
        GitWork work)
    {
        Directory = directory;
        HeadSha = point.Head.Sha;
        BaseSha = point.Base;
        ContinuesWorkBranch = remoteHead is not null;
        _request = request;
        _remoteHead = remoteHead;
        _open = open;
        _signer = signer;
        _directories = directories;
        _work = work;
        _steps = [.. point.Steps];
    }

    public string Directory { get; }

    /// <summary>How many files were checked out.</summary>
    public required int Files { get; init; }

    public string HeadSha { get; private set; }

    public string BaseSha { get; }

    public bool ContinuesWorkBranch { get; }

    public string? ReadText(string path)
    {
        if (path.StartsWith('/') || path.Contains('\\', StringComparison.Ordinal)
            || path.Split('/').Any(segment => segment is ".." or "." or ""))
            throw new StepException(
                ErrorCodes.RepositoryUnsafe,
                "The path leads outside the repository: accepted are relative paths without . and .. segments.");

        using var repository = new Repository(Directory);
        var entry = repository.Lookup<Commit>(HeadSha)[path];
        if (entry?.TargetType != TreeEntryTargetType.Blob || entry.Mode == Mode.SymbolicLink) return null;
        var blob = (Blob)entry.Target;
        return blob.Size <= MaxTextBytes
            ? blob.GetContentText(Encoding.UTF8)
            : throw new StepException(ErrorCodes.RepositoryUnsafe, $"'{path}' is larger than {MaxTextBytes / 1024 / 1024} MiB.");
    }

    public bool HasCommitFor(string step) => _steps.Contains(step, StringComparer.Ordinal);

    public Task<PushedWork> CommitAndPushAsync(string step, string message, CancellationToken cancellationToken)
    {
        if (_request.WorkBranch is null) throw new InvalidOperationException("This checkout has no work branch to push to.");
        if (step.Length == 0 || step.Any(char.IsControl)) throw new ArgumentException("A step is one line of text.", nameof(step));
        var pushing = Task.Factory.StartNew(
            () => CommitAndPush(step, message, cancellationToken),
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        _pushing = pushing;
        return _work.AwaitAsync(pushing, cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        // A push that was cancelled and left to itself still uses it.
        if (_pushing.IsCompleted) _directories.Delete(Directory);
        else _ = _pushing.ContinueWith(_ => _directories.Delete(Directory), TaskScheduler.Default);
        LargeWork.GiveBackMemory(Files);
        return ValueTask.CompletedTask;
    }

    private PushedWork CommitAndPush(string step, string message, CancellationToken cancellationToken)
    {
        using var repository = OpenAfterAgent();
        if (!HasCommitFor(step)) Commit(repository, step, message, cancellationToken);
        var head = repository.Lookup<Commit>(HeadSha);

        using var remote = _open(cancellationToken);
        // The branch may be there already: from an earlier try whose answer was lost on the way.
        if (remote.ListBranches().GetValueOrDefault(_request.WorkBranch!) != HeadSha) Push(repository, head, remote);
        _remoteHead = HeadSha;
        return new PushedWork(HeadSha, HasCommitFor(step) ? ChangesOf(repository, remote, step) : []);
    }

    private void Push(Repository repository, Commit head, IGitRemote remote)
    {
        try
        {
            remote.Push(repository, head, _request.WorkBranch!, _remoteHead);
        }
        catch (StepException e) when (e.Code == ErrorCodes.PushRefused)
        {
            // A refusal and a race look the same from here: where the branch stands now tells them apart.
            if (remote.ListBranches().GetValueOrDefault(_request.WorkBranch!) == _remoteHead) throw;
            // Somebody else was faster, or the remote was still busy with what a killed process had sent: the step goes on from that.
            throw new StepException(e.Code, e.Message, transient: true, e);
        }
    }

    private Repository OpenAfterAgent()
    {
        try
        {
            return new Repository(Directory);
        }
        catch (LibGit2SharpException e)
        {
            throw new StepException(
                ErrorCodes.RepositoryUnsafe, "The step has damaged or removed the .git directory of its checkout.", inner: e);
        }
    }

    private void Commit(Repository repository, string step, string message, CancellationToken cancellationToken)
    {
        var head = repository.Lookup<Commit>(HeadSha);
        var tree = WorkingTree.Write(repository, head.Tree, cancellationToken);
        if (tree.Id == head.Tree.Id) return;

        TreeGuard.Check(tree, ignoreCase: false, cancellationToken);
        var signature = _signer.Now();
        var text = new StepTrailers(_request.WorkBranch!, BaseSha, [.. _steps, step]).AppendTo(message);
        var commit = repository.ObjectDatabase.CreateCommit(signature, signature, text, tree, [head], prettifyMessage: false);
        repository.Refs.Add("refs/heads/" + _request.WorkBranch, commit.Id, allowOverwrite: true);
        HeadSha = commit.Sha;
        _steps.Add(step);
    }

    private List<string> ChangesOf(Repository repository, IGitRemote remote, string step)
    {
        if (FindChanges(repository, step) is { } changes) return changes;

        // The commit was made by an earlier task and lies below what was fetched.
        var directory = _directories.Create();
        try
        {
            remote.Fetch(Repository.Init(directory, isBare: true), [_request.WorkBranch!], depth: null);
            using var whole = new Repository(directory);
            return FindChanges(whole, step) ?? [];
        }
        finally
        {
            _directories.Delete(directory);
        }
    }

    /// <returns>Null if the history at hand ends before the commit that was made for the step.</returns>
    private List<string>? FindChanges(Repository repository, string step)
    {
        // Later commits repeat the steps of earlier ones: the oldest that names it was made for it.
        bool Names(Commit commit) => StepTrailers.Find(commit.Message, _request.WorkBranch!)?.Steps.Contains(step) == true;
        for (var commit = repository.Lookup<Commit>(HeadSha); commit?.Parents.FirstOrDefault() is { } parent; commit = parent)
        {
            if (Names(commit) && !Names(parent)) return WorkingTree.Differences(repository, parent.Tree, commit.Tree);
        }
        return null;
    }
}
