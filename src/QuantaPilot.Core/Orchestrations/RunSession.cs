using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Admission;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Orchestrations;

/// <summary>What the pipeline is written with: recording events, carrying out steps, and honest pausing between them.</summary>
internal sealed class RunSession
{
    /// <summary>design: <c>limits.retries: 2</c>, so three attempts.</summary>
    private static readonly RetryPolicy StepRetries = new(3, TimeSpan.FromSeconds(2), 2, TimeSpan.FromMinutes(1));

    /// <summary>
    /// An outage of storage or of a network, which takes minutes rather than seconds: for 10 to 19 minutes, 14 on average, as the jitter
    /// has it, and what the tries themselves take. A pause begins them anew at once.
    /// </summary>
    private static readonly RetryPolicy OutageRetries = new(24, TimeSpan.FromSeconds(2), 2, TimeSpan.FromMinutes(1));

    /// <summary>Nothing can go on while the store is away, so this never gives up.</summary>
    private static readonly RetryPolicy RecordRetries = new(int.MaxValue, TimeSpan.FromSeconds(1), 2, TimeSpan.FromMinutes(1));

    private readonly IOrchestrationContext _context;
    private readonly string? _correlationId;

    /// <summary>Recorded, but not known to be in the store yet. Rides with every activity until one has come back.</summary>
    private readonly List<RunEvent> _outbox = [];
    private readonly PullRequestComments _comments;
    private readonly Dictionary<string, int> _attempts = [];
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
        Agents = new AgentSteps(context, this);
        Checks = new CheckKeeper(context, this);
        _comments = new PullRequestComments(context);
        FreshStarts = new FreshStarts(this);
        Slot = new WorkSlot(this);
    }

    public RunId Id { get; }

    public RunInbox Inbox { get; }

    public RunMeter Meter { get; }

    public GateKeeper Gates { get; }

    public AgentSteps Agents { get; }

    public CheckKeeper Checks { get; }

    /// <summary>What the forge of the repository has; null for nothing, and in runs begun before this was known.</summary>
    public ForgeTraits? Forge { get; set; }

    public FreshStarts FreshStarts { get; }

    public WorkSlot Slot { get; }

    /// <summary>What the run counts for where the host has limits; null if none applies to it.</summary>
    public AdmissionKey? Admission { get; init; }

    /// <summary>Where the work of the run that this one retries is taken up; null if it retries none.</summary>
    public RetryPoint? Retry
    {
        get;
        init
        {
            field = value;
            foreach (var (step, attempt) in value?.Attempts ?? []) _attempts[step] = attempt;
        }
    }

    /// <summary>Counts an attempt at a step, which gets a work branch of its own.</summary>
    /// <param name="step"><see cref="WorkBranches.Documentation"/> or the id of a milestone.</param>
    /// <returns>The number of the attempt, from 2.</returns>
    public int BeginAnew(string step) => _attempts[step] = _attempts.GetValueOrDefault(step, 1) + 1;

    /// <summary>Gives the event its place and puts it in the outbox.</summary>
    public void Record(RunEvent e)
    {
        _outbox.Add(e with
        {
            Revision = ++_revision,
            Sequence = e.IsPublic ? ++_sequence : null,
            At = _context.UtcNow,
        });
        if (e is GateDecided decided && Forge is { HasPages: true }) _comments.Add(decided);
    }

    /// <summary>Brings the outbox to the store, for when no work follows that it could ride with.</summary>
    public async Task FlushAsync()
    {
        if (_outbox.Count > 0) await RecordEventsAsync();
    }

    /// <summary>The same by an activity that does something else too, which is repeated until it is done.</summary>
    public async Task<TResult> FlushWithAsync<TInput, TResult>(string activity, Func<IReadOnlyList<RunEvent>, TInput> input)
        where TInput : ActivityInput
        where TResult : class
    {
        var events = _outbox.ToList();
        var call = Complete(input(events), null);
        var result = await _context.CallActivityAsync<StepResult<TResult>>(activity, call, RecordRetries);
        Acknowledge(events);
        _comments.Settle(call.Decided, result.CommentFailure);
        return result.Value ?? throw new InvalidOperationException($"{activity} answered no value.");
    }

    /// <summary>
    /// The last of the run: brings the outbox to the store, gives back its slot, and says on the forge what still waits to be said.
    /// </summary>
    public async Task EndAsync()
    {
        await Slot.LeaveAsync();
        for (var attempt = 1; attempt < StepRetries.MaxAttempts && _comments.DueAt is { } due; attempt++)
        {
            var delayed = _context.UtcNow + StepRetries.DelayAfter(attempt, _context.NewGuid());
            await _context.CreateTimerAsync(due > delayed ? due : delayed, CancellationToken.None);
            await RecordEventsAsync();
        }
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
        for (int attempt = 1, outages = 0; ; attempt++)
        {
            await PauseIfAskedAsync();
            // What ends a gate's wait is no work.
            if (activity != ActivityNames.TimeOutGate) await Slot.TakeAsync();
            if (attempt == 1 && outages == 0) Record(new StepStarted(step));
            var result = await CallAsync<TInput, TResult>(step, activity, input);
            // Events that can't be recorded must not grow in number for as long as that lasts.
            if (result is not { Unrecorded: true, Usage: null }) Meter.Add(step, result.Usage);
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
            if (failure.Outage is true)
            {
                outages++;
                attempt--;
                // Without the store, the end of the run could not be recorded either.
                RequireTriesLeft(failure, result.Unrecorded is true ? 1 : outages, OutageRetries);
                // The run does not work meanwhile.
                using var stopped = Meter.StopClock();
                await BackOffAsync(failure, OutageRetries.DelayAfter(outages, _context.NewGuid()));
            }
            else
            {
                RequireTriesLeft(failure, attempt, StepRetries);
                await BackOffAsync(failure, StepRetries.DelayAfter(attempt, _context.NewGuid()));
            }
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
        await Slot.GiveBackAsync();
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

    /// <summary>Carries out an activity once, whatever comes of it; a pause waits until it has come back.</summary>
    /// <param name="step">The step whose attempts it belongs to; null for none.</param>
    /// <param name="activity">Its registered name.</param>
    /// <param name="input">Makes its input.</param>
    public async Task<StepResult<TResult>> CallAsync<TInput, TResult>(
        string? step, string activity, Func<IReadOnlyList<RunEvent>, TInput> input)
        where TInput : ActivityInput
        where TResult : class
    {
        var events = _outbox.ToList();
        var call = Complete(input(events), step);
        var work = _context.CallActivityAsync<StepResult<TResult>>(activity, call);
        await ShowSignalsDuringAsync(work);
        try
        {
            var result = await work;
            if (result.Unrecorded is not true) Acknowledge(events);
            _comments.Settle(call.Decided, result.CommentFailure);
            return result;
        }
        catch (ActivityFailedException)
        {
            // A bug or a fault of the host: its log has the details, which are not for callers to see.
            var failure = new StepFailure(
                ErrorCodes.InternalError, $"The step {activity} failed unexpectedly; the host's log has the details.", Transient: true);
            _comments.Settle(call.Decided, failure);
            return new StepResult<TResult>(null, failure);
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

    private Task<Done> RecordEventsAsync() =>
        FlushWithAsync<RecordEventsInput, Done>(ActivityNames.RecordEvents, events => new RecordEventsInput(Id, events));

    /// <summary>With what all activities get.</summary>
    private ActivityInput Complete(ActivityInput input, string? step) => input with
    {
        CorrelationId = _correlationId,
        Origin = Retry?.Origin,
        Attempt = step is not null && _attempts.TryGetValue(Gate.MilestoneOf(step) ?? step, out var attempt) ? attempt : null,
        Forge = Forge,
        Decided = _comments.Take(),
    };

    /// <exception cref="RunEndedException">It will not pass, or was tried as often as the policy says.</exception>
    private static void RequireTriesLeft(StepFailure failure, int tried, RetryPolicy policy)
    {
        if (!failure.Transient || tried >= policy.MaxAttempts) throw new RunEndedException(failure.Code, failure.Message);
    }

    private async Task BackOffAsync(StepFailure failure, TimeSpan delay)
    {
        if (failure.RetryAfter > delay) delay = failure.RetryAfter.Value;
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
