using System.Diagnostics.Metrics;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Telemetry;

namespace QuantaPilot.Core.Tests.Deliveries;

public sealed class DeliveryMetricsTests : IDisposable
{
    /// <summary>Of this test alone: metrics are of the process, in which other tests run too.</summary>
    private const string Sink = "metered";

    private readonly ScriptedSink _sink = new(Sink);
    private readonly DeliveryWorld _world;
    private readonly MeterListener _listener = new();
    private readonly List<string> _counted = [];

    public DeliveryMetricsTests()
    {
        _world = new DeliveryWorld(_sink);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "quantapilot.deliveries") listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            var line = $"{value}";
            var ours = false;
            foreach (var (name, tag) in tags)
            {
                line += $" {name}={tag}";
                ours |= (name, tag) is (Instruments.SinkTag, Sink);
            }
            if (ours) _counted.Add(line);
        });
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Deliveries_EachAttempt_IsCountedBySinkAndOutcome()
    {
        _sink.Answer = sequence => sequence switch
        {
            1 => SinkAnswer.Delivered(200),
            2 => SinkAnswer.FailedTransiently(DeliveryCodes.Unavailable, 503),
            _ => SinkAnswer.Refused(DeliveryCodes.TooLarge, 413),
        };
        await _world.HandOverAsync(1, 2, 3);
        _sink.Answer = _ => SinkAnswer.Delivered(200);
        new ScriptedDelivery(_world, Assert.Single(_world.Started).Value).Start().RunToEnd();

        Assert.Equal(
            [
                "1 quantapilot.sink=metered quantapilot.outcome=delivered",
                "1 quantapilot.sink=metered quantapilot.outcome=pending error.type=unavailable",
                "1 quantapilot.sink=metered quantapilot.outcome=dead_lettered error.type=too_large",
                "1 quantapilot.sink=metered quantapilot.outcome=delivered",
            ],
            _counted);
    }

    [Fact]
    public async Task Deliveries_LeftToTheOrchestrationWithoutAnAttempt_AreNotCounted()
    {
        _sink.Answer = _ => SinkAnswer.FailedTransiently(DeliveryCodes.Unavailable, 503);
        await _world.HandOverAsync(1);
        _counted.Clear();

        await _world.HandOverAsync(2);

        Assert.Equal(["1"], _sink.Attempts);
        Assert.Empty(_counted);
        Assert.Equal(_world.Run.CorrelationId, _world.Started.Last().Value.CorrelationId);
    }
}
