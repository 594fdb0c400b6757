using Microsoft.Extensions.Configuration;
using QuantaPilot.Functions.Settings;

namespace QuantaPilot.Functions.Tests.Settings;

public sealed class AppSettingsTests
{
    private const string Token = "qp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    private const string Secret = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
    private static readonly (string, string) _storage = ("AzureWebJobsStorage", "UseDevelopmentStorage=true");

    [Fact]
    public void Read_OnlyTheHostsStorage_TakesDefaults()
    {
        var settings = Read(_storage);
        Assert.Equal(["https://*"], settings.AllowedRepositories);
        Assert.Equal(("UseDevelopmentStorage=true", null, "QuantaPilot"),
            (settings.Storage.ConnectionString, settings.Storage.AccountName, settings.Storage.TablePrefix));
        Assert.Equal(90, settings.RetentionDays);
        Assert.Equal(1, settings.RateLimits.TrustedProxies);
        Assert.Empty(settings.GitCredentials);
        Assert.Null(settings.BootstrapToken);
        Assert.Null(settings.Entra);
        Assert.Null(settings.GitHubHooks);
        Assert.False(settings.Concurrency.Any);
    }

    [Fact]
    public void Read_EverySetting_IsTaken()
    {
        var settings = Read(
            ("AzureWebJobsStorage__accountName", "host"),
            ("QuantaPilot__Storage__AccountName", "own"),
            ("QuantaPilot__Storage__TablePrefix", "Test"),
            ("QuantaPilot__AllowedRepositories__0", "https://github.com/my-org/*"),
            ("QuantaPilot__AllowedRepositories__1", "https://*.example.com/*"),
            ("QuantaPilot__BootstrapToken", Token),
            ("QuantaPilot__Entra__Authority", "https://login.microsoftonline.com/tenant/v2.0"),
            ("QuantaPilot__Entra__Audience", "api://quantapilot"),
            ("QuantaPilot__Entra__Projects__0", "https://github.com/my-org/*"),
            ("QuantaPilot__Git__Username", "x-access-token"),
            ("QuantaPilot__Git__Password", "secret"),
            ("QuantaPilot__GitHub__WebhookSecret", "a secret of the webhooks"),
            ("QuantaPilot__GitHub__FormerWebhookSecret", "the secret before that"),
            ("QuantaPilot__GitHub__Approvers__0", "octocat"),
            ("QuantaPilot__GitHub__Approvers__1", "olga=https://github.com/my-org/*"),
            ("QuantaPilot__Retention__Days", "0"),
            ("QuantaPilot__Metrics", "true"),
            ("QuantaPilot__Webhooks__AllowedHosts__0", "receiver.internal"),
            ("QuantaPilot__Webhooks__AllowedHosts__1", "10.0.0.5"),
            ("QuantaPilot__Concurrency__Running", "30"),
            ("QuantaPilot__Concurrency__RunningPerProject", "3"),
            ("QuantaPilot__Concurrency__RunningPerBranch", "1"),
            ("QuantaPilot__RateLimits__TriggersPerMinute", "1"),
            ("QuantaPilot__RateLimits__DecisionsPerMinute", "2"),
            ("QuantaPilot__RateLimits__WritesPerMinute", "3"),
            ("QuantaPilot__RateLimits__ReadsPerMinute", "4"),
            ("QuantaPilot__RateLimits__FailedAuthenticationsPerMinute", "5"),
            ("QuantaPilot__RateLimits__TrustedProxies", "6"));
        var storage = settings.Storage;
        Assert.Equal((null, "own", "Test"), (storage.ConnectionString, storage.AccountName, storage.TablePrefix));
        Assert.Equal(["https://github.com/my-org/*", "https://*.example.com/*"], settings.AllowedRepositories);
        Assert.Equal(Token, settings.BootstrapToken);
        var credential = Assert.Single(settings.GitCredentials);
        Assert.Equal(
            ("https://github.com/my-org", "x-access-token", "secret"), (credential.UrlPrefix, credential.Username, credential.Secret));
        var entra = settings.Entra!;
        Assert.Equal(("https://login.microsoftonline.com/tenant/v2.0", "api://quantapilot"), (entra.Authority, entra.Audience));
        Assert.Equal(["https://github.com/my-org/*"], entra.Projects);
        var hooks = settings.GitHubHooks!;
        Assert.Equal(["a secret of the webhooks", "the secret before that"], hooks.Secrets);
        Assert.Equal([new("octocat", "*"), new("olga", "https://github.com/my-org/*")], hooks.Approvers);
        Assert.Equal(0, settings.RetentionDays);
        Assert.True(settings.Metrics);
        Assert.True(settings.WebhookTargets.IsAllowedByName("receiver.internal") && settings.WebhookTargets.IsAllowedByName("10.0.0.5"));
        var concurrency = settings.Concurrency;
        Assert.Equal((30, 3, 1), (concurrency.Running, concurrency.RunningPerProject, concurrency.RunningPerBranch));
        var limits = settings.RateLimits;
        Assert.Equal((1, 2, 3, 4, 5, 6), (
            limits.TriggersPerMinute,
            limits.DecisionsPerMinute,
            limits.WritesPerMinute,
            limits.ReadsPerMinute,
            limits.FailedAuthenticationsPerMinute,
            limits.TrustedProxies));
    }

