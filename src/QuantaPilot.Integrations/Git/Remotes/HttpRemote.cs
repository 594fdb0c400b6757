using LibGit2Sharp;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Git.Remotes;

/// <summary>A repository behind git's smart HTTP protocol.</summary>
internal sealed class HttpRemote(HttpSession session, IStepProgress progress, CancellationToken cancellationToken) : IGitRemote
{
    public bool HasWholeHistory => false;

    private RepositoryUrl Url => session.RequestedUrl;

    public IReadOnlyDictionary<string, string> ListBranches() => Run(() =>
    {
        const string Heads = "refs/heads/";
        return Repository.ListRemoteReferences(session.Url)
            .Where(reference => reference.CanonicalName.StartsWith(Heads, StringComparison.Ordinal))
            .ToDictionary(
                reference => reference.CanonicalName[Heads.Length..], reference => reference.TargetIdentifier, StringComparer.Ordinal);
    });

    public void Fetch(string gitDirectory, IReadOnlyCollection<string> branches, int? depth) => Run(() =>
    {
        using var repository = new Repository(gitDirectory);
        var options = new FetchOptions
        {
            TagFetchMode = TagFetchMode.None,
            Prune = false,
            OnTransferProgress = transfer =>
            {
                progress.Report(ProgressKind.ReceivingObjects, transfer.ReceivedObjects, transfer.TotalObjects);
                return !cancellationToken.IsCancellationRequested;
            },
        };
        var refspecs = branches.Select(branch => $"+{RemoteFaults.ReferenceName(Url, branch)}:refs/remotes/origin/{branch}").ToList();
        session.Depth = depth;
        session.Boundary = [];
        WithRemote(repository, remote => Commands.Fetch(repository, remote.Name, refspecs, options, null));
        if (session.Boundary.Count > 0) File.WriteAllLines(Path.Combine(gitDirectory, "shallow"), session.Boundary);
        foreach (var branch in branches)
        {
            if (repository.Refs["refs/remotes/origin/" + branch] is null) throw RemoteFaults.BranchNotFound(Url, branch);
        }
        return true;
    });

    public void Push(Repository repository, Commit commit, string branch, string? expected)
    {
        if (expected == commit.Sha) return;
        var name = RemoteFaults.ReferenceName(Url, branch);
        var refusal = (string?)null;
        var options = new PushOptions
        {
            OnPushStatusError = error => refusal = error.Message,
            OnPushTransferProgress = (sent, total, _) =>
            {
                progress.Report(ProgressKind.PushingObjects, sent, total);
                return !cancellationToken.IsCancellationRequested;
            },
            OnPackBuilderProgress = (_, _, _) => !cancellationToken.IsCancellationRequested,
            // The branch as the remote lists it now; the remote itself compares once more when it moves it.
            OnNegotiationCompletedBeforePush = updates => updates.All(update => Zero(update.SourceObjectId) == expected),
        };
        session.Words.Clear();
        Run(() =>
        {
            const string Source = "refs/quantapilot/push";
            repository.Refs.Add(Source, commit.Id, allowOverwrite: true);
            try
            {
                WithRemote(repository, remote => repository.Network.Push(remote, $"{Source}:{name}", options));
            }
            catch (NonFastForwardException)
            {
                throw RemoteFaults.NonFastForward(Url, branch);
            }
            catch (UserCancelledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw RemoteFaults.NonFastForward(Url, branch);
            }
            return true;
        });
        if (refusal is not null) throw RemoteFaults.PushRefused(Url, branch, session.Redact($"{refusal}\n{session.Words}"));
    }

    public void Dispose() => session.Dispose();

    /// <summary>The remote is there during the transfer only: its URL means nothing to anybody else.</summary>
    private void WithRemote(Repository repository, Action<Remote> work)
    {
        const string Name = "quantapilot";
        if (repository.Network.Remotes[Name] is not null) repository.Network.Remotes.Remove(Name);
        using var remote = repository.Network.Remotes.Add(Name, session.Url);
        try
        {
            work(remote);
        }
        finally
        {
            repository.Network.Remotes.Remove(Name);
        }
    }

    private static string? Zero(ObjectId id) => id.Sha.Trim('0').Length == 0 ? null : id.Sha;

    private T Run<T>(Func<T> work)
    {
        session.Fault = null;
        try
        {
            return work();
        }
        catch (LibGit2SharpException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (LibGit2SharpException) when (session.Fault is StepException fault)
        {
            throw new StepException(fault.Code, fault.Message, fault.IsTransient, fault);
        }
        catch (LibGit2SharpException e)
        {
            throw RemoteFaults.Unreachable(Url, "its answer is not complete or not valid", session.Fault ?? e);
        }
    }
}
