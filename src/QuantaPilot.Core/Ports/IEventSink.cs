using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Deliveries;

namespace QuantaPilot.Core.Ports;

/// <summary>A destination of events outside: an Event Grid topic, say.</summary>
public interface IEventSink
{
    /// <summary>Unique on the host (<see cref="SinkName"/>). It is in the ids of deliveries and orchestrations: keep it.</summary>
    string Name { get; }

    /// <summary>True if the sink is to get the event. Asked for every event of every run: decide in memory.</summary>
    bool Takes(CloudEvent e);

    /// <summary>
    /// Sends events of one run, in the order of their sequence numbers, once: repeating is not the sink's business. Faults
    /// are answers.
    /// </summary>
    /// <param name="events">At least one.</param>
    /// <param name="cancellationToken">Ends the attempt; heed it soon.</param>
    /// <returns>One answer per event, in their order.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled; any of the events may have arrived.</exception>
    Task<IReadOnlyList<SinkAnswer>> SendAsync(IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken);
}

/// <summary>Sinks of one kind.</summary>
public interface IEventSinkSource
{
    /// <summary>The sinks that there are now. Called for every hand-over: answer from memory.</summary>
    ValueTask<IReadOnlyList<IEventSink>> ListAsync(CancellationToken cancellationToken);
}

/// <summary>An event on its way out.</summary>
/// <param name="Sequence">Its place in the log of its run.</param>
/// <param name="Json">The CloudEvents object (<see cref="CloudEvent"/>) as the log holds it, UTF-8 on one line.</param>
public sealed record OutgoingEvent(long Sequence, ReadOnlyMemory<byte> Json);

/// <summary>What became of one event in one attempt.</summary>
/// <param name="Verdict">Whether it arrived, and if not, whether to try again.</param>
/// <param name="Code">One of <see cref="DeliveryCodes"/>.</param>
/// <param name="HttpStatus">What the destination answered, if it did.</param>
/// <param name="RetryAfter">How long the destination asks to be left alone, counted from now.</param>
public sealed record SinkAnswer(SinkVerdict Verdict, string Code, int? HttpStatus = null, TimeSpan? RetryAfter = null)
{
    public static SinkAnswer Delivered(int? httpStatus = null) => new(SinkVerdict.Delivered, DeliveryCodes.Delivered, httpStatus);

    public static SinkAnswer FailedTransiently(string code, int? httpStatus = null, TimeSpan? retryAfter = null) =>
        new(SinkVerdict.FailedTransiently, code, httpStatus, retryAfter);

    public static SinkAnswer Refused(string code, int? httpStatus = null) => new(SinkVerdict.Refused, code, httpStatus);
}

public enum SinkVerdict
{
    /// <summary>The destination has it.</summary>
    Delivered,

    /// <summary>The same event may arrive when it is sent again later.</summary>
    FailedTransiently,

    /// <summary>The destination will never take it.</summary>
    Refused,
}
