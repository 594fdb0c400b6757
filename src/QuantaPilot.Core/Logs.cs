using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core;

/// <summary>Log messages of activities. Orchestrations don't log: they replay.</summary>
internal static partial class Logs
{
    [LoggerMessage(1000, LogLevel.Warning, "Sink {Sink} takes no events ({Code}, HTTP {HttpStatus}); they are kept and sent again later.")]
    public static partial void SinkFails(ILogger logger, string sink, string code, int? httpStatus);

    [LoggerMessage(1001, LogLevel.Information, "Sink {Sink} takes events again.")]
    public static partial void SinkAnswersAgain(ILogger logger, string sink);

    [LoggerMessage(1002, LogLevel.Error, "Sink {Sink} threw; its events are kept and sent again later.")]
    public static partial void SinkThrew(ILogger logger, Exception exception, string sink);

    [LoggerMessage(1003, LogLevel.Warning, "Event {Sequence} of run {RunId} is dead-lettered for sink {Sink}: {Code}.")]
    public static partial void DeadLettered(ILogger logger, long sequence, RunId runId, string sink, string code);

    [LoggerMessage(1010, LogLevel.Warning, "The result of a gate of run {RunId} could not be commented on its pull request: {Code}.")]
    public static partial void NotCommented(ILogger logger, RunId runId, string code);

    [LoggerMessage(1011, LogLevel.Warning, "The work branch of pull request {Number} of run {RunId} could not be deleted: {Code}.")]
    public static partial void BranchNotDeleted(ILogger logger, RunId runId, int number, string code);

    [LoggerMessage(1013, LogLevel.Warning, "Pull request {Number} of run {RunId}, whose work was done anew, could not be closed: {Code}.")]
    public static partial void NotClosed(ILogger logger, RunId runId, int number, string code);

    [LoggerMessage(1012, LogLevel.Error, "Storage or network is away in a step of run {RunId}; it is tried again.")]
    public static partial void StepMeetsOutage(ILogger logger, Exception exception, RunId runId);

    [LoggerMessage(1020, LogLevel.Information, "{Count} runs that no longer go on gave up their slots or places in the queue.")]
    public static partial void SlotsRecovered(ILogger logger, int count);

    public static void IfDeadLettered(ILogger logger, Delivery delivery)
    {
        if (delivery.Status == DeliveryStatus.DeadLettered)
            DeadLettered(logger, delivery.Sequence, delivery.RunId, delivery.Sink, delivery.Attempts[^1].Code);
    }
}
