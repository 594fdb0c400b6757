using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Engine;
using QuantaPilot.Engine.Storage;
using QuantaPilot.Host.Sqlite;

namespace QuantaPilot.Api.Tests.Deliveries;

/// <summary>The delivery orchestration on the embedded engine, over the real stores, on a clock that the test moves.</summary>
public sealed class DeliveryEngineTests : IAsyncLifetime, IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly TempDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(Scenario.Start);
    private readonly AttentiveSink _sink = new("lifecycle") { Answer = () => DeliveryScenario.Down };
    private readonly RunSnapshot _run = Scenario.Run();
    private readonly Channel<Delivery> _updates = Channel.CreateUnbounded<Delivery>();
    private SqliteFile _file = null!;
    private EmbeddedEngine _engine = null!;
    private EventHandover _handover = null!;
    private TellingStore _store = null!;

    public async Task InitializeAsync()
    {
        await OpenAsync();
        var runs = new SqliteRunStore(_file);
        await runs.CreateAsync(_run, default);
        await runs.AppendAsync(_run.RunId, [Scenario.Started(), Scenario.Tick(2)], default);
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Delivery_SinkStaysDown_GoesThroughTheScheduleAndARestartAndIsDeadLettered()
    {
        await HandOverAsync();
        var restarts = 0;
        while (await _time.PatientlyAsync(_updates.Reader.ReadAsync().AsTask()) is { Status: DeliveryStatus.Pending } delivery)
        {
            if (delivery.Attempts.Count == 4 && restarts++ == 0)
            {
                await CloseAsync();
                await OpenAsync();
            }
            var wait = delivery.NextAttemptAt!.Value - _time.GetUtcNow();
            if (wait > TimeSpan.Zero) _time.Advance(wait);
        }
        await EndAsync();

        var settled = await DeliveryAsync(1);
        Assert.Equal(DeliveryStatus.DeadLettered, settled.Status);
        // The stop may have cut off the attempt of which it heard; that one is then made again.
        Assert.InRange(settled.Attempts.Count, DeliverySchedule.Retries + 1, DeliverySchedule.Retries + 2);
        Assert.InRange(settled.Attempts[^1].At - Scenario.Start, TimeSpan.FromHours(68), TimeSpan.FromHours(84));
    }

    [Fact]
    public async Task Delivery_AskedToDeliverNow_DoesNotWaitForItsTime()
    {
        await HandOverAsync();
        _sink.Answer = () => SinkAnswer.Delivered(200);

        Assert.True(await _engine.RaiseEventAsync(Instance, DeliveryOrchestration.DeliverNow, new Done(), default));
        await EndAsync();

        Assert.Equal(DeliveryStatus.Delivered, (await DeliveryAsync(1)).Status);
        Assert.Equal(DeliveryStatus.Delivered, (await DeliveryAsync(2)).Status);
        Assert.Equal(Scenario.Start, _time.GetUtcNow());
        Assert.Equal(["1,2", "1,2"], [await _sink.AttemptAsync(), await _sink.AttemptAsync()]);
    }

    [Fact]
    public async Task Retention_OfARunWithDeliveries_LeavesNothing()
    {
        await HandOverAsync();

        Assert.True(await new DeliveryRetention(_store, _engine).RemoveAsync(_run.RunId, default));
        Assert.True(await new DeliveryRetention(_store, _engine).RemoveAsync(_run.RunId, default));

        Assert.Empty((await _store.ListAsync(new DeliveryQuery(), default)).Items);
        Assert.Null(await _engine.GetAsync(Instance, default));
    }

    private string Instance => $"delivery-lifecycle-{_run.RunId}-1";

    private Task HandOverAsync() => _handover.HandOverAsync(_run, [Scenario.Started(), Scenario.Tick(2)], default);

    private async Task<Delivery> DeliveryAsync(long sequence) =>
        (await _store.GetAsync(new DeliveryId(_run.RunId, sequence, "lifecycle"), default))!;

    private async Task EndAsync() =>
        Assert.Equal(OrchestrationStatus.Completed, (await _engine.WaitForEndAsync(Instance, default).WaitAsync(_patience))!.Status);

    private async Task OpenAsync()
    {
        _file = SqliteFile.Open(_directory.File("test.db"), EmbeddedEngine.Schema, RunsSchema.Scripts);
        _store = new TellingStore(new SqliteDeliveryStore(_file), _updates.Writer);
        var options = new DeliveryOptions();
        var circuits = new SinkCircuits(options, _time);
        var sender = new SinkSender(circuits, _time, CheckedLogger.For<SinkSender>());
        var sinks = new EventSinks([_sink]);
        var activities = new DeliveryActivities(
            new SqliteRunStore(_file), _store, sinks, sender, options, _time, CheckedLogger.For<DeliveryActivities>());
        var registry = new OrchestrationRegistry()
            .AddOrchestration(DeliveryOrchestration.Name, DeliveryOrchestration.RunAsync)
            .AddActivity<AttemptDeliveryInput, DeliveryAttemptResult>(
                ActivityNames.AttemptDelivery, (call, input) => activities.AttemptDeliveryAsync(input, call.CancellationToken));
        _engine = new EmbeddedEngine(
            _file, registry, new EngineOptions { Json = CoreJson.Default.Options }, _time, CheckedLogger.For<EmbeddedEngine>());
        _handover = new EventHandover(sinks, sender, circuits, _store, _engine, options, _time, CheckedLogger.For<EventHandover>());
        await _engine.StartAsync(default);
    }

    private async Task CloseAsync()
    {
        await _engine.StopAsync(default);
        _file.Dispose();
    }

    /// <summary>Tells the test what each write made of the first delivery.</summary>
    private sealed class TellingStore(IDeliveryStore inner, ChannelWriter<Delivery> updates) : IDeliveryStore
    {
        public Task<IReadOnlyList<Delivery>> FindAsync(DeliveryBatch batch, CancellationToken cancellationToken) =>
            inner.FindAsync(batch, cancellationToken);

        public async Task<IReadOnlyList<Delivery>> UpdateAsync(
            DeliveryBatch batch, Func<long, Delivery?, Delivery?> change, CancellationToken cancellationToken)
        {
            var after = await inner.UpdateAsync(batch, change, cancellationToken);
            updates.TryWrite(after[0]);
            return after;
        }

        public Task<DeliveryPage> ListAsync(DeliveryQuery query, CancellationToken cancellationToken) =>
            inner.ListAsync(query, cancellationToken);

        public Task DeleteOfRunAsync(RunId runId, CancellationToken cancellationToken) => inner.DeleteOfRunAsync(runId, cancellationToken);
    }
}
