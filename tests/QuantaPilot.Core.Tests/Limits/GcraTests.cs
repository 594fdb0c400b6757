using QuantaPilot.Core.Limits;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Core.Tests.Limits;

public sealed class GcraTests
{
    private static readonly long _start = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;
    private static readonly RateLimit _limit = new("test", 60, TimeSpan.FromMinutes(1), 10);

    [Fact]
    public void Take_NewKey_HasTheBurstAndThenWaitsForOneInterval()
    {
        long full = 0;
        for (var i = 1; i <= 10; i++)
        {
            (full, var answer) = Gcra.Take(full, _limit, _start);
            Assert.Equal(new RateLimitAnswer(true, TimeSpan.Zero, 10 - i, TimeSpan.FromSeconds(i)), answer);
        }

        var (same, refused) = Gcra.Take(full, _limit, _start);

        Assert.Equal(new RateLimitAnswer(false, TimeSpan.FromSeconds(1), 0, TimeSpan.FromSeconds(10)), refused);
        Assert.Equal(full, same);
    }

    [Fact]
    public void Take_AfterRetryAfter_IsAllowedAndNotATickEarlier()
    {
        var (full, _) = Gcra.Take(0, _limit, _start, 10);
        var retryAfter = Gcra.Take(full, _limit, _start).Answer.RetryAfter.Ticks;

        Assert.False(Gcra.Take(full, _limit, _start + retryAfter - 1).Answer.Allowed);
        Assert.True(Gcra.Take(full, _limit, _start + retryAfter).Answer.Allowed);
    }

    [Fact]
    public void Take_SeveralPermits_IsAllOrNone()
    {
        var (full, _) = Gcra.Take(0, _limit, _start, 7);

        var (same, refused) = Gcra.Take(full, _limit, _start, 4);
        var (_, taken) = Gcra.Take(full, _limit, _start, 3);

        Assert.Equal((full, false, 3, TimeSpan.FromSeconds(1)), (same, refused.Allowed, refused.Remaining, refused.RetryAfter));
        Assert.Equal((true, 0), (taken.Allowed, taken.Remaining));
    }

    [Fact]
    public void Take_AtAnySpeed_AllowsTheBurstAndTheRateAndNoMore()
    {
        foreach (var step in new[] { 1, 13, 100, 997, 1000, 1500 })
        {
            long full = 0;
            var allowed = 0;
            var time = 0;
            for (; time < 60_000; time += step)
            {
                (full, var answer) = Gcra.Take(full, _limit, _start + time * TimeSpan.TicksPerMillisecond);
                if (answer.Allowed) allowed++;
            }
            var asked = time / step;
            Assert.InRange(allowed, Math.Min(asked, 10 + 59), Math.Min(asked, 10 + 60));
        }
    }

    [Fact]
    public void Take_KeyThatWasIdle_IsAsGoodAsNew()
    {
        var (full, _) = Gcra.Take(0, _limit, _start, 10);
        var later = _start + TimeSpan.FromSeconds(10).Ticks;

        Assert.Equal(Gcra.Take(0, _limit, later), Gcra.Take(full, _limit, later));
    }

    [Fact]
    public void Take_AfterTheClockWasSetBack_WaitsNoLongerThanUsual()
    {
        var (full, _) = Gcra.Take(0, _limit, _start + TimeSpan.FromHours(1).Ticks);

        Assert.Equal(TimeSpan.FromSeconds(1), Gcra.Take(full, _limit, _start).Answer.RetryAfter);
    }

    [Fact]
    public void IsUsedUp_Key_IsThatTheNextIsRefused()
    {
        long full = 0;
        for (var i = 0; i < 12; i++)
        {
            Assert.Equal(!Gcra.Take(full, _limit, _start).Answer.Allowed, Gcra.IsUsedUp(full, _limit, _start));
            full = Gcra.Take(full, _limit, _start).Full;
        }
    }
}
