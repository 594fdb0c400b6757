using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Core.Ports;
using QuantaPilot.Functions.Settings;

namespace QuantaPilot.Functions.Tests.Settings;

public sealed class GitHubSettingsTests
{
    [Fact]
    public void Read_None_HasNoGitHub() => Assert.Empty(Read().GitHub);

    [Fact]
    public void Read_TokenAndApp_AreTaken()
    {
        using var key = RSA.Create(2048);
        var pem = key.ExportPkcs8PrivateKeyPem();
        var hosts = Read(
            ("0__Host", "github.com"),
            ("0__Token", "ghp_abc"),
            ("1__Host", "git.example.com"),
            ("1__ApiUrl", "https://api.example.com/v3"),
            ("1__AppId", "4711"),
            // A setting in one line.
            ("1__PrivateKey", pem.Replace("\n", "\\n", StringComparison.Ordinal))).GitHub;
        Assert.Equal(
            [
                ("github.com", null, "ghp_abc", null, null),
                ("git.example.com", "https://api.example.com/v3", null, "4711", pem),
            ],
            hosts.Select(host => (host.Host, host.ApiUrl?.AbsoluteUri, host.Token, host.AppId, host.PrivateKey)));
    }

    [Theory]
    [InlineData("Token", "ghp_abc", "QuantaPilot__GitHub__0__Host is missing")]
    [InlineData("Host", "github.com", "QuantaPilot__GitHub__0__Token or __AppId and __PrivateKey beside it: there is neither")]
    [InlineData("Host", "https://github.com", "QuantaPilot__GitHub__0__Host must be the host")]
    [InlineData("Hosts", "github.com", "QuantaPilot__GitHub__0__Host")]
    public void Read_OneThatIsMissingOrWrong_IsNamed(string name, string value, string words) =>
        Assert.Contains(words, Assert.Throws<InvalidSettingException>(() => Read(($"0__{name}", value))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("Token", "s3cret s3cret", "must be a personal access token")]
    [InlineData("Token", "@Microsoft.KeyVault(VaultName=s3cret)", "is a Key Vault reference that was not resolved")]
    [InlineData("PrivateKey", "@Microsoft.KeyVault(VaultName=s3cret)", "is a Key Vault reference that was not resolved")]
    [InlineData("PrivateKey", "s3cret", "must be the private key of the GitHub App")]
    [InlineData("AppId", "my app", "must be the App ID")]
    [InlineData("ApiUrl", "http://api.example.com", "must be the https URL of the REST API")]
    public void Read_ValueThatIsNotAccepted_IsNamedWithoutIt(string name, string value, string words)
    {
        var fault = Assert.Throws<InvalidSettingException>(() => Read(("0__Host", "github.com"), ($"0__{name}", value)));
        Assert.Contains($"QuantaPilot__GitHub__0__{name} {words}", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Services_OfTheApp_HaveTheForgeOfTheHost()
    {
        var services = new ServiceCollection();
        services.AddLogging().AddQuantaPilot(Read(("0__Host", "github.com"), ("0__Token", "ghp_abc")));
        await using var provider = services.BuildServiceProvider();
        var forge = provider.GetRequiredService<IForge>();
        Assert.True(forge.GetTraits("https://github.com/acme/sample").HasPages);
        Assert.Equal(ForgeTraits.None, forge.GetTraits("https://git.example.com/acme/sample"));
    }

    private static AppSettings Read(params (string Name, string Value)[] variables) => AppSettings.Read(
        new ConfigurationBuilder()
            .AddInMemoryCollection(variables.Select(v => (Name: $"QuantaPilot__GitHub__{v.Name}", v.Value))
                .Append(("AzureWebJobsStorage", "UseDevelopmentStorage=true"))
                .ToDictionary(v => v.Item1.Replace("__", ":", StringComparison.Ordinal), v => (string?)v.Item2))
            .Build());
}
