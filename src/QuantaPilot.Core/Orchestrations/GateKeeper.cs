using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Orchestrations;

/// <summary>What is asked at a gate.</summary>
internal sealed record GateQuestion(string Name, GateDefinition Definition, string Description);

/// <summary>How a wait at a gate ended: with a decision, or with a push to what was to be decided about.</summary>
internal sealed record GateEnd(GateDecision? Decision, string? MovedTo);

/// <summary>
/// Waits at gates. The store decides what a vote brings about, and whether a decision or the time-out came first; the
/// orchestration waits, is told, and records.
/// </summary>
internal sealed class GateKeeper(IOrchestrationContext context, RunSession run)
{
    private int _requests;

    /// <summary>Asks until the gate is approved, or until somebody has pushed to what is reviewed.</summary>
    /// <returns>Null once it is approved; else the head that is to be reviewed instead, for which it must be asked anew.</returns>
    /// <exception cref="WorkRefusedException">It was rejected, and rejected work is to be done anew.</exception>
    /// <exception cref="RunEndedException">It was rejected, it timed out and is to reject then, or the run was cancelled.</exception>
    public async Task<string?> PassAsync(GateQuestion question, GateReview review)
    {
        GateEnd? end = null;
        while (end is null) end = await AskAsync(question, review);
        if (end.Decision is not { } decision) return end.MovedTo;

        run.Record(new GateDecided(question.Name, decision.Request, decision.Approved, decision.Reason));
        if (decision.Approved) return null;
        var message = $"Gate {question.Name} was rejected: {decision.Reason}";
        throw question.Definition.OnReject == GateRejectAction.Rework
            ? new WorkRefusedException(ErrorCodes.GateRejected, message, decision.Reason, review.HeadSha)
            : new RunEndedException(ErrorCodes.GateRejected, message);
    }

    /// <summary>Requests the gate and waits. Null if it timed out and is to be asked again.</summary>
    private async Task<GateEnd?> AskAsync(GateQuestion question, GateReview review)
    {
        // A pause that was asked during the step before takes effect before people are asked.
        await run.PauseIfAskedAsync();
        var request = ++_requests;
        var definition = question.Definition;
        var deadline = context.UtcNow + definition.Timeout;
        run.Record(new GateRequested(
            question.Name, request, question.Description, deadline, definition.Approvals, definition.SelfApproval, review));
        await run.Slot.GiveBackAsync();

        // People may take days.
        using var stopped = run.Meter.StopClock();
        using var cancellation = new CancellationTokenSource();
        try
        {
            return await WaitAsync(question, request, review, deadline, cancellation.Token);
        }
        finally
        {
            cancellation.Cancel();
        }
    }

    private async Task<GateEnd?> WaitAsync(
        GateQuestion question, int request, GateReview review, DateTimeOffset deadline, CancellationToken ended)
    {
        // One timer at a time, for whichever comes first.
        var due = NextReminderOrTimeout(question.Definition, deadline, after: deadline - question.Definition.Timeout);
        var timer = context.CreateTimerAsync(due, ended);
        while (true)
        {
            if (!run.Checks.MayHaveMoved(review)) await Task.WhenAny(timer, run.Inbox.Next);
            // Before the decision is acted on: a paused run goes no further, whatever was decided.
            await run.PauseIfAskedAsync();
            if (await FindPushAsync(question, request, review) is { } pushed) return pushed;
            if (run.Inbox.DecisionFor(question.Name, request) is { } decision) return new GateEnd(decision, null);
            if (!timer.IsCompleted) continue;
            if (context.UtcNow >= deadline) return await TimeOutAsync(question, request);
            if (context.UtcNow >= due)
            {
                due = NextReminderOrTimeout(question.Definition, deadline, after: context.UtcNow);
                run.Record(new GateReminded(question.Name, request, question.Description));
                await run.FlushAsync();
            }
            // Backends that cut off fractions of a second fire early.
            timer = context.CreateTimerAsync(due, ended);
        }
    }

    /// <summary>Reminders keep to their distance from the request: those that a pause has swallowed are not made up for.</summary>
    private static DateTimeOffset NextReminderOrTimeout(GateDefinition definition, DateTimeOffset deadline, DateTimeOffset after)
    {
        if (definition.Remind is not { } interval) return deadline;
        var requested = deadline - definition.Timeout;
        var number = (after - requested).Ticks / interval.Ticks + 1;
        var next = requested + TimeSpan.FromTicks(number * interval.Ticks);
        return next < deadline ? next : deadline;
    }

    /// <summary>
    /// Withdraws the gate if somebody has pushed to the branch: votes are for a head. A decision that reached the store first stands,
    /// and the merge will find that it is about an old head.
    /// </summary>
    private async Task<GateEnd?> FindPushAsync(GateQuestion question, int request, GateReview review)
    {
        while (run.Checks.MayHaveMoved(review))
        {
            if (await run.Checks.FindMovedHeadAsync(review) is { } head)
            {
                run.Record(new GateWithdrawn(question.Name, request));
                // The gate no longer waits once that is recorded, so what this answers is final.
                var decision = await CloseAsync(question.Name, request);
                return decision is null ? new GateEnd(null, head) : new GateEnd(decision, null);
            }
            // The look has taken in what was signalled meanwhile.
            await run.PauseIfAskedAsync();
        }
        return null;
    }

    private async Task<GateEnd?> TimeOutAsync(GateQuestion question, int request)
    {
        if (await CloseAsync(question.Name, request) is { } decision) return new GateEnd(decision, null);

        var message = $"Gate {question.Name} timed out: no decision within {DurationText.Format(question.Definition.Timeout)}.";
        switch (question.Definition.OnTimeout)
        {
            case GateTimeoutAction.Reject:
                run.Record(new GateDecided(question.Name, request, false, message));
                throw new RunEndedException(ErrorCodes.GateTimedOut, message);
            case GateTimeoutAction.Pause:
                run.Inbox.PauseReason ??= message;
                break;
            case GateTimeoutAction.Remind:
                break;
            default:
                throw new InvalidOperationException($"No rule for {question.Definition.OnTimeout}.");
        }
        return null;
    }

    /// <summary>Ends the gate's wait in the store.</summary>
    /// <returns>The decision that came first, or null.</returns>
    private async Task<GateDecision?> CloseAsync(string gate, int request)
    {
        var result = await run.StepAsync<TimeOutGateInput, GateTimeoutResult>(
            gate, ActivityNames.TimeOutGate, events => new TimeOutGateInput(run.Id, events, gate, request));
        return result.Decision;
    }
}
