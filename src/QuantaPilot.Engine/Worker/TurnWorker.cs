using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Ports;
using QuantaPilot.Engine.Execution;
using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Engine.Worker;

/// <summary>
/// Runs turns: load if need be, take what has come, execute, commit, and only then let the outside see what it did.
/// </summary>
internal sealed class TurnWorker : IAsyncDisposable
{
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromMinutes(1);

    private readonly ITaskHub _hub;
    private readonly OrchestrationRegistry _registry;
    private readonly EngineOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly EndNotifications _ends;
    private readonly WorkQueue<LiveInstance> _turns;
    private readonly ActivityRunner _activities;
    private readonly DueTimer _timers;
    private readonly CancellationTokenSource _stopping = new();

    public TurnWorker(
        ITaskHub hub, OrchestrationRegistry registry, EngineOptions options, TimeProvider clock, ILogger logger, EndNotifications ends)
    {
        _hub = hub;
        _registry = registry;
        _options = options;
        _clock = clock;
        _logger = logger;
        _ends = ends;
        _turns = new WorkQueue<LiveInstance>(options.MaxConcurrentTurns, instance =>
        {
            RunTurn(instance);
            return default;
        });
        Instances = new LiveInstances(options.MaxLiveOrchestrations, _turns);
        _activities = new ActivityRunner(registry, options, Instances, logger);
        _timers = new DueTimer(hub, Instances, clock, logger);
    }

    public LiveInstances Instances { get; }

    /// <summary>Wakes what an earlier process left, and what fell due meanwhile.</summary>
    public void Start()
    {
        var recoverable = _hub.FindRecoverable();
        foreach (var key in recoverable) Instances.Wake(key, background: true);
        _timers.Fire();
        Logs.Started(_logger, recoverable.Count);
    }

    /// <summary>Runs no further turns and cancels the activities; waits for the latter until the token is cancelled.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _timers.DisposeAsync();
        await _turns.StopAsync();
        await _activities.StopAsync().WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>As <see cref="StopAsync"/>, without a wait for activities.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(new CancellationToken(canceled: true));

    /// <summary>An execution that was just created, to be run without being loaded.</summary>
    public LoadedExecution Create(long key, string instanceId, List<HistoryEvent> start, long lease) =>
        new(instanceId, 0, null, Executor(key, instanceId, start), lease);

    private OrchestrationExecutor Executor(long key, string instanceId, List<HistoryEvent> start) =>
        new(instanceId, start, _registry, _options.Json, () => Instances.Wake(key));

