using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Orchestrations;

/// <summary>
/// What the run used up, against what it may. Time is that of the orchestration's clock while the run works: it stands still at
/// gates and in pauses, which may take days without anybody's doing.
/// </summary>
internal sealed class RunMeter(IOrchestrationContext context, Action<RunEvent> record)
{
    private readonly HashSet<LimitName> _warned = [];
    private bool _isOn;
    private RunLimits _limits = RunLimits.None;
    private RunUsage _used = RunUsage.None;

    /// <summary>The time that was worked up to <see cref="_since"/>.</summary>
    private TimeSpan _worked;
    private DateTimeOffset? _since;
    private int _stops;

    /// <summary>When the run will have worked for as long as it may; null if it may for ever or already has.</summary>
    public DateTimeOffset? DurationEndsAt => _isOn && _limits.Duration > Worked ? context.UtcNow + (_limits.Duration - Worked) : null;

    private TimeSpan Worked => _stops > 0 || _since is null ? _worked : _worked + (context.UtcNow - _since.Value);

    /// <summary>The run begins to work.</summary>
    public void StartClock() => _since = context.UtcNow;

    /// <summary>Time stands still until what is returned is disposed of.</summary>
    public IDisposable StopClock()
    {
        _worked = Worked;
        _stops++;
        return new StoppedClock(this);
    }

    /// <summary>Keeps account from now on; not to be called for runs that began without it.</summary>
    /// <param name="limits">What quantapilot.yml says; null for no limit.</param>
    public void TurnOn(LimitsDefinition? limits)
    {
        _isOn = true;
        Set(limits is null ? RunLimits.None : new RunLimits(limits.Tokens, limits.Usd, limits.Duration));
    }

    /// <summary>A try of a step has ended.</summary>
    /// <param name="step">The step; null if nothing but time has passed.</param>
    /// <param name="usage">What agents used up in it, if they did.</param>
    public void Add(string? step, AgentUsage? usage)
    {
        if (!_isOn) return;
        var used = usage ?? AgentUsage.None;
        _used = _used.After(used, Worked.TotalSeconds);
        record(new UsageAdded(step, used, _used.Seconds));
        foreach (var limit in _limits.NearedBy(_used).Where(_warned.Add)) record(new LimitNeared(limit));
    }

    /// <summary>New values for limits, for those that are given.</summary>
    public void Raise(LimitsRaise limits)
    {
        if (!_isOn) return;
        Set(limits.ApplyTo(_limits));
        // What is near its new limit again will be said again.
        _warned.IntersectWith(_limits.NearedBy(_used));
    }

    /// <summary>Why the run must pause; null while it is within its limits. What it shows is then brought up to date.</summary>
    public string? FindExcess()
    {
        if (!_isOn || _limits.FindExcess(_used with { Seconds = Worked.TotalSeconds }) is not { } excess) return null;
        if (_used.Seconds != Worked.TotalSeconds) Add(null, null);
        return excess;
    }

    private void Set(RunLimits limits)
    {
        _limits = limits;
        record(new LimitsSet(limits));
    }

    private void GoOn()
    {
        if (--_stops == 0 && _since is not null) _since = context.UtcNow;
    }

    private sealed class StoppedClock(RunMeter meter) : IDisposable
    {
        public void Dispose() => meter.GoOn();
    }
}
