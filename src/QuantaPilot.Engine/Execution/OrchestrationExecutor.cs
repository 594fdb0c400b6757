using System.Text.Json;

namespace QuantaPilot.Engine.Execution;

/// <summary>
/// Runs one execution of an orchestration, without a store, clock or thread of its own: history in, then per turn
/// messages in and a batch of events out. After a mismatch it is of no further use.
/// </summary>
internal sealed class OrchestrationExecutor
{
    private readonly OrchestrationRegistry _registry;
    private readonly JsonSerializerOptions _json;
    private readonly TurnSynchronizationContext _turn = new();
    private readonly OrchestrationContext _context;
    private readonly ExecutionStarted _start;

    private Task<JsonPayload>? _main;
    private EndEvent? _end;
    private int _turns;

    /// <summary>The recorded turn that is being replayed, or the batch that a new turn fills.</summary>
    private List<HistoryEvent> _events = [];
    private int _position;
    private bool _isReplaying;

    /// <param name="instanceId">The instance.</param>
    /// <param name="start">Turn 0: <see cref="ExecutionStarted"/> and the external events carried over.</param>
    /// <param name="registry">Finds the code.</param>
    /// <param name="json">For inputs and results.</param>
    /// <param name="foreignThreadSeen">Called from another thread if the code leaves its turn's; the next turn then says so.</param>
    public OrchestrationExecutor(
        string instanceId, List<HistoryEvent> start, OrchestrationRegistry registry, JsonSerializerOptions json, Action? foreignThreadSeen = null)
    {
        _turn.ForeignThreadSeen = foreignThreadSeen;
        var started = (ExecutionStarted)start[0];
        _start = started;
        _registry = registry;
        _json = json;
        _context = new OrchestrationContext(instanceId, started, json, _turn, Record);
        for (var i = 1; i < start.Count; i++) _context.Deliver(start[i]);
    }

    /// <summary>The orchestration's name.</summary>
    public string Name => _start.Name;

    /// <summary>The trace that the instance belongs to, if any.</summary>
    public string? TraceParent => _start.TraceParent;

    /// <summary>Why this code cannot go on with this history; null while it can.</summary>
    public ReplayMismatch? Mismatch { get; private set; }

    /// <summary>How the execution ended; null while it runs.</summary>
    public EndEvent? End => _end;

    /// <summary>Scheduled in a recorded turn, and not answered in one.</summary>
    public IEnumerable<ActivityScheduled> OpenActivities => _context.OpenActivities;

    /// <summary>Runs through recorded turns, comparing what the code does with what it did.</summary>
    public void Replay(IEnumerable<List<HistoryEvent>> turns)
    {
        foreach (var turn in turns)
        {
            // A termination ran no code.
            if (turn[0] is TurnStarted started) ReplayTurn(turn, started);
            if (Mismatch is not null) return;
        }
        if (_end is null) CheckActivities(OpenActivities);
    }

    private void ReplayTurn(List<HistoryEvent> recorded, TurnStarted started)
    {
        using var scope = Begin(recorded, started.At, isReplaying: true);
        while (Mismatch is null && _position < _events.Count)
        {
            var next = _events[_position];
            if (next is ActionEvent)
            {
                Diverge(next.Describe(), "nothing: the code waits for something else");
            }
            else if (_end is not null)
            {
                Diverge(next.Describe(), _end.Describe());
            }
            else
            {
                _position++;
                if (!Deliver(next)) Diverge(next.Describe(), "that nothing waits for it");
            }
        }
        CheckOpenEnds();
    }

    /// <summary>True if a turn at that time would do something even without a message.</summary>
    public bool HasWork(DateTimeOffset now) => _main is null || _context.NextDue <= now || _turn.SawForeignThread;

