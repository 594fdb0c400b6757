namespace QuantaPilot.Core.Ports;

/// <summary>
/// A fault that a forge or an agent foresees. It crosses the engine as data (<see cref="Activities.StepFailure"/>), so
/// that the orchestration decides: a transient one is tried again, any other ends the run with its code.
/// </summary>
public sealed class StepException : Exception
{
    /// <param name="code">One of <see cref="Runs.ErrorCodes"/>.</param>
    /// <param name="message">For the caller: names what is wrong and what would be accepted; holds no secret, path of the host or
    /// stack.</param>
    /// <param name="transient">True if the same step may succeed when it is repeated later.</param>
    /// <param name="inner">What caused it, for the host's own log.</param>
    public StepException(string code, string message, bool transient = false, Exception? inner = null)
        : base(message, inner)
    {
        Code = code;
        IsTransient = transient;
    }

    public string Code { get; }

    public bool IsTransient { get; }

    /// <summary>For a transient fault: how long whoever refused asks to be left alone. Null: the usual backoff.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// For a transient fault: true if the network or what is at its other end is away, which takes longer to pass than a hiccup.
    /// </summary>
    public bool IsOutage { get; init; }

    /// <summary>What was used up before the fault.</summary>
    public Runs.AgentUsage? Usage { get; init; }
}
