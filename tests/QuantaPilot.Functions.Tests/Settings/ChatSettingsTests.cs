using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Functions.Settings;
using QuantaPilot.Functions.Tests.Support;
using QuantaPilot.Integrations.Chat;

namespace QuantaPilot.Functions.Tests.Settings;

public sealed class ChatSettingsTests
{
    private static readonly (string Name, string Value)[] _least =
        [("0__Name", "default"), ("0__Endpoint", "https://api.openai.com/v1"), ("0__Model", "gpt-4.1")];

    [Fact]
    public void Read_EverySetting_IsAccepted()
    {
        var endpoints = Read(
        [
            .. _least,
            ("0__Key", "the-key"),
            ("0__Seed", "7"),
            ("0__Temperature", "0.2"),
            ("0__MaxOutputTokens", "4000"),
            ("0__RequestTimeoutSeconds", "90"),
            ("0__InputUsdPerMillion", "2"),
            ("0__OutputUsdPerMillion", "8"),
            ("0__CachedInputUsdPerMillion", "0.5"),
            ("0__AnswerFormat", "JsonObject"),
            ("0__Projects__0", "https://github.com/my-org/*"),
            ("1__Name", "local"),
            ("1__Endpoint", "http://models.internal/v1"),
            ("1__Model", "qwen3:8b"),
            ("1__Seed", "none"),
        ]);

        var big = endpoints.Get(Agent(null));
        Assert.Equal(("https://api.openai.com/v1", "gpt-4.1", "the-key"), (big.Endpoint.AbsoluteUri, big.Model, big.Key));
        Assert.Equal((2m, 8m, 0.5m), (big.InputUsdPerMillion, big.OutputUsdPerMillion, big.CachedInputUsdPerMillion));
        Assert.Equal((7, 0.2, 4_000), (big.Seed, big.Temperature, big.MaxOutputTokens));
        Assert.Equal((TimeSpan.FromSeconds(90), ChatAnswerFormat.JsonObject), (big.RequestTimeout, big.AnswerFormat));
        Assert.Null(endpoints.FindRefusal(Agent(null), "https://github.com/my-org/app"));
        Assert.NotNull(endpoints.FindRefusal(Agent(null), "https://github.com/your-org/app"));
        Assert.Null(endpoints.Get(Agent("local")).Seed);
        Assert.Null(endpoints.FindRefusal(Agent("local"), "https://github.com/your-org/app"));
    }

    [Theory]
    [InlineData("0__Name", "", "is missing: what agents call the endpoint")]
    [InlineData("0__Name", "two words", "must have 1 to 64 letters")]
    [InlineData("0__Endpoint", "api.openai.com", "must be an absolute URL")]
    [InlineData("0__Model", "", "is missing: the model")]
    [InlineData("0__Key", "@Microsoft.KeyVault(SecretUri=https://vault/secrets/chat)", "was not resolved")]
    [InlineData("0__Temperature", "hot", "must be a number")]
    [InlineData("0__Temperature", "7", "must be a number from 0 to 2")]
    [InlineData("0__Seed", "x", "must be an integer or none")]
    [InlineData("0__MaxOutputTokens", "1", "must be an integer from 256")]
    [InlineData("0__InputUsdPerMillion", "cheap", "must be a number")]
    [InlineData("0__AnswerFormat", "xml", "must be one of JsonSchema, JsonObject, Text")]
    [InlineData("0__Price", "3", "is not known")]
    public void Read_SettingIsNotAccepted_IsNamed(string name, string value, string why)
    {
        var e = Assert.Throws<InvalidSettingException>(() => Read([.. _least.Where(setting => setting.Name != name), (name, value)]));
        Assert.Contains($"The setting QuantaPilot__Chat__{name} ", e.Message, StringComparison.Ordinal);
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_TwoOfOneName_AreNamed()
    {
        var second = _least.Select(setting => (setting.Name.Replace("0__", "1__", StringComparison.Ordinal), setting.Value));
        var e = Assert.Throws<InvalidSettingException>(() => Read([.. _least, .. second]));
        Assert.Contains("QuantaPilot__Chat__1__Name is that of another endpoint, 'default'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void App_Agents_HoldChatAndNoPrograms()
    {
        using var app = AppUnderTest.Compose();

        var types = app.GetServices<IAgent>().Select(agent => agent.Type).ToList();
        Assert.Contains("chat", types);
        Assert.DoesNotContain("command", types);
    }

    private static AgentDefinition Agent(string? endpoint) => new("writer", AgentDefinition.ChatType, null, null) { Endpoint = endpoint };

    private static ChatEndpoints Read((string Name, string Value)[] settings)
    {
        var values = settings.ToDictionary(
            setting => $"QuantaPilot:Chat:{setting.Name.Replace("__", ":", StringComparison.Ordinal)}", string? (setting) => setting.Value);
        values["AzureWebJobsStorage"] = "UseDevelopmentStorage=true";
        return AppSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build()).ChatEndpoints;
    }
}
