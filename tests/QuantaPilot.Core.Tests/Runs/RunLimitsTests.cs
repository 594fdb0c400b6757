using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Runs;

public sealed class RunLimitsTests
{
    private static readonly RunLimits _limits = new(60_000, 10, TimeSpan.FromHours(8));

    [Theory]
    [InlineData(60_000, "10", 28_799, null)]
    [InlineData(60_001, "10", 28_799, "limit tokens: 60,001 of 60,000 used")]
    [InlineData(0, "10.000001", 28_799, "limit usd: 10.000001 of 10.00 used")]
    [InlineData(0, "0", 28_800, "limit duration: 8h of 8h used")]
    [InlineData(0, "0", 29_520.7, "limit duration: 8h 12m of 8h used")]
    [InlineData(61_200, "12", 30_000, "limit tokens: 61,200 of 60,000 used")]
    public void FindExcess_NamesTheFirstLimitThatIsOverrun(long tokens, string usd, double seconds, string? excess) =>
        Assert.Equal(
            excess,
            _limits.FindExcess(new RunUsage(tokens, decimal.Parse(usd, System.Globalization.CultureInfo.InvariantCulture), seconds)));

    [Fact]
    public void FindExcess_WithoutLimits_IsNull() => Assert.Null(RunLimits.None.FindExcess(new RunUsage(long.MaxValue, 1_000_000, 1e9)));

    [Theory]
    [InlineData(47_999, "7.99", 23_039, "")]
    [InlineData(48_000, "8", 23_040, "Tokens Usd Duration")]
    public void NearedBy_FourFifths_NamesTheLimit(long tokens, string usd, double seconds, string names) => Assert.Equal(
        names,
        string.Join(
            ' ', _limits.NearedBy(new RunUsage(tokens, decimal.Parse(usd, System.Globalization.CultureInfo.InvariantCulture), seconds))));

    [Fact]
    public void Describe_WithoutALimit_SaysWhatIsUsed() =>
        Assert.Equal("1d 1h", RunLimits.None.Describe(LimitName.Duration, new RunUsage(0, 0, 90_061)));
}