    private void RunTurn(LiveInstance instance)
    {
        if (_stopping.IsCancellationRequested) return;
        var (lookAtStore, reload, answers) = Instances.Take(instance);
        try
        {
            if (reload) instance.Loaded = null;
            if (instance.Loaded is null)
            {
                lookAtStore = true;
                if (_hub.Load(instance.Key) is not { Status: OrchestrationStatus.Running or OrchestrationStatus.Stuck } stored)
                {
                    Instances.Retire(instance);
                    return;
                }
                Load(instance, stored);
            }
            var loaded = instance.Loaded!;
            if (loaded.Executor.Mismatch is { } mismatch)
            {
                _ = MarkStuckAsync(instance, loaded, mismatch, answers);
                return;
            }
            Execute(instance, loaded, lookAtStore, answers);
        }
#pragma warning disable CA1031 // Whatever it is, it must not take the instance with it: it is logged and tried again.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _ = RetryAsync(instance, answers, e);
        }
    }

    private void Load(LiveInstance instance, StoredInstance stored)
    {
        var executor = Executor(stored.Key, stored.Id, stored.History[0]);
        executor.Replay(stored.History.Skip(1));
        instance.Loaded = new LoadedExecution(stored.Id, stored.Execution, stored.Parent, executor, stored.Lease)
        {
            Turns = stored.History.Count - 1,
            StuckAs = stored.Status == OrchestrationStatus.Stuck ? stored.Failure : null,
        };
        if (executor.Mismatch is null) Dispatch(instance, executor.OpenActivities, attempt: 2);
    }

    private void Execute(LiveInstance instance, LoadedExecution loaded, bool lookAtStore, List<ActivityAnswer> answers)
    {
        var (messages, consumed) = lookAtStore ? _hub.ReadInbox(instance.Key) : ([], 0);
        foreach (var answer in answers)
        {
            if (answer.Execution == loaded.Execution) messages.Add(answer.Event);
            else instance.Dispatched.Remove((answer.Execution, answer.Event.Id));
        }
        var now = _clock.GetUtcNow();
        if (messages.Count == 0 && !loaded.Executor.HasWork(now) && loaded.StuckAs is null)
        {
            Instances.Release(instance);
            return;
        }
        if (loaded.Executor.RunTurn(now, messages) is { } turn) _ = CommitAsync(instance, loaded, turn, consumed, answers, now);
        else _ = MarkStuckAsync(instance, loaded, loaded.Executor.Mismatch!, answers);
    }

    private async Task CommitAsync(
        LiveInstance instance, LoadedExecution loaded, Turn turn, long consumed, List<ActivityAnswer> answers, DateTimeOffset now)
    {
        try
        {
            var commit = TurnCommits.From(instance.Key, loaded, turn, consumed, now);
            if (await _hub.CommitAsync(commit) is not { } woken)
            {
                Logs.LeaseLost(_logger, loaded.InstanceId);
                Instances.PutBack(instance, answers);
                Instances.Requeue(instance);
                return;
            }
            Spans.AddTurn(loaded, commit.TurnNumber, now, _clock.GetUtcNow());
            loaded.Lease = commit.NewLease;
            loaded.Turns++;
            instance.Faults = 0;
            foreach (var answer in answers) instance.Dispatched.Remove((answer.Execution, answer.Event.Id));
            Dispatch(instance, turn.Events.OfType<ActivityScheduled>(), attempt: 1);
            foreach (var key in woken) Instances.Wake(key);
            if (turn.NextDue is { } due) _timers.Arm(due);
            if (loaded.StuckAs is not null)
            {
                loaded.StuckAs = null;
                Logs.Unstuck(_logger, loaded.InstanceId);
                Observe(observer => observer.OnUnstuck(loaded.InstanceId));
            }
            GoOn(instance, loaded, turn);
        }
#pragma warning disable CA1031 // As in RunTurn.
        catch (Exception e)
#pragma warning restore CA1031
        {
            await RetryAsync(instance, answers, e);
        }
    }

    private void GoOn(LiveInstance instance, LoadedExecution loaded, Turn turn)
    {
        if (turn.NextStart is not null)
        {
            var next = Executor(instance.Key, loaded.InstanceId, turn.NextStart);
            instance.Loaded = new LoadedExecution(loaded.InstanceId, loaded.Execution + 1, loaded.Parent, next, loaded.Lease);
            Instances.Requeue(instance);
        }
        else if (turn.End is not null)
        {
            Instances.Retire(instance);
            _ends.Notify(loaded.InstanceId);
        }
        else
        {
            Instances.Release(instance);
        }
    }

    private void Dispatch(LiveInstance instance, IEnumerable<ActivityScheduled> calls, int attempt)
    {
        var loaded = instance.Loaded!;
        foreach (var call in calls)
        {
            if (!instance.Dispatched.Add((loaded.Execution, call.Id))) continue;
            _activities.Add(new ActivityWork(instance, loaded.InstanceId, loaded.Execution, attempt, call, loaded.Executor.TraceParent));
        }
    }

    private async Task MarkStuckAsync(LiveInstance instance, LoadedExecution loaded, ReplayMismatch mismatch, List<ActivityAnswer> answers)
    {
        try
        {
            var text = mismatch.ToString();
            if (loaded.StuckAs != text && await _hub.MarkStuckAsync(instance.Key, loaded.Lease, text, _clock.GetUtcNow()))
            {
                Logs.Stuck(_logger, loaded.InstanceId, mismatch);
                Observe(observer => observer.OnStuck(loaded.InstanceId, mismatch));
            }
            // The results stay in memory, the events in the store, for as long as no other code comes.
            Instances.PutBack(instance, answers);
            Instances.Release(instance, keepAnswers: true);
        }
#pragma warning disable CA1031 // As in RunTurn.
        catch (Exception e)
#pragma warning restore CA1031
        {
            await RetryAsync(instance, answers, e);
        }
    }

    private async Task RetryAsync(LiveInstance instance, List<ActivityAnswer> answers, Exception error)
    {
        var seconds = Math.Min(Math.Pow(2, instance.Faults++), LongestRetryDelay.TotalSeconds);
        var delay = TimeSpan.FromSeconds(seconds);
        Logs.TurnFailed(_logger, error, instance.Key, delay);
        Instances.PutBack(instance, answers);
        await Task.Delay(delay, _clock, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Instances.Requeue(instance);
    }

    private void Observe(Action<IEngineObserver> call)
    {
        if (_options.Observer is not { } observer) return;
        try
        {
            call(observer);
        }
#pragma warning disable CA1031 // The host's fault; the instance has committed and must go on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Logs.ObserverFailed(_logger, e);
        }
    }
}
