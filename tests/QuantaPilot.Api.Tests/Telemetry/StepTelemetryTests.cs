using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Api.Telemetry;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Telemetry;
using QuantaPilot.Engine.Storage;
using QuantaPilot.Host.Sqlite;

namespace QuantaPilot.Api.Tests.Telemetry;

[Collection(nameof(TelemetryTests))]
public sealed class StepTelemetryTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(Scenario.Start);
    private readonly SqliteFile _file;
    private readonly SqliteRunStore _store;
    private readonly ScopeRecorder _log = new();
    private readonly MeterListener _listener = new();
    private readonly List<string> _measured = [];
    private readonly StepTelemetry _telemetry;
    private readonly RunSnapshot _run = Scenario.Run();

    public StepTelemetryTests()
    {
        _file = SqliteFile.Open(_directory.File("test.db"), RunsSchema.Scripts);
        _store = new SqliteRunStore(_file);
        _telemetry = new StepTelemetry(_store, _time, _log.CreateLogger());
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == Instruments.Name) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _file.Dispose();
        _directory.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task Run_Step_IsTimedByKindAndOutcome()
    {
        await RunAsync("prepare_run", [], new StepResult<Done>(new Done(), null));
        await RunAsync("prepare_run", [], new StepResult<Done>(null, new StepFailure(ErrorCodes.BranchNotFound, "no main", false)));
        await RunAsync("prepare_run", [], new StepResult<Done>(null, new StepFailure(ErrorCodes.Cancelled, "stop", false)));
        await Assert.ThrowsAsync<IOException>(() => _telemetry.RunAsync<RecordEventsInput, Done>(
            "record_events", Input([]), () => throw new IOException("away")));

        Assert.Equal(
            [
                "quantapilot.step.duration 2 quantapilot.step=prepare_run quantapilot.outcome=completed",
                "quantapilot.step.duration 2 quantapilot.step=prepare_run quantapilot.outcome=failed error.type=branch_not_found",
                "quantapilot.step.duration 2 quantapilot.step=prepare_run quantapilot.outcome=cancelled error.type=cancelled",
                "quantapilot.step.duration 0 quantapilot.step=record_events quantapilot.outcome=failed error.type=System.IO.IOException",
            ],
            _measured);
    }

    [Fact]
    public async Task Run_EventsThatRideAgain_AreCountedOnce()
    {
        RunEvent[] events =
        [
            Scenario.Started(),
            Scenario.AnchorRequested(),
            new RunPaused("x") { Revision = 3 },
            new RunResumed { Revision = 4 },
            new GateDecided(Gate.Anchor, 1, true, "") { Revision = 5 },
            new StepStarted("merge") { Revision = 6 },
            new RunFailed(ErrorCodes.Cancelled, "x") { Revision = 7 },
        ];

        await RunAsync("record_events", events[..2], new StepResult<Done>(new Done(), null));
        await RunAsync("prepare_run", events[..1], new StepResult<Done>(new Done(), null));
        await RunAsync("record_events", events, new StepResult<Done>(new Done(), null));
        await RunAsync("record_events", events, new StepResult<Done>(new Done(), null));

        Assert.Equal(
            ["running", "waiting", "paused", "waiting", "running", "cancelled"],
            Of("quantapilot.runs").Select(line => line["quantapilot.runs 1 quantapilot.run.status=".Length..]));
    }

    [Fact]
    public async Task Run_EventsThatWereNotRecorded_AreNotCounted()
    {
        await Assert.ThrowsAsync<IOException>(() => _telemetry.RunAsync<RecordEventsInput, Done>(
            "record_events", Input([Scenario.Started()]), () => throw new IOException("away")));
        Assert.Empty(Of("quantapilot.runs"));

        await RunAsync("record_events", [Scenario.Started()], new StepResult<Done>(new Done(), null));
        Assert.Single(Of("quantapilot.runs"));
    }

    [Fact]
    public async Task Run_MoreRunsThanAreRemembered_CountsEach()
    {
        for (var i = 0; i < 10_000; i++)
        {
            var input = new RecordEventsInput(RunId.From(Guid.NewGuid()), [Scenario.Started()]);
            for (var again = 0; again < 2; again++) await _telemetry.RunAsync("record_events", input, () => Task.FromResult(new Done()));
        }

        Assert.Equal(10_000, Of("quantapilot.runs").Count());
    }

    [Fact]
    public async Task Run_GateThatTimedOut_IsTimedFromItsRequest()
    {
        await _store.CreateAsync(_run, default);
        await _store.AppendAsync(_run.RunId, [Scenario.Started(), Scenario.AnchorRequested()], default);
        _time.Advance(TimeSpan.FromHours(1));
        var input = new TimeOutGateInput(_run.RunId, [], Gate.Anchor, 1);

        foreach (var decision in new[] { null, new GateDecision(Gate.Anchor, 1, true, "", "olga") })
        {
            var result = new StepResult<GateTimeoutResult>(new GateTimeoutResult(decision), null);
            await _telemetry.RunAsync("time_out_gate", input, () => Task.FromResult(result));
        }

        Assert.Equal(["quantapilot.gate.wait 3600 quantapilot.gate=anchor quantapilot.outcome=timed_out"], Of("quantapilot.gate.wait"));
    }

    [Fact]
    public async Task Run_GateThatWasWithdrawn_IsNotTimed()
    {
        await _store.CreateAsync(_run, default);
        var withdrawn = new GateWithdrawn(Gate.Anchor, 1) { Revision = 3, At = Scenario.Start };
        await _store.AppendAsync(_run.RunId, [Scenario.Started(), Scenario.AnchorRequested(), withdrawn], default);

        var result = new StepResult<GateTimeoutResult>(new GateTimeoutResult(null), null);
        await _telemetry.RunAsync("time_out_gate", new TimeOutGateInput(_run.RunId, [], Gate.Anchor, 1), () => Task.FromResult(result));

        Assert.Empty(Of("quantapilot.gate.wait"));
    }

    [Theory]
    [InlineData("""{"approved":true}""", "approved")]
    [InlineData("""{"approved":false,"reason":"no"}""", "rejected")]
    public async Task Decision_AtAGate_IsTimedFromItsRequest(string body, string outcome)
    {
        await using var host = await ApiHost.StartAsync();
        var run = await host.AddRunAsync(Scenario.Run(), Scenario.Started(), Scenario.AnchorRequested());
        host.Time.Advance(TimeSpan.FromMinutes(5));

        for (var i = 0; i < 2; i++) (await host.Admin.PostAsync($"/runs/{run}/gates/anchor", ApiHost.Json(body))).Dispose();

        Assert.Equal([$"quantapilot.gate.wait 300 quantapilot.gate=anchor quantapilot.outcome={outcome}"], Of("quantapilot.gate.wait"));
    }

    [Fact]
    public async Task Run_LogLinesWithin_CarryTheRun()
    {
        var input = Input([]) with { CorrelationId = _run.CorrelationId };

        await _telemetry.RunAsync("record_events", input, () =>
        {
            _log.Factory.CreateLogger("elsewhere").Log(LogLevel.Warning, default, "something", null, (state, _) => state);
            return Task.FromResult(new Done());
        });

        Assert.Equal([$"quantapilot.run_id={_run.RunId}", $"quantapilot.correlation_id={_run.CorrelationId}"], _log.Scopes);
    }

    [Fact]
    public async Task Run_AnAttemptAtADelivery_IsAboutItsRun()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Instruments.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        var input = new AttemptDeliveryInput(new DeliveryBatch(_run.RunId, "lifecycle", [1]), null) { CorrelationId = _run.CorrelationId };
        Activity? span = null;

        await _telemetry.RunAsync(ActivityNames.AttemptDelivery, input, () =>
        {
            span = Activity.Current;
            return Task.FromResult(new DeliveryAttemptResult([], null));
        });

        Assert.Equal("activity:attempt_delivery", span!.OperationName);
        Assert.Equal($"{_run.RunId}", span.GetTagItem(RunTags.RunId));
        Assert.Equal(_run.CorrelationId, span.GetTagItem(RunTags.CorrelationId));
        Assert.Equal(["quantapilot.step.duration 0 quantapilot.step=attempt_delivery quantapilot.outcome=completed"], _measured);
    }

    [Fact]
    public async Task Run_WhatIsNotAboutARun_IsLeftAlone()
    {
        Assert.Equal(2, await _telemetry.RunAsync("x", 1, () => Task.FromResult(2)));
        Assert.Empty(_measured);
    }

    private RecordEventsInput Input(RunEvent[] events) => new(_run.RunId, events);

    private Task<StepResult<Done>> RunAsync(string activity, RunEvent[] events, StepResult<Done> result) =>
        _telemetry.RunAsync(activity, Input(events), () =>
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            return Task.FromResult(result);
        });

    private IEnumerable<string> Of(string instrument) =>
        _measured.Where(line => line.StartsWith(instrument + " ", StringComparison.Ordinal));

    private void Add<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var line = $"{instrument.Name} {value}";
        foreach (var (name, tag) in tags) line += $" {name}={tag}";
        lock (_measured) _measured.Add(line);
    }

    /// <summary>Writes down the scopes that log lines are written in.</summary>
    private sealed class ScopeRecorder : ILoggerProvider, ISupportExternalScope, ILogger
    {
        private IExternalScopeProvider? _provider;

        public ScopeRecorder() => Factory = LoggerFactory.Create(logging => logging.AddProvider(this).AddProvider(new CheckedLogs()));

        public ILoggerFactory Factory { get; }

        public List<string> Scopes { get; } = [];

        public ILogger<StepTelemetry> CreateLogger() => Factory.CreateLogger<StepTelemetry>();

        public ILogger CreateLogger(string categoryName) => this;

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _provider = scopeProvider;

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => _provider!.Push(state);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _provider!.ForEachScope(
                (scope, scopes) =>
                {
                    var tags = (IEnumerable<KeyValuePair<string, object?>>)scope!;
                    scopes.AddRange(tags.Select(tag => $"{tag.Key}={tag.Value}"));
                },
                Scopes);

        public void Dispose()
        {
        }
    }
}
