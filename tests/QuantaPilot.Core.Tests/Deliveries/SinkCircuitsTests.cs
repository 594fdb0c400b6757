using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Core.Deliveries;

namespace QuantaPilot.Core.Tests.Deliveries;

public sealed class SinkCircuitsTests
{
    private readonly DeliveryOptions _options = new();
    private readonly FakeTimeProvider _time = new();
    private readonly SinkCircuits _circuits;

    public SinkCircuitsTests() => _circuits = new SinkCircuits(_options, _time);

    [Fact]
    public void TryPass_AfterAFailure_IsFalseUntilThePauseIsOverThenTrueForOne()
    {
        Assert.True(_circuits.TryPass("a"));
        Assert.True(_circuits.Failed("a", null));

        _time.Advance(_options.FirstPause - TimeSpan.FromTicks(1));
        Assert.False(_circuits.TryPass("a"));
        Assert.True(_circuits.TryPass("b"));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal([true, false], [_circuits.TryPass("a"), _circuits.TryPass("a")]);
    }

    [Fact]
    public void Failed_Again_PausesLongerUpToTheLongest()
    {
        var pauses = new List<TimeSpan>();
        for (var i = 0; i < 6; i++)
        {
            _circuits.Failed("a", null);
            var pause = TimeSpan.Zero;
            for (; !_circuits.TryPass("a"); pause += TimeSpan.FromSeconds(10)) _time.Advance(TimeSpan.FromSeconds(10));
            pauses.Add(pause);
        }
        Assert.Equal([30, 60, 120, 240, 300, 300], pauses.Select(pause => pause.TotalSeconds));
    }

    [Fact]
    public void Failed_SinkAsksToWait_PausesAsLong()
    {
        _circuits.Failed("a", TimeSpan.FromMinutes(20));
        _time.Advance(TimeSpan.FromMinutes(19));
        Assert.False(_circuits.TryPass("a"));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(_circuits.TryPass("a"));
    }

    [Fact]
    public void Succeeded_ClosesAtOnceAndTellsOfTheChangeOnce()
    {
        Assert.Equal([true, false], [_circuits.Failed("a", null), _circuits.Failed("a", null)]);
        Assert.Equal([true, false], [_circuits.Succeeded("a"), _circuits.Succeeded("a")]);
        Assert.True(_circuits.TryPass("a"));
    }
}