    [Fact]
    public void Read_HostsStorageByIdentity_IsTakenForOurs() =>
        Assert.Equal("account", Read(("AzureWebJobsStorage__accountName", "account")).Storage.AccountName);

    [Fact]
    public void Read_EmptyValues_CountAsNone() =>
        Assert.Null(Read(_storage, ("QuantaPilot__BootstrapToken", ""), ("QuantaPilot__Git__Password", " ")).BootstrapToken);

    [Theory]
    [InlineData("QuantaPilot__Retention__Days", "soon", "integer from 0 to")]
    [InlineData("QuantaPilot__Retention__Days", "-1", "integer from 0 to")]
    [InlineData("QuantaPilot__RateLimits__ReadsPerMinute", "1000001", "integer from 0 to 1000000")]
    [InlineData("QuantaPilot__Concurrency__Running", "10001", "integer from 0 to 10000")]
    [InlineData("QuantaPilot__AllowedRepositories__1", "github.com/*", "begins with https://")]
    [InlineData("QuantaPilot__Storage__TablePrefix", "my-app", "letters and digits")]
    [InlineData("QuantaPilot__Webhooks__AllowedHosts__0", "https://example.com", "host name or an address")]
    [InlineData("QuantaPilot__Metrics", "yes", "must be true or false")]
    [InlineData("QuantaPilot__Retention__Day", "7", "is not known. In QuantaPilot__ there are")]
    public void Read_SettingIsNotAccepted_IsNamed(string name, string value, string why)
    {
        var e = Assert.Throws<InvalidSettingException>(() => Read(
            _storage, ("QuantaPilot__Storage__AccountName", "own"), ("QuantaPilot__AllowedRepositories__0", "https://*"), (name, value)));
        Assert.Contains($"The setting {name} ", e.Message, StringComparison.Ordinal);
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_Agents_AreKnownByTheirNamesAndAnswerAtTheApp()
    {
        var settings = Read(
            _storage,
            ("WEBSITE_HOSTNAME", "pilot.azurewebsites.net"),
            ("QuantaPilot__Agents__0__Name", "build-farm"),
            ("QuantaPilot__Agents__0__Url", "https://farm.example.com/tasks"),
            ("QuantaPilot__Agents__0__Secret", Secret),
            ("QuantaPilot__Agents__0__Projects__0", "https://github.com/ours/*"));

        Assert.Null(settings.Agents.Endpoints.FindRefusal("build-farm", "https://github.com/ours/project"));
        Assert.NotNull(settings.Agents.Endpoints.FindRefusal("build-farm", "https://github.com/theirs/project"));
        Assert.Equal("https://pilot.azurewebsites.net/", (await settings.Agents.PublicUrl.GetAsync(default)).AbsoluteUri);
    }

    [Theory]
    [InlineData("http://localhost:7071", null, "http://localhost:7071/")]
    [InlineData(null, "localhost:7071", "http://localhost:7071/")]
    [InlineData("https://pilot.example.com/qp", "pilot.azurewebsites.net", "https://pilot.example.com/qp/")]
    public async Task Read_PublicUrl_IsTheGivenOneOrThatOfTheApp(string? given, string? host, string expected)
    {
        var settings = Read(_storage, ("QuantaPilot__PublicUrl", given ?? ""), ("WEBSITE_HOSTNAME", host ?? ""));

        Assert.Equal(expected, (await settings.Agents.PublicUrl.GetAsync(default)).AbsoluteUri);
    }

    [Theory]
    [InlineData("QuantaPilot__Agents__0__Url", "http://farm.example.com/", "QuantaPilot__Agents__0", "must begin with https://")]
    [InlineData("QuantaPilot__Agents__0__Secret", "hunter2", "QuantaPilot__Agents__0", "is missing or not accepted")]
    [InlineData("QuantaPilot__Agents__0__Url", "", "QuantaPilot__Agents__0__Url", "is missing")]
    [InlineData("QuantaPilot__Agents__0__Projects__0", "github.com/*", "QuantaPilot__Agents__0", "begins with https://")]
    [InlineData("WEBSITE_HOSTNAME", "", "QuantaPilot__PublicUrl", "is missing: agents elsewhere answer there")]
    [InlineData("QuantaPilot__PublicUrl", "pilot.example.com", "QuantaPilot__PublicUrl", "is no public URL")]
    public void Read_AgentThatIsNotAccepted_IsNamed(string name, string value, string named, string why)
    {
        var values = new Dictionary<string, string>
        {
            ["WEBSITE_HOSTNAME"] = "pilot.azurewebsites.net",
            ["QuantaPilot__Agents__0__Name"] = "build-farm",
            ["QuantaPilot__Agents__0__Url"] = "https://farm.example.com/tasks",
            ["QuantaPilot__Agents__0__Secret"] = Secret,
            [name] = value,
        };

        var e = Assert.Throws<InvalidSettingException>(() => Read([_storage, .. values.Select(pair => (pair.Key, pair.Value))]));

        Assert.Contains($"The setting {named} ", e.Message, StringComparison.Ordinal);
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_TwoStorages_AreNamed() => Assert.Contains(
        "QuantaPilot__Storage__AccountName and QuantaPilot__Storage__ConnectionString exclude each other",
        Assert.Throws<InvalidSettingException>(() => Read(
            ("QuantaPilot__Storage__AccountName", "own"),
            ("QuantaPilot__Storage__ConnectionString", "UseDevelopmentStorage=true"))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Read_NoStorageAtAll_IsNamed() => Assert.Contains(
        "QuantaPilot__Storage__AccountName is missing",
        Assert.Throws<InvalidSettingException>(() => Read()).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Read_TokenIsIllFormed_IsNamedWithoutItsValue()
    {
        var e = Assert.Throws<InvalidSettingException>(() => Read(_storage, ("QuantaPilot__BootstrapToken", "qp_hunter2")));
        Assert.Contains("QuantaPilot__BootstrapToken must be qp_ and 43", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_KeyVaultReferenceWasNotResolved_SaysSo() => Assert.Contains(
        "was not resolved",
        Assert.Throws<InvalidSettingException>(
            () => Read(_storage, ("QuantaPilot__BootstrapToken", "@Microsoft.KeyVault(SecretUri=https://vault/secrets/token)"))).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("Audience", "x", "QuantaPilot__Entra__Authority is missing")]
    [InlineData("Projects__0", "https://*", "QuantaPilot__Entra__Authority is missing")]
    [InlineData("Authority", "https://login.example.com/t", "QuantaPilot__Entra__Audience is missing")]
    public void Read_HalfOfEntra_NamesTheOther(string given, string value, string expected) => Assert.Contains(
        expected,
        Assert.Throws<InvalidSettingException>(() => Read(_storage, ($"QuantaPilot__Entra__{given}", value))).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("Authority", "http://login.example.com/t", "must be the https URL of one tenant")]
    [InlineData("Authority", "https://login.microsoftonline.com/common/v2.0", "stand for many")]
    [InlineData("Audience", "two words", "without spaces")]
    [InlineData("Projects__0", "github.com/*", "begins with https://")]
    public void Read_EntraIsNotAccepted_IsNamed(string name, string value, string why)
    {
        var settings = new Dictionary<string, string> { ["Authority"] = "https://login.example.com/t", ["Audience"] = "x", [name] = value };
        var e = Assert.Throws<InvalidSettingException>(() => Read(
            [_storage, .. settings.Select(setting => ($"QuantaPilot__Entra__{setting.Key}", setting.Value))]));
        Assert.Contains($"The setting QuantaPilot__Entra__{name} ", e.Message, StringComparison.Ordinal);
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://*")]
    [InlineData("https://*.example.com/*")]
    [InlineData("https://git*")]
    public void Read_PasswordForNoHostInParticular_IsRefused(string repositories)
    {
        var e = Assert.Throws<InvalidSettingException>(() => Read(
            _storage,
            ("QuantaPilot__AllowedRepositories__0", repositories),
            ("QuantaPilot__Git__Username", "me"),
            ("QuantaPilot__Git__Password", "pw")));
        Assert.Contains("QuantaPilot__Git__Password would be sent to any host", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Username", "Password")]
    [InlineData("Password", "Username")]
    public void Read_HalfOfTheCredentials_NamesTheOther(string given, string missing)
    {
        var e = Assert.Throws<InvalidSettingException>(() => Read(_storage, ($"QuantaPilot__Git__{given}", "x")));
        Assert.Contains($"QuantaPilot__Git__{missing} is missing", e.Message, StringComparison.Ordinal);
    }

    private static AppSettings Read(params (string Name, string Value)[] variables) => AppSettings.Read(
        new ConfigurationBuilder()
            .AddInMemoryCollection(variables.ToDictionary(v => v.Name.Replace("__", ":", StringComparison.Ordinal), v => (string?)v.Value))
            .Build());
}
