using LibGit2Sharp;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Git.Remotes;

/// <summary>A repository behind git's smart HTTP protocol.</summary>
internal sealed class HttpRemote(HttpSession session, CancellationToken cancellationToken) : IGitRemote
{
    // libgit2's GIT_FETCH_DEPTH_FULL.
    private const int FullDepth = 0;

    public bool HasWholeHistory => false;

    private RepositoryUrl Url => session.RequestedUrl;

    public IReadOnlyDictionary<string, string> ListBranches() => Run(() =>
    {
        const string Heads = "refs/heads/";
        return Repository.ListRemoteReferences(session.Url)
            .Where(reference => reference.CanonicalName.StartsWith(Heads, StringComparison.Ordinal))
            .ToDictionary(reference => reference.CanonicalName[Heads.Length..], reference => reference.TargetIdentifier, StringComparer.Ordinal);
    });

    public void Attach(string gitDirectory)
    {
        // Objects come over the network.
    }

    public void Fetch(Repository repository, IReadOnlyCollection<string> branches, int? depth) => Run(() =>
    {
        var options = new FetchOptions
        {
            Depth = depth ?? FullDepth,
            TagFetchMode = TagFetchMode.None,
            Prune = false,
            OnTransferProgress = _ => !cancellationToken.IsCancellationRequested,
        };
        var refspecs = branches.Select(branch => $"+{RemoteFaults.ReferenceName(Url, branch)}:refs/remotes/origin/{branch}").ToList();
        try
        {
            repository.Network.Fetch(session.Url, refspecs, options);
        }
        catch (LibGit2SharpException e) when (options.Depth != FullDepth && session.Fault is null
            && e.Message.Contains("doesn't support shallow", StringComparison.Ordinal))
        {
            options.Depth = FullDepth;
            repository.Network.Fetch(session.Url, refspecs, options);
        }
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
            OnPushTransferProgress = (_, _, _) => !cancellationToken.IsCancellationRequested,
            OnPackBuilderProgress = (_, _, _) => !cancellationToken.IsCancellationRequested,
            // The branch as the remote lists it now; the remote itself compares once more when it moves it.
            OnNegotiationCompletedBeforePush = updates => updates.All(update => Zero(update.DestinationObjectId) == expected),
        };
        session.Words.Clear();
        Run(() =>
        {
            const string Source = "refs/quantapilot/push";
            repository.Refs.Add(Source, commit.Id, allowOverwrite: true);
            repository.Network.Remotes.Remove("origin");
            var remote = repository.Network.Remotes.Add("origin", session.Url);
            try
            {
                repository.Network.Push(remote, $"{Source}:{name}", options);
            }
            catch (NonFastForwardException)
            {
                throw RemoteFaults.NonFastForward(Url, branch);
            }
            catch (UserCancelledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw RemoteFaults.NonFastForward(Url, branch);
            }
            finally
            {
                repository.Network.Remotes.Remove("origin");
                repository.Refs.Remove(Source);
            }
            return true;
        });
        if (refusal is not null) throw RemoteFaults.PushRefused(Url, branch, session.Redact($"{refusal}\n{session.Words}"));
    }

    public void Dispose() => session.Dispose();

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
