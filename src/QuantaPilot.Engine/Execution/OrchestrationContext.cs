using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using QuantaPilot.Core.Orchestrations;

namespace QuantaPilot.Engine.Execution;

/// <summary>What the orchestration code sees, and the tasks it waits for.</summary>
internal sealed class OrchestrationContext(
    string instanceId, ExecutionStarted start, JsonSerializerOptions json, TurnSynchronizationContext turn, Func<ActionEvent, bool> record)
    : IOrchestrationContext
{
    private readonly Dictionary<int, PendingTask> _pending = [];
    private readonly ExternalEvents _events = new(json, turn);
    private DateTimeOffset _utcNow;
    private bool _isReplaying;
    private int _nextId;
    private int _guids;

    public string InstanceId => instanceId;

    public DateTimeOffset UtcNow => OnTurn(_utcNow);

    public bool IsReplaying => OnTurn(_isReplaying);

    /// <summary>The input of the next execution, once the code asked for one.</summary>
    public JsonPayload? Continuation { get; private set; }

    public IEnumerable<EventReceived> UnconsumedEvents => _events.Unconsumed;

    public IEnumerable<ActivityScheduled> OpenActivities => _pending.Values.Select(task => task.Action).OfType<ActivityScheduled>();

    public DateTimeOffset LastTurn => _utcNow;

    public bool IsWaiting => _pending.Count > 0 || _events.HasWaits;

    public DateTimeOffset? NextDue
    {
        get
        {
            DateTimeOffset? next = null;
            foreach (var task in _pending.Values)
            {
                if (task is PendingTimer timer && (next is null || timer.FireAt < next)) next = timer.FireAt;
            }
            return next;
        }
    }

    public void BeginTurn(DateTimeOffset now, bool isReplaying)
    {
        _utcNow = now;
        _isReplaying = isReplaying;
    }

    /// <summary>The timer to fire next at that time, in order of due time and creation.</summary>
    public int? DueTimer(DateTimeOffset now) =>
        _pending.Values.OfType<PendingTimer>().Where(timer => timer.FireAt <= now)
            .OrderBy(timer => timer.FireAt).ThenBy(timer => timer.Action.Id).FirstOrDefault()?.Action.Id;

    /// <summary>Hands a message to the task that waits for it.</summary>
    /// <returns>False if no such task waits.</returns>
    public bool Deliver(HistoryEvent message)
    {
        if (message is EventReceived received)
        {
            _events.Deliver(received);
            return true;
        }
        if (message is not AnswerEvent answer || !_pending.TryGetValue(answer.Id, out var task) || !Answers(answer, task.Action))
        {
            return false;
        }
        _pending.Remove(answer.Id);
        switch (answer)
        {
            case ActivityCompleted completed: task.Complete(completed.Result); break;
            case SubOrchestrationCompleted completed: task.Complete(completed.Result); break;
            case TimerFired: task.Complete(JsonPayload.Null); break;
            case ActivityFailed failed:
                task.Fail(new ActivityFailedException(((ActivityScheduled)task.Action).Name, failed.ErrorType, failed.Message));
                break;
            case SubOrchestrationFailed failed:
                task.Fail(new ActivityFailedException(((SubOrchestrationScheduled)task.Action).Name, failed.ErrorType, failed.Message));
                break;
        }
        return true;
    }

    public T GetInput<T>() => OnTurn(start.Input).To<T>(json);

    public Guid NewGuid()
    {
        // The execution and the time keep apart what has the same id and counter: the execution before, an instance that was purged.
        var name = Encoding.UTF8.GetBytes($"{InstanceId}\n{start.Execution}\n{UtcNow.UtcTicks}\n{_guids++}");
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(name, hash);
        var bytes = hash[..16];
        // RFC 9562: version 8 (vendor's own name-based scheme) and its variant.
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    public Task<TResult> CallActivityAsync<TResult>(string name, object? input) =>
        Call<TResult>(new ActivityScheduled(NextId(), name, JsonPayload.From(input, json)));

    public Task<TResult> CallSubOrchestrationAsync<TResult>(string name, string instanceId, object? input) =>
        Call<TResult>(new SubOrchestrationScheduled(NextId(), name, instanceId, JsonPayload.From(input, json)));

    public Task<TEvent> WaitForExternalEventAsync<TEvent>(string name, CancellationToken cancellationToken = default) =>
        OnTurn(_events).WaitAsync<TEvent>(name, cancellationToken);

    public Task CreateTimerAsync(DateTimeOffset fireAt, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled(cancellationToken);
        var timer = new PendingTimer(new TimerCreated(NextId(), fireAt.ToUniversalTime()));
        if (!record(timer.Action)) return timer.Task;
        _pending.Add(timer.Action.Id, timer);
        timer.Registration = cancellationToken.UnsafeRegister(_ => Cancel(timer, cancellationToken), null);
        return timer.Task;
    }

    public void ContinueAsNew(object? input) => Continuation = OnTurn(JsonPayload.From(input, json));

    private static bool Answers(AnswerEvent answer, ScheduledEvent action) => answer switch
    {
        ActivityCompleted or ActivityFailed => action is ActivityScheduled,
        TimerFired => action is TimerCreated,
        _ => action is SubOrchestrationScheduled,
    };

    private Task<T> Call<T>(ScheduledEvent action)
    {
        var call = new PendingCall<T>(action, json);
        if (record(action)) _pending.Add(action.Id, call);
        return call.Task;
    }

    private void Cancel(PendingTimer timer, CancellationToken token)
    {
        if (turn.IsOnTurn() && _pending.Remove(timer.Action.Id)) timer.Cancel(token);
    }

    private int NextId() => OnTurn(_nextId++);

    private T OnTurn<T>(T value) => turn.IsOnTurn()
        ? value
        : throw new InvalidOperationException(
            "The orchestration context was used outside its turn: the code awaited a task that did not come from the context.");
}
