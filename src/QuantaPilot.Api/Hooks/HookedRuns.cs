using QuantaPilot.Api.Runs;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Hooks;

/// <summary>The runs that an event of a forge is about: those of its repository that have not ended.</summary>
internal sealed class HookedRuns(IRunStore store, RunSignals signals)
{
    /// <summary>In each status. Where more runs of one repository are under way, the oldest go on by polling.</summary>
    private const int MaxRuns = 100;

    /// <summary>Those in which a run may have a pull request that it waits for.</summary>
    private static readonly RunStatus[] _statuses = [RunStatus.Waiting, RunStatus.Running, RunStatus.Pausing, RunStatus.Paused];

    /// <summary>Tells each run with a pull request that the change is about.</summary>
    /// <returns>How many were told.</returns>
    public async Task<int> TellAsync(string project, GitHubChange change, CancellationToken cancellationToken)
    {
        var told = 0;
        foreach (var run in await ListAsync(project, cancellationToken))
        {
            var open = run.PullRequests.Where(pullRequest => pullRequest.MergeSha is null);
            var about = open.Select(change.About).FirstOrDefault(found => found is not null);
            if (about is not null && await TellAsync(run, about, cancellationToken)) told++;
        }
        return told;
    }

    /// <summary>The run that waits at a gate for votes on a pull request; null if none does.</summary>
    public async Task<RunSnapshot?> FindWaitingAsync(string project, int number, CancellationToken cancellationToken) =>
        (await ListAsync(project, cancellationToken)).FirstOrDefault(run => run.PendingGate?.Review.PullRequest.Number == number);

    private async Task<IReadOnlyList<RunSnapshot>> ListAsync(string project, CancellationToken cancellationToken)
    {
        var runs = new List<RunSnapshot>();
        foreach (var status in _statuses)
            runs.AddRange((await store.ListAsync(new RunQuery(Status: status, Project: project, Limit: MaxRuns), cancellationToken)).Items);
        return runs;
    }

    private async Task<bool> TellAsync(RunSnapshot run, ForgeChange change, CancellationToken cancellationToken)
    {
        try
        {
            return await signals.RaiseAsync(run, new RunSignal(RunSignalKind.ForgeChanged) { ForgeChange = change }, cancellationToken);
        }
        catch (OrchestrationBusyException)
        {
            // It is a hint: a run that takes nothing yet will look by itself.
            return false;
        }
    }
}
