using System.Text.Json;
using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Ports;
using QuantaPilot.Engine.Execution;
using QuantaPilot.Engine.Storage;
using QuantaPilot.Engine.Worker;

namespace QuantaPilot.Engine;

/// <summary>
/// A durable orchestration engine on one SQLite file, in the model of Durable Task: state = history + new messages.
/// <para>
/// <b>Execution/</b> is pure. <see cref="OrchestrationExecutor"/> runs an orchestration's code turn by turn: messages in,
/// a batch of history events out. Given recorded turns first, it replays them and names the point where code and history
/// part (<see cref="ReplayMismatch"/>).
/// </para>
/// <para>
/// <b>Storage/</b> keeps the hub. <see cref="ITaskHub"/> is the port: a turn commits in one transaction (history, state,
/// consumed inbox, messages to others), under a lease that every commit renews. External events and ends of
/// sub-orchestrations go to an inbox; a turn reads it when it is told that something is there.
/// </para>
/// <para>
/// <b>Worker/</b> drives. <see cref="TurnWorker"/> runs one turn at a time per instance and commits it;
/// <see cref="ActivityRunner"/> runs the activities of committed turns, whose results stay in memory until the turn that
/// takes them commits (a crash before that runs the activity again: at least once); <see cref="DueTimer"/> waits for the
/// earliest durable timer. <see cref="LiveInstances"/> keeps the most recent orchestrations in memory; any other costs
/// disk only, and is replayed at its next message. Nothing polls.
/// </para>
/// <para>
/// At the start, instances with open activities, unread messages or no turn yet are loaded and go on. Activities that an
/// orchestration left running when it ended are not among them: these are not repeated after a crash.
/// </para>
/// </summary>
public sealed class EmbeddedEngine : IOrchestrationClient, IAsyncDisposable
{
    private readonly ITaskHub _hub;
    private readonly OrchestrationRegistry _registry;
    private readonly JsonSerializerOptions _json;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly EndNotifications _ends = new();
    private readonly TurnWorker _worker;

    /// <param name="file">The file, opened with <see cref="Schema"/>. The engine does not dispose it.</param>
    /// <param name="registry">The code.</param>
    /// <param name="options">Settings.</param>
    /// <param name="clock">The time of turns and timers.</param>
    /// <param name="logger">The log.</param>
    public EmbeddedEngine(
        SqliteFile file, OrchestrationRegistry registry, EngineOptions options, TimeProvider clock, ILogger<EmbeddedEngine> logger)
        : this(new SqliteTaskHub(file), registry, options, clock, logger)
    {
    }

    internal EmbeddedEngine(ITaskHub hub, OrchestrationRegistry registry, EngineOptions options, TimeProvider clock, ILogger logger)
    {
        options.Json.MakeReadOnly(populateMissingResolver: true);
        _hub = hub;
        _registry = registry;
        _json = options.Json;
        _clock = clock;
        _logger = logger;
        _worker = new TurnWorker(hub, registry, options, clock, logger, _ends);
    }

    /// <summary>The engine's tables, to be passed to <see cref="SqliteFile.Open"/>.</summary>
    public static SchemaScripts Schema => SqliteTaskHub.Schema;

    /// <summary>
    /// Starts to work, once. What an earlier process left is found before this returns, and goes on in the background.
    /// </summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _worker.Start();
        return Task.CompletedTask;
    }

    /// <summary>
    /// Stops for good: no further turns, and running activities are cancelled. What did not finish runs again at the next
    /// start over the same file.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait for activities that do not heed their token; they are left behind.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _worker.StopAsync(cancellationToken);
        Logs.Stopped(_logger);
    }

    /// <summary>As <see cref="StopAsync"/>, without a wait for activities.</summary>
    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">No orchestration is registered under the name.</exception>
    public async Task<bool> StartAsync(string name, string instanceId, object? input, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_registry.FindOrchestration(name) is null)
        {
            throw new ArgumentException($"No orchestration is registered as '{name}'.", nameof(name));
        }
        List<HistoryEvent> start = [new ExecutionStarted(name, JsonPayload.From(input, _json), TraceParent: Spans.TraceParent())];
        var lease = TurnCommits.NewLease();
        var key = await _hub.CreateAsync(new NewInstance(instanceId, name, HistoryJson.Write(start), lease, _clock.GetUtcNow()));
        if (key is null) return false;
        _worker.Instances.Adopt(key.Value, _worker.Create(key.Value, instanceId, start, lease));
        return true;
    }

    /// <inheritdoc/>
    public async Task<bool> RaiseEventAsync(string instanceId, string eventName, object? payload, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (await _hub.AddEventAsync(instanceId, new EventReceived(eventName, JsonPayload.From(payload, _json))) is not { } key)
        {
            return false;
        }
        _worker.Instances.Wake(key);
        return true;
    }

    /// <inheritdoc/>
    public async Task<bool> TerminateAsync(string instanceId, string reason, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (await _hub.TerminateAsync(instanceId, reason, _clock.GetUtcNow()) is not { } told) return false;
        await _worker.Instances.Wake(told[0], reload: true).Cancellation.CancelAsync();
        foreach (var parent in told.Skip(1)) _worker.Instances.Wake(parent);
        _ends.Notify(instanceId);
        return true;
    }

    /// <inheritdoc/>
    public Task<OrchestrationState?> GetAsync(string instanceId, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(_hub.Get(instanceId));
    }

    /// <inheritdoc/>
    public Task<bool> PurgeAsync(string instanceId, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return _hub.PurgeAsync(instanceId);
    }

    /// <summary>Waits in memory, without polling, until the instance has ended.</summary>
    /// <returns>Its last state, or null if there is no such instance.</returns>
    public async Task<OrchestrationState?> WaitForEndAsync(string instanceId, CancellationToken cancellationToken)
    {
        var end = _ends.WaitAsync(instanceId);
        var state = _hub.Get(instanceId);
        if (state is { Status: OrchestrationStatus.Running or OrchestrationStatus.Stuck })
        {
            await end.WaitAsync(cancellationToken);
            return _hub.Get(instanceId);
        }
        _ends.Notify(instanceId);
        return state;
    }

    /// <summary>The history of the instance's current execution, for <see cref="HistoryReplayer"/>; null if there is none.</summary>
    public string? ExportHistory(string instanceId) =>
        _hub.Export(instanceId) is { } history ? JsonSerializer.Serialize(history, HistoryJson.Default.HistoryDocument) : null;
}
