using QuantaPilot.Api.Limits;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Tests.Limits;

[CollectionDefinition(nameof(RateLimiterMemoryTests), DisableParallelization = true)]
[Collection(nameof(RateLimiterMemoryTests))]
public sealed class RateLimiterMemoryTests
{
    private static readonly RateLimit _limit = new("test", 60, TimeSpan.FromMinutes(1), 60);

    [Fact]
    public async Task Take_AMillionKeysWithinASecond_StaysWithinItsMemory()
    {
        var limiter = new InMemoryRateLimiter();
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var allowed = 0;
        for (var i = 0; i < 1_000_000; i++)
        {
            var key = $"2001:db8:{i & 0xffff:x}:{i >> 16:x}::";
            if ((await limiter.TakeAsync(key, _limit, Scenario.Start.AddTicks(i * 10), default)).Allowed) allowed++;
        }

        var used = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.InRange(limiter.Count, InMemoryRateLimiter.DefaultCapacity / 2, InMemoryRateLimiter.DefaultCapacity);
        Assert.InRange(used / 1024 / 1024, 1, 20);
        Assert.Equal(1_000_000, allowed);
        GC.KeepAlive(limiter);
    }
}
