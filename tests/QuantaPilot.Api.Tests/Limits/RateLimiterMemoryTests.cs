using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
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

    [Fact]
    public async Task CountFailedAuthentication_FromAMillionAddresses_StaysWithinItsMemory()
    {
        var limiter = new InMemoryRateLimiter();
        var limits = new RequestLimits(limiter, new RateLimitOptions(), new FakeTimeProvider(Scenario.Start));
        var context = new DefaultHttpContext();
        // One that has used up its limit is not forgotten for all the others.
        context.Connection.RemoteIpAddress = IPAddress.Parse("192.0.2.1");
        while (await limits.CountFailedAuthenticationAsync(context) is null)
        {
        }
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var i = 0; i < 1_000_000; i++)
        {
            context.Connection.RemoteIpAddress = new IPAddress([10, (byte)(i >> 16), (byte)(i >> 8), (byte)i]);
            Assert.Null(await limits.CountFailedAuthenticationAsync(context));
        }

        // Other tests' hosts may still be given back meanwhile, so there is no telling how little.
        var used = GC.GetTotalMemory(forceFullCollection: true) - before;
        // Where the clock stands still, all that have used as little are dropped together.
        Assert.InRange(limiter.Count, 1, InMemoryRateLimiter.DefaultCapacity);
        Assert.True(used < 20 * 1024 * 1024, $"{used} bytes");
        context.Connection.RemoteIpAddress = IPAddress.Parse("192.0.2.1");
        Assert.Equal(StatusCodes.Status429TooManyRequests, (await limits.CountFailedAuthenticationAsync(context))?.Status);
    }
}
