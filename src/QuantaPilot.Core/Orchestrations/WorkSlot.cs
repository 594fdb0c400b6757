using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Orchestrations;

/// <summary>
/// The right to work, where the host has limits: taken before a step, given back while the run waits at a gate or is paused. Where it has
/// none, nothing of this happens.
/// </summary>
internal sealed class WorkSlot(RunSession run)
{
    private int _ticket;
    private bool _held;

    /// <summary>
    /// Waits for a slot, unless the run has one. Meanwhile it can be paused, which takes it out of the queue, and cancelled.
    /// </summary>
    /// <exception cref="RunEndedException">The run was cancelled.</exception>
    public async Task TakeAsync()
    {
        while (run.Admission is { } key && !_held)
        {
            var ticket = ++_ticket;
            var answer = await run.FlushWithAsync<TakeSlotInput, SlotAnswer>(
                ActivityNames.TakeSlot, events => new TakeSlotInput(run.Id, events, key, ticket));
            _held = answer.Admitted || await QueueAsync(ticket);
        }
    }

    /// <summary>Gives the slot, or the place in the queue, to others, and brings what was recorded to the store.</summary>
    public async Task GiveBackAsync()
    {
        if (run.Admission is null || _ticket == 0)
        {
            await run.FlushAsync();
            return;
        }
        _held = false;
        await LeaveAsync(_ticket);
    }

    /// <summary>The run has ended: its slot is free, and its last events are brought to the store.</summary>
    public Task LeaveAsync() => run.Admission is null ? run.FlushAsync() : LeaveAsync(null);

    private Task<Done> LeaveAsync(int? ticket) => run.FlushWithAsync<GiveBackSlotInput, Done>(
        ActivityNames.GiveBackSlot, events => new GiveBackSlotInput(run.Id, events, ticket));

    /// <returns>False if the run was paused meanwhile, and has to ask again.</returns>
    private async Task<bool> QueueAsync(int ticket)
    {
        run.Record(new RunQueued());
        await run.FlushAsync();
        // The run does not work meanwhile.
        using var stopped = run.Meter.StopClock();
        while (true)
        {
            await run.TakeArrivedAsync();
            run.ThrowIfCancelled();
            if (run.Inbox.PauseReason is not null)
            {
                await run.PauseIfAskedAsync();
                return false;
            }
            if (run.Inbox.AdmittedTicket >= ticket) return true;
            await run.Inbox.Next;
        }
    }
}
