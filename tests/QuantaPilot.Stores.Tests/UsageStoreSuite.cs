using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Stores.Tests;

/// <summary>What every store of usage does, on each of them.</summary>
public abstract class UsageStoreSuite : IAsyncLifetime
{
    private const string Project = "https://example.com/org/project";
    private static readonly DateOnly _day = new(2026, 1, 31);
    private static readonly AgentUsage _usage = new(61_200, 1.842512m, 12.5);

    private IUsageStore _store = null!;

    public async Task InitializeAsync() => _store = await OpenAsync();

    public abstract Task DisposeAsync();

    /// <summary>A store over what earlier ones have written.</summary>
    protected abstract Task<IUsageStore> OpenAsync();

    [Fact]
    public async Task Add_SeveralRuns_SumsThemUpPerDayAndProject()
    {
        var (first, second) = (Scenario.Run().RunId, Scenario.Run().RunId);
        await _store.AddAsync(Project, _day, first, 3, _usage, default);
        await _store.AddAsync(Project, _day, first, 4, _usage, default);
        await _store.AddAsync(Project, _day, second, 3, new AgentUsage(1, 0, 0), default);
        await _store.AddAsync(Project, _day.AddDays(1), second, 5, new AgentUsage(10, 0, 0), default);
        await _store.AddAsync(Project + "/other", _day, second, 6, new AgentUsage(100, 0, 0), default);

        _store = await OpenAsync();

        Assert.Equal(new AgentUsage(122_401, 3.685024m, 25), await _store.SumAsync(Project, _day, default));
        Assert.Equal(10, (await _store.SumAsync(Project, _day.AddDays(1), default)).Tokens);
        Assert.Equal(100, (await _store.SumAsync(Project + "/other", _day, default)).Tokens);
    }

    [Fact]
    public async Task Sum_NothingUsed_IsNone() => Assert.Equal(AgentUsage.None, await _store.SumAsync(Project, _day, default));

    [Fact]
    public async Task Add_Repeated_CountsOnce()
    {
        var run = Scenario.Run().RunId;
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _store.AddAsync(Project, _day, run, 3, _usage, default)));

        Assert.Equal(_usage, await _store.SumAsync(Project, _day, default));
    }

    [Fact]
    public async Task RemoveBefore_ADay_LeavesThatDayAndLaterOnes()
    {
        var run = Scenario.Run().RunId;
        for (var revision = 1; revision <= 150; revision++) await _store.AddAsync(Project, _day.AddDays(-1), run, revision, _usage, default);
        await _store.AddAsync(Project + "/other", _day.AddDays(-40), run, 151, _usage, default);
        await _store.AddAsync(Project, _day, run, 152, _usage, default);

        for (var i = 0; i < 2; i++) await _store.RemoveBeforeAsync(_day, default);

        Assert.Equal(AgentUsage.None, await _store.SumAsync(Project, _day.AddDays(-1), default));
        Assert.Equal(AgentUsage.None, await _store.SumAsync(Project + "/other", _day.AddDays(-40), default));
        Assert.Equal(_usage, await _store.SumAsync(Project, _day, default));
    }
}
