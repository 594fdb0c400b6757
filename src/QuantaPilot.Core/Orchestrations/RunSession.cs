using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Orchestrations;

/// <summary>What the pipeline is written with: recording events, carrying out steps, and honest pausing between them.</summary>
internal sealed class RunSession
{
    /// <summary>design: <c>limits.retries: 2</c>, so three attempts.</summary>
    private static readonly RetryPolicy StepRetries = new(3, TimeSpan.FromSeconds(2), 2, TimeSpan.FromMinutes(1));

    /// <summary>Nothing can go on while the store is away, so this never gives up.</summary>
    private static readonly RetryPolicy RecordRetries = new(int.MaxValue, TimeSpan.FromSeconds(1), 2, TimeSpan.FromMinutes(1));

    private readonly IOrchestrationContext _context;
    private readonly string? _correlationId;

    /// <summary>Recorded, but not known to be in the store yet. Rides with every activity until one has come back.</summary>
    private readonly List<RunEvent> _outbox = [];
    private long _revision;
    private long _sequence;

    public RunSession(IOrchestrationContext context, RunId id, string? correlationId)
    {
        _context = context;
        _correlationId = correlationId;
        Id = id;
        Meter = new RunMeter(context, Record);
        Inbox = new RunInbox(context) { OnRaise = Meter.Raise };
        Gates = new GateKeeper(context, this);
        Agents = new AgentSteps(this);
    }

    public RunId Id { get; }

    public RunInbox Inbox { get; }

    public RunMeter Meter { get; }

    public GateKeeper Gates { get; }

    public AgentSteps Agents { get; }

    /// <summary>Gives the event its place and puts it in the outbox.</summary>
    public void Record(RunEvent e) => _outbox.Add(e with
    {
        Revision = ++_revision,
        Sequence = e.IsPublic ? ++_sequence : null,
        At = _context.UtcNow,
    });

    /// <summary>Brings the outbox to the store, for when no work follows that it could ride with.</summary>
    public async Task FlushAsync()
    {
        if (_outbox.Count == 0) return;
        var events = _outbox.ToList();
        var input = new RecordEventsInput(Id, events) { CorrelationId = _correlationId };
        await _context.CallActivityAsync<StepResult<Done>>(ActivityNames.RecordEvents, input, RecordRetries);
        Acknowledge(events);
    }

    /// <summary>
    /// Carries out a step: first whatever pause is due, then the activity, again after a backoff if it failed for a passing
    /// reason. Signals are taken in meanwhile; a cancellation stops the activity through the run's status in the store.
    /// </summary>
    /// <exception cref="RunEndedException">The step failed for good, or the run was cancelled.</exception>
    public async Task<TResult> StepAsync<TInput, TResult>(string step, string activity, Func<IReadOnlyList<RunEvent>, TInput> input)
        where TInput : ActivityInput
        where TResult : class
    {
        for (var attempt = 1; ; attempt++)
        {
            await PauseIfAskedAsync();
            if (attempt == 1) Record(new StepStarted(step));
            var result = await CallAsync<TInput, TResult>(activity, input);
            Meter.Add(step, result.Usage);
            // What was done is recorded, even if a cancellation came meanwhile: it takes effect before the next step.
            if (result.Value is { } value) return value;
            ThrowIfCancelled();
            if (result.Hold is { } hold)
            {
                Inbox.PauseReason ??= hold.Reason;
                await PauseIfAskedAsync(hold.Until);
                attempt--;
                continue;
            }
            var failure = result.Failure ?? throw new InvalidOperationException($"{activity} answered neither a value nor a failure.");
            if (!failure.Transient || attempt >= StepRetries.MaxAttempts) throw new RunEndedException(failure.Code, failure.Message);
            var delay = StepRetries.DelayAfter(attempt, _context.NewGuid());
            await BackOffAsync(failure.RetryAfter > delay ? failure.RetryAfter.Value : delay);
        }
    }

    /// <summary>Between two steps: pauses if that was asked, or if the run is over a limit, until the run is resumed.</summary>
    /// <param name="until">When it goes on by itself; null: never.</param>
    /// <exception cref="RunEndedException">The run was cancelled, perhaps while paused.</exception>
    public async Task PauseIfAskedAsync(DateTimeOffset? until = null)
    {
        await TakeArrivedAsync();
        ThrowIfCancelled();
        Inbox.PauseReason ??= Meter.FindExcess();
        if (Inbox.PauseReason is not { } reason) return;
        Record(new RunPaused(reason));
        await FlushAsync();
        using (Meter.StopClock()) await WaitForResumeAsync(until);
        Record(new RunResumed());
        // Shown at once: what follows may be a wait of days.
        await FlushAsync();
    }

