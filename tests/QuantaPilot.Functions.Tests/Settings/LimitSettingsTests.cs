using Microsoft.Extensions.Configuration;
using QuantaPilot.Core.Admission;
using QuantaPilot.Core.Limits;
using QuantaPilot.Functions.Settings;

namespace QuantaPilot.Functions.Tests.Settings;

/// <summary>How many runs, how much a day, and at which prices.</summary>
public sealed class LimitSettingsTests
{
    private static readonly Dictionary<string, string> _model = new()
    {
        ["Chat__0__Name"] = "default",
        ["Chat__0__Endpoint"] = "https://api.openai.com/v1",
        ["Chat__0__Model"] = "gpt-4.1",
    };

    [Fact]
    public void Read_DailyLimits_AreTakenInOrder()
    {
        var settings = Read(new Dictionary<string, string>
        {
            ["DailyLimits__0__Project"] = "https://github.com/my-org/*",
            ["DailyLimits__0__Tokens"] = "500000",
            ["DailyLimits__0__Usd"] = "20",
            ["DailyLimits__1__Project"] = "*",
            ["DailyLimits__1__Usd"] = "0.50",
        });

        Assert.Equal([new DailyLimit("https://github.com/my-org/*", 500_000, 20), new DailyLimit("*", null, 0.5m)], settings.DailyLimits);
    }

    [Theory]
    [InlineData("Project", "", "is missing: a glob over repositories, e.g. https://github.com/my-org/*")]
    [InlineData("Project", "github.com/*", "is not accepted: 'github.com/*' can match no repository")]
    [InlineData("Tokens", "0", "must be a whole number from 1, not '0'")]
    [InlineData("Tokens", "1e6", "must be a whole number from 1, not '1e6'")]
    [InlineData("Usd", "0", "must be an amount above 0, e.g. 20 or 0.50, not '0'")]
    [InlineData("Usd", "20 USD", "must be an amount above 0, e.g. 20 or 0.50, not '20 USD'")]
    [InlineData("Hours", "8", "is not known. In QuantaPilot__ there are")]
    public void Read_DailyLimitThatIsNotAccepted_IsNamed(string name, string value, string why)
    {
        var settings = new Dictionary<string, string>
        {
            ["DailyLimits__0__Project"] = "*",
            ["DailyLimits__0__Tokens"] = "500000",
            [$"DailyLimits__0__{name}"] = value,
        };

        Refuses(settings, $"DailyLimits__0__{name}", why);
    }

    [Fact]
    public void Read_DailyLimitOfNothing_SaysWhatItMayBe() => Refuses(
        new Dictionary<string, string> { ["DailyLimits__0__Project"] = "*" },
        "DailyLimits__0__Tokens",
        "is missing: give Tokens, Usd or both");

    [Fact]
    public void Read_SectionWithoutAnyValue_CountsAsNone()
    {
        var settings = Read(
            new Dictionary<string, string> { ["DailyLimits__0__Project"] = "", ["Agents__0__Name"] = " ", ["Chat__0__Model"] = "" });

        Assert.Empty(settings.DailyLimits);
    }

    [Fact]
    public void Read_Concurrency_IsTaken()
    {
        var settings = Read(new Dictionary<string, string> { ["Concurrency__Running"] = "10000", ["Concurrency__RunningPerBranch"] = "1" });

        Assert.Equal(new ConcurrencyLimits { Running = 10_000, RunningPerBranch = 1 }, settings.Concurrency);
    }

    [Theory]
    [InlineData("Running", "-1")]
    [InlineData("RunningPerProject", "10001")]
    [InlineData("RunningPerProject", "1.5")]
    [InlineData("RunningPerBranch", "one")]
    public void Read_ConcurrencyThatIsNotAccepted_IsNamed(string name, string value) => Refuses(
        new Dictionary<string, string> { [$"Concurrency__{name}"] = value },
        $"Concurrency__{name}",
        $"must be an integer from 0 to 10000, not '{value}'");

    [Fact]
    public void Read_ConcurrencyThatIsMisspelt_IsNamedBesideThoseThatThereAre() => Refuses(
        new Dictionary<string, string> { ["Concurrency__Runs"] = "3" },
        "Concurrency__Runs",
        "Concurrency__Running, Concurrency__RunningPerBranch, Concurrency__RunningPerProject");

    [Theory]
    [InlineData("InputUsdPerMillion", "-2", "must be a number, such as 2.5, not '-2'")]
    [InlineData("InputUsdPerMillion", "100001", "must be an amount of US dollars from 0 to 100000")]
    [InlineData("OutputUsdPerMillion", "8,50", "must be a number, such as 2.5, not '8,50'")]
    [InlineData("CachedInputUsdPerMillion", "100001", "must be an amount of US dollars from 0 to 100000")]
    [InlineData("OutputUsdPerMillion", "", "is missing: prices of tokens in and out go together")]
    [InlineData("RequestTimeoutSeconds", "0", "must be from 1 second to 1 hour")]
    [InlineData("RequestTimeoutSeconds", "3601", "must be an integer from 0 to 3600")]
    public void Read_ModelThatIsNotAccepted_IsNamed(string name, string value, string why)
    {
        var settings = new Dictionary<string, string>(_model)
        {
            ["Chat__0__InputUsdPerMillion"] = "2",
            ["Chat__0__OutputUsdPerMillion"] = "8",
            [$"Chat__0__{name}"] = value,
        };

        Refuses(settings, $"Chat__0__{name}", why);
    }

    [Fact]
    public void Read_ModelForNoRepository_IsNamed() => Refuses(
        new Dictionary<string, string>(_model) { ["Chat__0__Projects__0"] = "github.com/*" },
        "Chat__0__Projects",
        "is not accepted: 'github.com/*' can match no repository");

    [Fact]
    public void Read_PriceOfCachedTokensAlone_AsksForTheOthers() => Refuses(
        new Dictionary<string, string>(_model) { ["Chat__0__CachedInputUsdPerMillion"] = "1" },
        "Chat__0__InputUsdPerMillion",
        "is missing: the price of cached tokens goes with those of the others");

    [Fact]
    public void Read_TwoAgentsOfOneName_AreNamed()
    {
        var settings = new Dictionary<string, string> { ["PublicUrl"] = "https://pilot.example.com" };
        foreach (var i in new[] { 0, 1 })
        {
            settings[$"Agents__{i}__Name"] = "build-farm";
            settings[$"Agents__{i}__Url"] = $"https://farm{i}.example.com/";
            settings[$"Agents__{i}__Secret"] = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
        }

        Refuses(settings, "Agents", "There are two agents named 'build-farm'");
    }

    [Fact]
    public void Read_AgentWithoutASecret_IsToldHowItLooks() => Refuses(
        new Dictionary<string, string> { ["Agents__0__Name"] = "farm", ["Agents__0__Url"] = "https://farm.example.com/" },
        "Agents__0__Secret",
        "is missing: whsec_ and 24 to 64 bytes in base64");

    private static void Refuses(Dictionary<string, string> settings, string named, string why)
    {
        var e = Assert.Throws<InvalidSettingException>(() => Read(settings));
        Assert.Contains($"The setting QuantaPilot__{named} ", e.Message, StringComparison.Ordinal);
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
    }

    private static AppSettings Read(Dictionary<string, string> settings) => AppSettings.Read(
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting =>
                KeyValuePair.Create($"QuantaPilot:{setting.Key.Replace("__", ":", StringComparison.Ordinal)}", (string?)setting.Value)))
            .AddInMemoryCollection([new("AzureWebJobsStorage", "UseDevelopmentStorage=true")])
            .Build());
}
