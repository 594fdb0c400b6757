using System.Collections.Concurrent;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Testing;

/// <summary>What was used up per day and project, in memory.</summary>
public sealed class InMemoryUsageStore : IUsageStore
{
    private readonly ConcurrentDictionary<(string Project, DateOnly Day, RunId RunId, long Revision), AgentUsage> _added = [];

    public Task AddAsync(string project, DateOnly day, RunId runId, long revision, AgentUsage usage, CancellationToken cancellationToken)
    {
        _added.TryAdd((project, day, runId, revision), usage);
        return Task.CompletedTask;
    }

    public Task<AgentUsage> SumAsync(string project, DateOnly day, CancellationToken cancellationToken) => Task.FromResult(
        _added.Where(entry => entry.Key.Project == project && entry.Key.Day == day)
            .Aggregate(AgentUsage.None, (sum, entry) => sum + entry.Value));

    public Task RemoveBeforeAsync(DateOnly day, CancellationToken cancellationToken)
    {
        foreach (var key in _added.Keys.Where(key => key.Day < day)) _added.TryRemove(key, out _);
        return Task.CompletedTask;
    }
}
