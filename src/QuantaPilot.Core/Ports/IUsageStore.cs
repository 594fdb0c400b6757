using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Ports;

/// <summary>What the runs of each project used up on each day (UTC). Every write is durable when it returns.</summary>
public interface IUsageStore
{
    /// <summary>Adds what was used up. Idempotent by run and revision: a repeat adds nothing.</summary>
    /// <param name="project">The canonical name of the repository.</param>
    /// <param name="day">The day (UTC) on which it was used up.</param>
    /// <param name="runId">The run.</param>
    /// <param name="revision">The revision of the event that says so.</param>
    /// <param name="usage">How much; money is kept in millionths of a dollar.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task AddAsync(string project, DateOnly day, RunId runId, long revision, AgentUsage usage, CancellationToken cancellationToken);

    /// <summary>All that the runs of a project used up on a day.</summary>
    Task<AgentUsage> SumAsync(string project, DateOnly day, CancellationToken cancellationToken);

    /// <summary>Removes what was used up before a day. Idempotent; a repeat after a crash removes what is left.</summary>
    Task RemoveBeforeAsync(DateOnly day, CancellationToken cancellationToken);
}
