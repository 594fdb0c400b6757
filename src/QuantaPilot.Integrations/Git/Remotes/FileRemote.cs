using LibGit2Sharp;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Git.Remotes;

/// <summary>
/// A repository in a directory of this machine. libgit2's own transport for these copies every branch with its whole
/// history, can't write to repositories with a working directory and overwrites a branch that moved meanwhile. So the
/// directory is used itself: its objects are read through alternates (nothing is copied or linked), a push adds one pack
/// of the new objects and then moves the branch under git's own lock.
/// </summary>
internal sealed class FileRemote : IGitRemote
{
    private readonly RepositoryUrl _url;
    private readonly Repository _remote;
    private readonly string _tempRoot;
    private readonly IStepProgress _progress;
    private readonly CancellationToken _cancellationToken;

    private FileRemote(RepositoryUrl url, Repository remote, string tempRoot, IStepProgress progress, CancellationToken cancellationToken)
    {
        _url = url;
        _remote = remote;
        _tempRoot = tempRoot;
        _progress = progress;
        _cancellationToken = cancellationToken;
    }

    public bool HasWholeHistory => true;

    public static FileRemote Open(RepositoryUrl url, string tempRoot, IStepProgress progress, CancellationToken cancellationToken)
    {
        var path = Uri.UnescapeDataString(OperatingSystem.IsWindows() ? url.Path.TrimStart('/') : url.Path);
        if (!Directory.Exists(path) && Directory.Exists(path + ".git")) path += ".git";
        try
        {
            // A .git file names a directory anywhere on the machine, also one that the policy does not allow.
            if (File.Exists(Path.Combine(path, ".git")))
            {
                throw new StepException(ErrorCodes.RepositoryNotAllowed,
                    $"{url} is a linked working tree or a submodule: use the URL of the repository that it belongs to.");
            }
            return new FileRemote(url, new Repository(path), tempRoot, progress, cancellationToken);
        }
        catch (RepositoryNotFoundException e)
        {
            throw RemoteFaults.NotFound(url, e);
        }
        catch (LibGit2SharpException e)
        {
            throw RemoteFaults.Damaged(url, e);
        }
    }

    public IReadOnlyDictionary<string, string> ListBranches() => Read(() =>
    {
        var branches = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var reference in _remote.Refs.FromGlob("refs/heads/*"))
        {
            var target = reference.ResolveToDirectReference()?.TargetIdentifier;
            if (target is not null) branches[reference.CanonicalName["refs/heads/".Length..]] = target;
        }
        return branches;
    });

    public void Fetch(string gitDirectory, IReadOnlyCollection<string> branches, int? depth) => Read(() =>
    {
        var objects = Path.Combine(_remote.Info.Path, "objects");
        if (objects.AsSpan().ContainsAny('\n', '\r'))
            throw new StepException(ErrorCodes.RepositoryUnsafe, "The path of the repository contains a line break.");
        var info = Directory.CreateDirectory(Path.Combine(gitDirectory, "objects", "info"));
        File.WriteAllText(Path.Combine(info.FullName, "alternates"), objects + "\n");

        using var repository = new Repository(gitDirectory);
        var present = ListBranches();
        foreach (var branch in branches)
        {
            if (!present.TryGetValue(branch, out var sha)) throw RemoteFaults.BranchNotFound(_url, branch);
            repository.Refs.Add("refs/remotes/origin/" + branch, new ObjectId(sha));
        }
        return true;
    });

    public void Push(Repository repository, Commit commit, string branch, string? expected)
    {
        if (expected == commit.Sha) return;
        FilePushRules.Check(_url, _remote, branch);
        CheckFastForward(repository, commit, branch, expected);
        try
        {
            WriteNewObjects(repository, commit);
            _cancellationToken.ThrowIfCancellationRequested();
            FileReference.Move(_remote, _url, branch, expected, commit.Sha, _tempRoot, _cancellationToken);
        }
        catch (UnauthorizedAccessException)
        {
            throw RemoteFaults.PushRefused(_url, branch, "its directory is not writable for this host.");
        }
    }

    public void Dispose() => _remote.Dispose();

    private void CheckFastForward(Repository repository, Commit commit, string branch, string? expected)
    {
        if (expected is null) return;
        var known = repository.Lookup<Commit>(expected);
        if (known is null || repository.ObjectDatabase.FindMergeBase(known, commit)?.Sha != expected)
            throw RemoteFaults.NonFastForward(_url, branch);
    }

    private void WriteNewObjects(Repository repository, Commit commit)
    {
        var packs = Path.Combine(_remote.Info.Path, "objects", "pack");
        var fresh = new HashSet<ObjectId>();
        CollectNew(commit, fresh);
        if (fresh.Count == 0) return;

        var before = Directory.Exists(packs) ? Directory.GetFiles(packs).ToHashSet(StringComparer.Ordinal) : [];
        Directory.CreateDirectory(packs);
        repository.ObjectDatabase.Pack(new PackBuilderOptions(packs), pack =>
        {
            var added = 0;
            foreach (var id in fresh)
            {
                _cancellationToken.ThrowIfCancellationRequested();
                pack.Add(id);
                _progress.Report(ProgressKind.PushingObjects, ++added, fresh.Count);
            }
        });
        // The branch may only name objects that outlast a power cut.
        foreach (var file in Directory.GetFiles(packs).Where(file => !before.Contains(file) && Path.GetExtension(file) is ".pack" or ".idx"))
        {
            using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Read);
            RandomAccess.FlushToDisk(handle);
        }
    }

    private void CollectNew(Commit head, HashSet<ObjectId> fresh)
    {
        var commits = new Stack<Commit>([head]);
        while (commits.TryPop(out var commit))
        {
            if (_remote.ObjectDatabase.Contains(commit.Id) || !fresh.Add(commit.Id)) continue;
            CollectNew(commit.Tree, fresh);
            foreach (var parent in commit.Parents) commits.Push(parent);
        }
    }

    private void CollectNew(Tree root, HashSet<ObjectId> fresh)
    {
        var trees = new Stack<Tree>([root]);
        while (trees.TryPop(out var tree))
        {
            _cancellationToken.ThrowIfCancellationRequested();
            if (_remote.ObjectDatabase.Contains(tree.Id) || !fresh.Add(tree.Id)) continue;
            foreach (var entry in tree)
            {
                if (entry.TargetType == TreeEntryTargetType.Tree) trees.Push((Tree)entry.Target);
                else if (entry.TargetType == TreeEntryTargetType.Blob && !_remote.ObjectDatabase.Contains(entry.Target.Id)) fresh.Add(entry.Target.Id);
            }
        }
    }

    private T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (LibGit2SharpException e)
        {
            throw RemoteFaults.Damaged(_url, e);
        }
    }
}
