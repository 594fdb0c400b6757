using QuantaPilot.Core.Admission;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Activities;

/// <param name="RunId">The run.</param>
/// <param name="Events">Events that may not have been recorded yet, in order.</param>
/// <param name="Key">What it counts for.</param>
/// <param name="Ticket">Which of the run's requests this is, from 1.</param>
public sealed record TakeSlotInput(RunId RunId, IReadOnlyList<RunEvent> Events, AdmissionKey Key, int Ticket)
    : ActivityInput(RunId, Events);

/// <param name="Admitted">False if the run waits: a signal tells it when it is admitted.</param>
public sealed record SlotAnswer(bool Admitted);

/// <param name="RunId">The run.</param>
/// <param name="Events">Events that may not have been recorded yet, in order.</param>
/// <param name="Ticket">The request whose slot, or place in the queue, is given back; null if the run has ended.</param>
public sealed record GiveBackSlotInput(RunId RunId, IReadOnlyList<RunEvent> Events, int? Ticket) : ActivityInput(RunId, Events);

/// <summary>What runs do about their slots, where there are limits. As everywhere, their events are recorded first.</summary>
public sealed class AdmissionActivities(RunActivities recorder, Admissions admissions)
{
    public async Task<StepResult<SlotAnswer>> TakeSlotAsync(TakeSlotInput input, CancellationToken stopping)
    {
        var recorded = await recorder.RecordEventsAsync(input, stopping);
        var admitted = await admissions.TakeAsync(input.RunId, input.Key, input.Ticket, stopping);
        return new StepResult<SlotAnswer>(new SlotAnswer(admitted), null) { CommentFailure = recorded.CommentFailure };
    }

    public async Task<StepResult<Done>> GiveBackSlotAsync(GiveBackSlotInput input, CancellationToken stopping)
    {
        var recorded = await recorder.RecordEventsAsync(input, stopping);
        await (input.Ticket is { } ticket
            ? admissions.GiveBackAsync(input.RunId, ticket, stopping)
            : admissions.LeaveAsync(input.RunId, stopping));
        return recorded;
    }
}
