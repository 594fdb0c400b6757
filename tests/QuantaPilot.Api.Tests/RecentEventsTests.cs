using QuantaPilot.Api.Events;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests;

public sealed class RecentEventsTests
{
    [Fact]
    public void Add_AnEventAgain_IsToldFromANewOneWithinTheCapacity()
    {
        var run = RunId.From(Guid.CreateVersion7());
        var recent = new RecentEvents(2);

        Assert.True(recent.Add(new EventId(run, 1)));
        Assert.False(recent.Add(new EventId(run, 1)));
        Assert.True(recent.Add(new EventId(run, 2)));
        Assert.True(recent.Add(new EventId(run, 3)));
        Assert.False(recent.Add(new EventId(run, 2)));
        Assert.True(recent.Add(new EventId(run, 1)));
    }
}
