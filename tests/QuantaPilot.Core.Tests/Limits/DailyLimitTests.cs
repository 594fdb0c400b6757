using QuantaPilot.Core.Limits;

namespace QuantaPilot.Core.Tests.Limits;

public sealed class DailyLimitTests
{
    [Theory]
    [InlineData("https://example.com/*=tokens:500000,usd:20", "https://example.com/*", 500_000L, "20")]
    [InlineData("*=usd:0.5", "*", null, "0.5")]
    [InlineData("https://example.com/a?b=c=tokens:1", "https://example.com/a?b=c", 1L, null)]
    public void Parse_Limit_IsReadWhole(string text, string projects, long? tokens, string? usd)
    {
        var limit = DailyLimit.Parse(text);

        var expected = usd is null ? (decimal?)null : decimal.Parse(usd, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(new DailyLimit(projects, tokens, expected), limit);
    }

    [Theory]
    [InlineData("")]
    [InlineData("tokens:5")]
    [InlineData("=tokens:5")]
    [InlineData("*=")]
    [InlineData("*=tokens:0")]
    [InlineData("*=tokens:-1")]
    [InlineData("*=tokens:5,tokens:6")]
    [InlineData("*=usd:0")]
    [InlineData("*=usd:1e3")]
    [InlineData("*=hours:8")]
    [InlineData("ssh://x=tokens:5")]
    public void Parse_AnythingElse_IsRefused(string text) => Assert.Throws<FormatException>(() => DailyLimit.Parse(text));
}
