using System.Globalization;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Limits;

/// <summary>
/// Keeps what the runs of each project use up in a day (UTC), and holds those back whose project is over a limit of the host.
/// </summary>
public sealed class DailyBudget
{
    /// <summary>Only the present day counts; the one before is kept for events that are late.</summary>
    private const int DaysKept = 2;

    private readonly IReadOnlyList<(RepositoryPolicy Projects, RunLimits Limits)> _limits;
    private readonly IUsageStore _store;
    private readonly TimeProvider _time;
    private DateOnly _swept;

    /// <exception cref="FormatException">A glob of the limits could never match.</exception>
    public DailyBudget(IReadOnlyList<DailyLimit> limits, IUsageStore store, TimeProvider time)
    {
        _limits = [.. limits.Select(limit => (new RepositoryPolicy([limit.Projects]), new RunLimits(limit.Tokens, limit.Usd)))];
        _store = store;
        _time = time;
    }

    /// <summary>Keeps what these events say was used up, if the host has limits. May be repeated.</summary>
    public async Task AddAsync(RunSnapshot run, IReadOnlyList<RunEvent> events, CancellationToken cancellationToken)
    {
        // Nobody would ask for it, and it is one more write for each try.
        if (_limits.Count == 0) return;
        foreach (var e in events.OfType<UsageAdded>().Where(e => e.Usage.Tokens > 0 || e.Usage.Usd > 0))
        {
            await _store.AddAsync(run.Project, Day(e.At), run.RunId, e.Revision, e.Usage, cancellationToken);
        }
    }

    /// <summary>To be asked before an agent works that costs something.</summary>
    /// <returns>Why it must not work now, and until when; null if it may.</returns>
    public async Task<StepHold?> FindHoldAsync(string repoUrl, CancellationToken cancellationToken)
    {
        if (!RepositoryUrl.TryParse(repoUrl, out var url, out _)) return null;
        var limits = _limits.Where(limit => limit.Projects.Allows(url)).Select(limit => limit.Limits).ToList();
        if (limits.Count == 0) return null;

        var today = Day(_time.GetUtcNow());
        await SweepAsync(today, cancellationToken);
        var sum = await _store.SumAsync(url.Project, today, cancellationToken);
        var used = new RunUsage(sum.Tokens, sum.Usd, sum.Seconds);
        if (limits.Select(limit => limit.FindExcess(used)).FirstOrDefault(found => found is not null) is not { } excess) return null;
        var reason = string.Create(CultureInfo.InvariantCulture, $"daily {excess} by runs of this project on {today:yyyy-MM-dd} (UTC)");
        return new StepHold(reason, new DateTimeOffset(today.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero));
    }

    private async Task SweepAsync(DateOnly today, CancellationToken cancellationToken)
    {
        if (_swept == today) return;
        await _store.RemoveBeforeAsync(today.AddDays(1 - DaysKept), cancellationToken);
        _swept = today;
    }

    private static DateOnly Day(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);
}