    private async Task WaitForResumeAsync(DateTimeOffset? until)
    {
        using var cancellation = new CancellationTokenSource();
        try
        {
            var timer = until is { } due ? _context.CreateTimerAsync(due, cancellation.Token) : null;
            while (Inbox.PauseReason is not null)
            {
                await (timer is null ? Inbox.Next : Task.WhenAny(timer, Inbox.Next));
                if (Inbox.Next.IsCompleted) await Inbox.TakeAsync();
                ThrowIfCancelled();
                if (timer is { IsCompleted: true })
                {
                    var isDue = _context.UtcNow >= until;
                    if (isDue) Inbox.PauseReason = null;
                    // Backends that cut off fractions of a second fire early.
                    timer = isDue ? null : _context.CreateTimerAsync(until!.Value, cancellation.Token);
                }
                // A resume that does not raise what is used up changes nothing.
                Inbox.PauseReason ??= Meter.FindExcess();
            }
        }
        finally
        {
            cancellation.Cancel();
        }
    }

    /// <summary>Takes in the signals that have come, without waiting for more.</summary>
    public async Task TakeArrivedAsync()
    {
        while (Inbox.Next.IsCompleted) await Inbox.TakeAsync();
    }

    public void ThrowIfCancelled()
    {
        if (Inbox.CancelReason is { } reason) throw new RunEndedException(ErrorCodes.Cancelled, reason);
    }

    private async Task<StepResult<TResult>> CallAsync<TInput, TResult>(string activity, Func<IReadOnlyList<RunEvent>, TInput> input)
        where TInput : ActivityInput
        where TResult : class
    {
        var events = _outbox.ToList();
        ActivityInput call = input(events);
        var work = _context.CallActivityAsync<StepResult<TResult>>(activity, call with { CorrelationId = _correlationId });
        await ShowSignalsDuringAsync(work);
        try
        {
            var result = await work;
            Acknowledge(events);
            return result;
        }
        catch (ActivityFailedException)
        {
            // A bug or a fault of the host: its log has the details, which are not for callers to see.
            return new StepResult<TResult>(null, new StepFailure(
                ErrorCodes.InternalError, $"The step {activity} failed unexpectedly; the host's log has the details.", Transient: true));
        }
    }

    private async Task ShowSignalsDuringAsync(Task work)
    {
        using var cancellation = new CancellationTokenSource();
        Task? overtime = null;
        while (!work.IsCompleted)
        {
            if (overtime is not { IsCompleted: false })
                overtime = Meter.DurationEndsAt is { } end ? _context.CreateTimerAsync(end, cancellation.Token) : null;
            await (overtime is null ? Task.WhenAny(work, Inbox.Next) : Task.WhenAny(work, Inbox.Next, overtime));
            await ShowSignalsAsync();
        }
        cancellation.Cancel();
    }

    /// <summary>Takes in signals during work and shows at once what they lead to: <c>pausing</c>, <c>cancelling</c> or neither.</summary>
    private async Task ShowSignalsAsync()
    {
        var (pause, cancel) = (Inbox.PauseReason, Inbox.CancelReason);
        await TakeArrivedAsync();
        Inbox.PauseReason ??= Meter.FindExcess();
        if (Inbox.CancelReason is { } cancelReason && cancel is null) Record(new CancelRequested(cancelReason));
        else if (Inbox.PauseReason is { } pauseReason && pause is null) Record(new PauseRequested(pauseReason));
        else if (Inbox.PauseReason is null && pause is not null) Record(new PauseWithdrawn());
        else return;
        await FlushAsync();
    }

    private async Task BackOffAsync(TimeSpan delay)
    {
        using var cancellation = new CancellationTokenSource();
        var due = _context.UtcNow + delay;
        while (_context.UtcNow < due)
        {
            var timer = _context.CreateTimerAsync(due, cancellation.Token);
            await Task.WhenAny(timer, Inbox.Next);
            await TakeArrivedAsync();
            if (Inbox.CancelReason is null && Inbox.PauseReason is null) continue;
            cancellation.Cancel();
            return;
        }
    }

    private void Acknowledge(List<RunEvent> events)
    {
        if (events.Count > 0) _outbox.RemoveAll(e => e.Revision <= events[^1].Revision);
    }
}
