using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Orchestrations;

/// <summary>What is asked at a gate.</summary>
internal sealed record GateQuestion(string Name, GateDefinition Definition, string Description);

/// <summary>
/// Waits at gates. The store decides what a vote brings about, and whether a decision or the time-out came first; the
/// orchestration waits, is told, and records.
/// </summary>
internal sealed class GateKeeper(IOrchestrationContext context, RunSession run)
{
    private int _requests;

    /// <summary>Asks until the gate is approved.</summary>
    /// <exception cref="WorkRefusedException">It was rejected, and rejected work is to be done anew.</exception>
    /// <exception cref="RunEndedException">It was rejected, it timed out and is to reject then, or the run was cancelled.</exception>
    public async Task PassAsync(GateQuestion question, GateReview review)
    {
        GateDecision? decision = null;
        while (decision is null) decision = await AskAsync(question, review);

        run.Record(new GateDecided(question.Name, decision.Request, decision.Approved, decision.Reason));
        if (decision.Approved) return;
        var message = $"Gate {question.Name} was rejected: {decision.Reason}";
        throw question.Definition.OnReject == GateRejectAction.Rework
            ? new WorkRefusedException(ErrorCodes.GateRejected, message, decision.Reason, review.HeadSha)
            : new RunEndedException(ErrorCodes.GateRejected, message);
    }

    /// <summary>Requests the gate and waits. Null if it timed out and is to be asked again.</summary>
    private async Task<GateDecision?> AskAsync(GateQuestion question, GateReview review)
    {
        // A pause that was asked during the step before takes effect before people are asked.
        await run.PauseIfAskedAsync();
        var request = ++_requests;
        var definition = question.Definition;
        var deadline = context.UtcNow + definition.Timeout;
        run.Record(new GateRequested(
            question.Name, request, question.Description, deadline, definition.Approvals, definition.SelfApproval, review));
        await run.FlushAsync();

        // People may take days.
        using var stopped = run.Meter.StopClock();
        using var cancellation = new CancellationTokenSource();
        try
        {
            return await WaitAsync(question, request, deadline, cancellation.Token);
        }
        finally
        {
            cancellation.Cancel();
        }
    }

    private async Task<GateDecision?> WaitAsync(GateQuestion question, int request, DateTimeOffset deadline, CancellationToken ended)
    {
        // One timer at a time, for whichever comes first.
        var due = NextReminderOrTimeout(question.Definition, deadline, after: deadline - question.Definition.Timeout);
        var timer = context.CreateTimerAsync(due, ended);
        while (true)
        {
            await Task.WhenAny(timer, run.Inbox.Next);
            // Before the decision is acted on: a paused run goes no further, whatever was decided.
            await run.PauseIfAskedAsync();
            if (run.Inbox.DecisionFor(question.Name, request) is { } decision) return decision;
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

    private async Task<GateDecision?> TimeOutAsync(GateQuestion question, int request)
    {
        var result = await run.StepAsync<TimeOutGateInput, GateTimeoutResult>(
            question.Name, ActivityNames.TimeOutGate, events => new TimeOutGateInput(run.Id, events, question.Name, request));
        if (result.Decision is { } decision) return decision;

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
}
