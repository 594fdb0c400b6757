using QuantaPilot.Api.Limits;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Tests.Limits;

public sealed class InMemoryRateLimiterTests
{
    private const int Capacity = 1600;
    private static readonly RateLimit _limit = new("test", 60, TimeSpan.FromMinutes(1), 5);
    private readonly InMemoryRateLimiter _limiter = new(Capacity);

    [Fact]
    public async Task Take_ManyAtOnce_AllowsTheBurstToEachKey()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 400).Select(i => Task.Run(async () =>
            (Key: i % 4, (await TakeAsync($"key {i % 4}")).Allowed))));

        Assert.All(answers.GroupBy(a => a.Key), key => Assert.Equal(5, key.Count(a => a.Allowed)));
    }

    [Fact]
    public async Task Take_WhileAFloodOfKeysGoesBy_RemembersWhoIsOverTheLimit()
    {
        for (var i = 0; i < 5; i++) await TakeAsync("offender");

        for (var i = 0; i < 20 * Capacity; i++)
        {
            await TakeAsync($"passer-by {i}");
            if (i % Capacity == 0) Assert.False((await TakeAsync("offender")).Allowed);
        }

        Assert.False((await TakeAsync("offender")).Allowed);
        Assert.InRange(_limiter.Count, 1, Capacity);
        Assert.True((await TakeAsync("offender", Scenario.Start.AddSeconds(1))).Allowed);
    }

    [Fact]
    public void Take_WhenAllThatAreKnownAreOverTheLimit_LetsTheRestShareACountUntilThereIsRoom()
    {
        var (table, now) = (new KeyTable(_limit, 100), Scenario.Start.UtcTicks);
        for (var i = 0; i < 100; i++)
        {
            for (var use = 0; use < 5; use++) table.Take($"offender {i}", now);
        }

        var strangers = Enumerable.Range(0, 1000).Count(i => table.Take($"stranger {i}", now).Allowed);
        var offenders = Enumerable.Range(0, 100).Count(i => table.Take($"offender {i}", now).Allowed);
        var later = now + _limit.Interval.Ticks;
        var newcomers = Enumerable.Range(0, 200).Count(i => table.Take($"newcomer {i}", later).Allowed);

        Assert.Equal((5, 0, 200), (strangers, offenders, newcomers));
        Assert.InRange(table.Count, 1, 100);
    }

    [Fact]
    public async Task Take_UnderAnotherLimit_CountsApart()
    {
        for (var i = 0; i < 6; i++) await TakeAsync("key");

        Assert.True((await _limiter.TakeAsync("key", _limit with { Name = "other" }, Scenario.Start, default)).Allowed);
    }

    private ValueTask<RateLimitAnswer> TakeAsync(string key, DateTimeOffset? at = null) =>
        _limiter.TakeAsync(key, _limit, at ?? Scenario.Start, default);
}
