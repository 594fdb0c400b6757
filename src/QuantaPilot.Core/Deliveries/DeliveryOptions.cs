namespace QuantaPilot.Core.Deliveries;

/// <summary>Settings of event delivery.</summary>
public sealed record DeliveryOptions
{
    /// <summary>How long a run may be held up by a sink: the time limit of the one attempt that is made at once. Default 3 s.</summary>
    public TimeSpan DirectLimit { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// The time limit of each later attempt. Default 40 s, which is more than webhooks take for several events of a run
    /// whatever their receiver does: so those that have arrived are known to have.
    /// </summary>
    public TimeSpan AttemptLimit { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>
    /// How long a sink that failed gets no attempt at once; it doubles with each further failure, up to
    /// <see cref="LongestPause"/>. Default 30 s.
    /// </summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Default 5 min.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(5);
}