    /// <summary>
    /// Runs a new turn: delivers the messages, then fires the timers that are due. A message comes before a timer, so a
    /// decision that was taken in time is not lost to a timeout that fires with it.
    /// </summary>
    /// <returns>The turn to commit, or null if there is a <see cref="Mismatch"/>.</returns>
    public Turn? RunTurn(DateTimeOffset now, IReadOnlyList<HistoryEvent> messages)
    {
        // A clock that was set back must not make the time of the orchestration run backwards.
        if (now < _context.LastTurn) now = _context.LastTurn;
        var batch = new List<HistoryEvent>(4) { new TurnStarted(now) };
        var delivered = 0;
        using (Begin(batch, now, isReplaying: false))
        {
            while (_end is null && delivered < messages.Count)
            {
                var message = messages[delivered++];
                batch.Add(message);
                // An answer to a call that this execution never made: from before it continued as new.
                if (!Deliver(message)) batch.RemoveAt(batch.Count - 1);
            }
            while (_end is null && _context.DueTimer(now) is { } timer)
            {
                var fired = new TimerFired(timer);
                batch.Add(fired);
                Deliver(fired);
            }
            CheckOpenEnds();
            if (Mismatch is null) CheckActivities(batch.OfType<ActivityScheduled>());
        }
        if (Mismatch is not null) return null;
        List<HistoryEvent>? next = null;
        if (_end is ContinuedAsNew continued)
        {
            var start = _start with { Input = continued.Input, Execution = _start.Execution + 1 };
            next = [start, .. _context.UnconsumedEvents, .. messages.Skip(delivered).OfType<EventReceived>()];
        }
        return new Turn(batch, _end, next, _end is null ? _context.NextDue : null, _end is null ? _context.OpenActivities.Count() : 0);
    }

    private TurnSynchronizationContext.Scope Begin(List<HistoryEvent> events, DateTimeOffset now, bool isReplaying)
    {
        _events = events;
        _position = 1;
        _turns++;
        _isReplaying = isReplaying;
        _context.BeginTurn(now, isReplaying);
        var scope = _turn.Enter();
        if (_main is null)
        {
            if (_registry.FindOrchestration(_start.Name) is { } body)
            {
                _main = RunBodyAsync(body);
                AfterStep();
            }
            else
            {
                Diverge($"orchestration '{_start.Name}'", "none registered under that name");
            }
        }
        return scope;
    }

    // Awaited here, inside the turn, so that an end on another thread is noticed like any other foreign continuation.
    private async Task<JsonPayload> RunBodyAsync(OrchestrationBody body) => await body(_context, _json);

    private bool Deliver(HistoryEvent message)
    {
        if (!_context.Deliver(message)) return false;
        AfterStep();
        return true;
    }

    private void AfterStep()
    {
        _turn.Pump();
        if (_end is not null || Mismatch is not null || _main is not { IsCompleted: true }) return;
        _end = _main.Exception?.InnerException switch
        {
            { } error => new ExecutionFailed(error.GetType().FullName!, error.Message),
            null when _main.IsCanceled =>
                new ExecutionFailed(typeof(OperationCanceledException).FullName!, "The orchestration was cancelled."),
            null when _context.Continuation is { } input => new ContinuedAsNew(input),
            _ => new ExecutionCompleted(_main.Result),
        };
        Record(_end);
    }

    /// <summary>Adds an action to the new turn, or compares it with the recorded one.</summary>
    /// <returns>False if the code has diverged: the caller's task must never complete.</returns>
    private bool Record(ActionEvent action)
    {
        if (Mismatch is not null) return false;
        if (!_isReplaying)
        {
            _events.Add(action);
            return true;
        }
        var expected = _position < _events.Count ? _events[_position].Describe() : "the end of the turn";
        var found = action.Describe();
        if (expected != found)
        {
            Diverge(expected, found);
            return false;
        }
        _position++;
        return true;
    }

    private void CheckOpenEnds()
    {
        if (Mismatch is not null) return;
        _position = _events.Count;
        if (_turn.SawForeignThread || (_end is null && !_context.IsWaiting))
        {
            Diverge("an await of a task made by the orchestration context", "an await of some other task");
        }
    }

    private void CheckActivities(IEnumerable<ActivityScheduled> calls)
    {
        foreach (var call in calls)
        {
            if (!_registry.HasActivity(call.Name)) Diverge(call.Describe(), "none registered under that name");
        }
    }

    private void Diverge(string expected, string found) => Mismatch = new ReplayMismatch(expected, found, _turns, _position);
}
