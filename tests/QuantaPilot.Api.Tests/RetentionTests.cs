using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Api.Retention;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Engine;
using QuantaPilot.Engine.Storage;
using QuantaPilot.Host.Sqlite;

namespace QuantaPilot.Api.Tests;

/// <summary>The sweep over the real store and the real engine on one file.</summary>
public sealed class RetentionTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan _keep = TimeSpan.FromDays(90);
    private static readonly TimeSpan _budget = TimeSpan.FromMinutes(1);

    private readonly TempDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(Scenario.Start);
    private readonly SqliteFile _file;
    private readonly SqliteRunStore _store;
    private readonly SqliteDeliveryStore _deliveries;
    private readonly SqliteRunLogStore _logs;
    private readonly SqliteAgentTaskStore _tasks;
    private readonly EmbeddedEngine _engine;

    public RetentionTests()
    {
        _file = SqliteFile.Open(_directory.File("test.db"), EmbeddedEngine.Schema, RunsSchema.Scripts);
        _store = new SqliteRunStore(_file);
        _deliveries = new SqliteDeliveryStore(_file);
        _logs = new SqliteRunLogStore(_file);
        _tasks = new SqliteAgentTaskStore(_file);
        var registry = new OrchestrationRegistry()
            .AddOrchestration("done", _ => Task.FromResult("done"))
            .AddOrchestration("stuck", context => context.WaitForExternalEventAsync<string>("never"));
        _engine = new EmbeddedEngine(_file, registry, new EngineOptions(), _time, CheckedLogger.For<EmbeddedEngine>());
    }

    public async Task InitializeAsync() => await _engine.StartAsync(default);

    public async Task DisposeAsync() => await _engine.DisposeAsync();

    public void Dispose()
    {
        _file.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Sweep_RunsOfAllAges_DeletesWhatEndedLongAgoAndNothingElse()
    {
        var old = await AddManyAsync(120, Scenario.Start);
        var young = await AddAsync(Scenario.Start.AddDays(10));
        var running = Scenario.Run();
        await _store.CreateAsync(running, default);
        await _engine.StartAsync("stuck", $"{running.RunId}", null, default);
        await _store.AppendAsync(running.RunId, [Scenario.Started()], default);
        _time.Advance(_keep + TimeSpan.FromDays(1));

        var result = await Sweep().SweepAsync(_keep, _budget, default);

        Assert.Equal(new RetentionResult(120, 0, true), result);
        foreach (var id in old) await AssertGoneAsync(id);
        foreach (var id in new[] { young, running.RunId })
        {
            Assert.NotNull(await _store.GetAsync(id, default));
            Assert.NotNull(await _engine.GetAsync($"{id}", default));
            Assert.NotEmpty(await _store.ReadEventsAsync(id, 0, 10, default));
        }
    }

    [Fact]
    public async Task Sweep_CutShortAtAnyCall_LeavesWhatTheNextOneFinds()
    {
        for (var calls = 0; ; calls++)
        {
            var ids = await AddManyAsync(3, Scenario.Start);
            using var crash = new CrashAfter(calls);
            _time.SetUtcNow(Scenario.Start + 2 * _keep);

            var sweep = Sweep(new CrashingClient(_engine, crash)).SweepAsync(_keep, _budget, crash.Token);
            await Task.WhenAny(sweep);
            foreach (var id in ids)
            {
                if (await _store.GetAsync(id, default) is null) Assert.Null(await _engine.GetAsync($"{id}", default));
            }
            var result = await Sweep().SweepAsync(_keep, _budget, default);

            Assert.True(result is { Skipped: 0, Finished: true });
            foreach (var id in ids) await AssertGoneAsync(id);
            if (!sweep.IsCanceled) break;
        }
    }

    [Fact]
    public async Task Sweep_ByTwoInstancesAtOnce_DeletesAll()
    {
        var ids = await AddManyAsync(60, Scenario.Start);
        _time.Advance(2 * _keep);

        var results = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => Sweep().SweepAsync(_keep, _budget, default))));

        Assert.All(results, result => Assert.True(result is { Skipped: 0, Finished: true }));
        foreach (var id in ids) await AssertGoneAsync(id);
    }

    [Fact]
    public async Task Sweep_OutOfTime_StopsAndTheNextOneGoesOn()
    {
        await AddManyAsync(10, Scenario.Start);
        _time.Advance(2 * _keep);
        var slow = new SlowClient(_engine, () => _time.Advance(TimeSpan.FromSeconds(20)));

        var first = await Sweep(slow).SweepAsync(_keep, _budget, default);
        var second = await Sweep(slow).SweepAsync(_keep, TimeSpan.FromHours(1), default);

        Assert.Equal(new RetentionResult(3, 0, false), first);
        Assert.Equal(new RetentionResult(7, 0, true), second);
    }

    [Fact]
    public async Task Sweep_OrchestrationThatNeverEnded_IsEndedFirst()
    {
        var id = await AddAsync(Scenario.Start, "stuck");
        _time.Advance(2 * _keep);

        Assert.Equal(new RetentionResult(1, 0, true), await Sweep().SweepAsync(_keep, _budget, default));

        await AssertGoneAsync(id);
    }

    [Fact]
    public async Task Sweep_RunThatCannotBeDeleted_DoesNotKeepTheOthers()
    {
        var ids = await AddManyAsync(60, Scenario.Start);
        _time.Advance(2 * _keep);
        var broken = new SlowClient(_engine, () => { }) { FaultFor = $"{ids[0]}" };

        Assert.Equal(new RetentionResult(59, 1, true), await Sweep(broken).SweepAsync(_keep, _budget, default));

        Assert.NotNull(await _store.GetAsync(ids[0], default));
    }

    [Fact]
    public async Task Sweep_WhenNothingWorks_GivesUp()
    {
        await AddManyAsync(60, Scenario.Start);
        _time.Advance(2 * _keep);
        var broken = new SlowClient(_engine, () => throw new IOException("away"));

        Assert.Equal(new RetentionResult(0, 5, false), await Sweep(broken).SweepAsync(_keep, _budget, default));
    }

    [Fact]
    public async Task Sweep_ToKeepNothing_IsRefused() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Sweep().SweepAsync(TimeSpan.Zero, _budget, default));

    private RetentionSweep Sweep(IOrchestrationClient? client = null) => new(
        _store,
        client ?? _engine,
        new DeliveryRetention(_deliveries, client ?? _engine),
        _logs,
        _tasks,
        _time,
        CheckedLogger.For<RetentionSweep>());

    [Fact]
    public async Task Sweep_RunWithALogAndTasksElsewhere_RemovesThem()
    {
        var id = await AddAsync(Scenario.Start);
        await _logs.AppendAsync(id, [new RunLogText(Scenario.Start, "documentation", 1, "outline", "a line")], default);
        await _tasks.OpenAsync(AgentScenario.Task(id), default);
        _time.Advance(_keep + TimeSpan.FromDays(1));

        await Sweep().SweepAsync(_keep, _budget, default);

        await AssertGoneAsync(id);
        Assert.Empty(await _logs.ReadAsync(id, 0, null, 10, default));
        Assert.Null(await _tasks.FindAsync(id, "M-001/1", 1, default));
    }

    [Fact]
    public async Task Sweep_RunWithDeliveries_RemovesThem()
    {
        var id = await AddAsync(Scenario.Start);
        await _deliveries.AddAsync(DeliveryScenario.Pending(id, 1));
        _time.Advance(2 * _keep);

        await Sweep().SweepAsync(_keep, _budget, default);

        await AssertGoneAsync(id);
        Assert.Empty((await _deliveries.ListAsync(new DeliveryQuery(RunId: id), default)).Items);
    }

    private async Task<RunId[]> AddManyAsync(int count, DateTimeOffset ended) =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ => AddAsync(ended)));

    private async Task<RunId> AddAsync(DateTimeOffset ended, string orchestration = "done")
    {
        var run = Scenario.Run();
        await _store.CreateAsync(run, default);
        await _engine.StartAsync(orchestration, $"{run.RunId}", null, default);
        if (orchestration == "done") await _engine.WaitForEndAsync($"{run.RunId}", default);
        await _store.AppendAsync(run.RunId, [Scenario.Started(), Scenario.Completed(2) with { At = ended }], default);
        return run.RunId;
    }

    private async Task AssertGoneAsync(RunId id)
    {
        Assert.Null(await _store.GetAsync(id, default));
        Assert.Empty(await _store.ReadEventsAsync(id, 0, 10, default));
        Assert.Null(await _engine.GetAsync($"{id}", default));
    }

    /// <summary>Ends the sweep in one of its calls: for even numbers before the call takes effect, for odd ones after.</summary>
    private sealed class CrashAfter(int calls) : IDisposable
    {
        private readonly CancellationTokenSource _crashed = new();
        private int _calls;

        public CancellationToken Token => _crashed.Token;

        public void Dispose() => _crashed.Dispose();

        public async Task<T> CallAsync<T>(Func<Task<T>> call)
        {
            var number = _calls++;
            if (number == calls / 2 && calls % 2 == 0) await _crashed.CancelAsync();
            Token.ThrowIfCancellationRequested();
            var result = await call();
            if (number == calls / 2) await _crashed.CancelAsync();
            Token.ThrowIfCancellationRequested();
            return result;
        }
    }

    private sealed class CrashingClient(IOrchestrationClient inner, CrashAfter crash) : IOrchestrationClient
    {
        public Task<bool> PurgeAsync(string instanceId, CancellationToken cancellationToken) =>
            crash.CallAsync(() => inner.PurgeAsync(instanceId, default));

        public Task<OrchestrationState?> GetAsync(string instanceId, CancellationToken cancellationToken) =>
            crash.CallAsync(() => inner.GetAsync(instanceId, default));

        public Task<bool> TerminateAsync(string instanceId, string reason, CancellationToken cancellationToken) =>
            crash.CallAsync(() => inner.TerminateAsync(instanceId, reason, default));

        public Task<bool> StartAsync(string name, string instanceId, object? input, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<bool> RaiseEventAsync(string instanceId, string eventName, object? payload, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }

    private sealed class SlowClient(IOrchestrationClient inner, Action onPurge) : IOrchestrationClient
    {
        public string? FaultFor { get; init; }

        public Task<bool> PurgeAsync(string instanceId, CancellationToken cancellationToken)
        {
            onPurge();
            if (instanceId == FaultFor) throw new IOException("damaged");
            return inner.PurgeAsync(instanceId, cancellationToken);
        }

        public Task<OrchestrationState?> GetAsync(string instanceId, CancellationToken cancellationToken) =>
            inner.GetAsync(instanceId, cancellationToken);

        public Task<bool> TerminateAsync(string instanceId, string reason, CancellationToken cancellationToken) =>
            inner.TerminateAsync(instanceId, reason, cancellationToken);

        public Task<bool> StartAsync(string name, string instanceId, object? input, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<bool> RaiseEventAsync(string instanceId, string eventName, object? payload, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
