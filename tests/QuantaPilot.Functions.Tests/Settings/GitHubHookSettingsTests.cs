using Microsoft.Extensions.Configuration;
using QuantaPilot.Functions.Settings;

namespace QuantaPilot.Functions.Tests.Settings;

public sealed class GitHubHookSettingsTests
{
    [Theory]
    [InlineData("WebhookSecret", "hunter2", "must have at least 16 characters")]
    [InlineData("FormerWebhookSecret", "hunter2", "must have at least 16 characters")]
    [InlineData("WebhookSecret", "@Microsoft.KeyVault(SecretUri=https://hunter2/secrets/x)", "was not resolved")]
    [InlineData("Approvers__0", "octo cat", "names no approver: give LOGIN, or LOGIN=GLOB")]
    [InlineData("Approvers__0", "octocat=github.com/*", "begins with https://")]
    public void Read_NotAccepted_IsNamedWithoutASecret(string name, string value, string why)
    {
        var settings = new Dictionary<string, string> { ["WebhookSecret"] = "a secret of the webhooks", [name] = value };

        var e = Assert.Throws<InvalidSettingException>(() => Read(settings));

        Assert.Contains($"The setting QuantaPilot__GitHub__{name} ", e.Message, StringComparison.Ordinal);
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ApproversWithoutASecret_NamesTheSecret() => Assert.Contains(
        "QuantaPilot__GitHub__WebhookSecret is missing",
        Assert.Throws<InvalidSettingException>(() => Read(new() { ["Approvers__0"] = "octocat" })).Message,
        StringComparison.Ordinal);

    private static AppSettings Read(Dictionary<string, string> settings)
    {
        var all = settings.ToDictionary(
            setting => $"QuantaPilot:GitHub:{setting.Key.Replace("__", ":", StringComparison.Ordinal)}", setting => (string?)setting.Value);
        all["AzureWebJobsStorage"] = "UseDevelopmentStorage=true";
        return AppSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(all).Build());
    }
}
