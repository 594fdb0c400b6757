using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Core.Deliveries;

/// <summary>Makes one attempt at a sink within a time limit, and tells the sink's circuit how it went.</summary>
public sealed class SinkSender(SinkCircuits circuits, TimeProvider time, ILogger<SinkSender> logger)
{
    /// <returns>One answer per event, in their order.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> was cancelled.</exception>
    public async Task<IReadOnlyList<SinkAnswer>> SendAsync(
        IEventSink sink, IReadOnlyList<OutgoingEvent> events, TimeSpan limit, CancellationToken stopping)
    {
        var answers = await TrySendAsync(sink, events, limit, stopping);
        if (answers.FirstOrDefault(answer => answer.Verdict == SinkVerdict.FailedTransiently) is { } failure)
        {
            if (circuits.Failed(sink.Name, answers.Max(answer => answer.RetryAfter)))
                Logs.SinkFails(logger, sink.Name, failure.Code, failure.HttpStatus);
        }
        else if (circuits.Succeeded(sink.Name))
        {
            Logs.SinkAnswersAgain(logger, sink.Name);
        }
        return answers;
    }

    private async Task<IReadOnlyList<SinkAnswer>> TrySendAsync(
        IEventSink sink, IReadOnlyList<OutgoingEvent> events, TimeSpan limit, CancellationToken stopping)
    {
        using var timeout = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, timeout.Token);
        try
        {
            // The wait of our own is for sinks whose libraries don't heed the token in all they do.
            var answers = await sink.SendAsync(events, either.Token).WaitAsync(either.Token);
            if (answers.Count == events.Count) return answers;
            throw new InvalidOperationException($"The sink {sink.Name} gave {answers.Count} answers for {events.Count} events.");
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return ForAll(events, SinkAnswer.FailedTransiently(DeliveryCodes.TimedOut));
        }
#pragma warning disable CA1031 // A bug in one sink must neither end the run nor keep its events from the other sinks.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            Logs.SinkThrew(logger, e, sink.Name);
            return ForAll(events, SinkAnswer.FailedTransiently(DeliveryCodes.InternalError));
        }
    }

    private static SinkAnswer[] ForAll(IReadOnlyList<OutgoingEvent> events, SinkAnswer answer) => [.. events.Select(_ => answer)];
}
