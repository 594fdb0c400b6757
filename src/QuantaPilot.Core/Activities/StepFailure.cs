namespace QuantaPilot.Core.Activities;

/// <summary>A foreseen fault of a step, as data in its result.</summary>
/// <param name="Code">One of <see cref="Runs.ErrorCodes"/>.</param>
/// <param name="Message">For the caller.</param>
/// <param name="Transient">True if the same step may succeed when it is repeated later.</param>
public sealed record StepFailure(string Code, string Message, bool Transient)
{
    /// <summary>At least so long is waited before the next try.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// True if storage or a network is away that was there before, which is waited out for longer than other passing faults. Null else, and
    /// in what earlier versions answered.
    /// </summary>
    public bool? Outage { get; init; }
}
