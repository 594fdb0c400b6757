namespace QuantaPilot.Core.Admission;

/// <summary>
/// How many runs work at the same time. A run works from its start to its end, except while it waits at a gate or is paused: then others
/// may. Runs over the limits are <c>queued</c>. 0 sets no limit.
/// </summary>
public sealed record ConcurrencyLimits
{
    /// <summary>The most that a setting can be.</summary>
    public const int Most = 10_000;

    /// <summary>Runs of the whole host.</summary>
    public int Running { get; init; }

    /// <summary>Runs of one project.</summary>
    public int RunningPerProject { get; init; }

    /// <summary>
    /// Runs that have begun and not ended on one branch of one project. Those at gates and paused ones count too, so that with 1 each run
    /// has the branch to itself.
    /// </summary>
    public int RunningPerBranch { get; init; }

    /// <summary>True if there is any.</summary>
    public bool Any => Running > 0 || RunningPerProject > 0 || RunningPerBranch > 0;
}
