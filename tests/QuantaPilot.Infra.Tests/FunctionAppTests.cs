using System.Text.Json;
using YamlDotNet.RepresentationModel;

namespace QuantaPilot.Infra.Tests;

/// <summary>The app and what it is told.</summary>
[Collection(DeploymentsOnce.Name)]
public sealed class FunctionAppTests(Deployments deployments)
{
    private static readonly string[] _always =
    [
        "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
        "APPLICATIONINSIGHTS_CONNECTION_STRING",
        "AZURE_CLIENT_ID",
        "AzureWebJobsStorage__accountName",
        "AzureWebJobsStorage__clientId",
        "AzureWebJobsStorage__credential",
        "QuantaPilot__AllowedRepositories__0",
        "QuantaPilot__BootstrapToken",
        "QuantaPilot__Concurrency__Running",
        "QuantaPilot__Concurrency__RunningPerBranch",
        "QuantaPilot__Concurrency__RunningPerProject",
        "QuantaPilot__EventGrid__Topics__0__Endpoint",
        "QuantaPilot__EventGrid__Topics__0__EventTypes__0",
        "QuantaPilot__EventGrid__Topics__0__EventTypes__1",
        "QuantaPilot__EventGrid__Topics__0__Name",
        "QuantaPilot__EventGrid__Topics__1__Endpoint",
        "QuantaPilot__EventGrid__Topics__1__EventTypes__0",
        "QuantaPilot__EventGrid__Topics__1__EventTypes__1",
        "QuantaPilot__EventGrid__Topics__1__EventTypes__2",
        "QuantaPilot__EventGrid__Topics__1__EventTypes__3",
        "QuantaPilot__EventGrid__Topics__1__EventTypes__4",
        "QuantaPilot__EventGrid__Topics__1__EventTypes__5",
        "QuantaPilot__EventGrid__Topics__1__EventTypes__6",
        "QuantaPilot__EventGrid__Topics__1__Name",
        "QuantaPilot__Retention__Days",
        "QuantaPilot__Storage__AccountName",
        "QuantaPilot__Storage__TablePrefix",
    ];

    private static readonly string[] _switchedOn =
    [
        "DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "QuantaPilot__Agents__0__Name",
        "QuantaPilot__Agents__0__Projects__0",
        "QuantaPilot__Agents__0__Secret",
        "QuantaPilot__Agents__0__Url",
        "QuantaPilot__Agents__1__Name",
        "QuantaPilot__Agents__1__Secret",
        "QuantaPilot__Agents__1__Url",
        "QuantaPilot__AllowedRepositories__1",
        "QuantaPilot__Chat__0__AnswerFormat",
        "QuantaPilot__Chat__0__CachedInputUsdPerMillion",
        "QuantaPilot__Chat__0__Endpoint",
        "QuantaPilot__Chat__0__InputUsdPerMillion",
        "QuantaPilot__Chat__0__Key",
        "QuantaPilot__Chat__0__MaxOutputTokens",
        "QuantaPilot__Chat__0__Model",
        "QuantaPilot__Chat__0__Name",
        "QuantaPilot__Chat__0__OutputUsdPerMillion",
        "QuantaPilot__Chat__0__Projects__0",
        "QuantaPilot__Chat__0__RequestTimeoutSeconds",
        "QuantaPilot__Chat__0__Seed",
        "QuantaPilot__Chat__0__Temperature",
        "QuantaPilot__Chat__1__Endpoint",
        "QuantaPilot__Chat__1__Model",
        "QuantaPilot__Chat__1__Name",
        "QuantaPilot__DailyLimits__0__Project",
        "QuantaPilot__DailyLimits__0__Tokens",
        "QuantaPilot__DailyLimits__0__Usd",
        "QuantaPilot__DailyLimits__1__Project",
        "QuantaPilot__DailyLimits__1__Usd",
        "QuantaPilot__Entra__Audience",
        "QuantaPilot__Entra__Authority",
        "QuantaPilot__Entra__Projects__0",
        "QuantaPilot__Git__Password",
        "QuantaPilot__Git__UrlPrefix",
        "QuantaPilot__Git__Username",
        "QuantaPilot__GitHub__0__ApiUrl",
        "QuantaPilot__GitHub__0__AppId",
        "QuantaPilot__GitHub__0__Host",
        "QuantaPilot__GitHub__0__PrivateKey",
        "QuantaPilot__GitHub__Approvers__0",
        "QuantaPilot__GitHub__Approvers__1",
        "QuantaPilot__GitHub__FormerWebhookSecret",
        "QuantaPilot__GitHub__WebhookSecret",
        "QuantaPilot__Metrics",
        "QuantaPilot__PublicUrl",
        "QuantaPilot__RateLimits__DecisionsPerMinute",
        "QuantaPilot__RateLimits__FailedAuthenticationsPerMinute",
        "QuantaPilot__RateLimits__ReadsPerMinute",
        "QuantaPilot__RateLimits__TriggersPerMinute",
        "QuantaPilot__RateLimits__TrustedProxies",
        "QuantaPilot__RateLimits__WritesPerMinute",
        "QuantaPilot__Webhooks__AllowedHosts__0",
    ];

    [Fact]
    public void AppSettings_FromTheStart_AreThoseThatTheAppNeeds() =>
        Assert.Equal(_always, deployments.Minimal.AppSettings().Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void AppSettings_WithEverything_AreAllThatTheAppReads() =>
        Assert.Equal(
            _always.Concat(_switchedOn).Order(StringComparer.Ordinal),
            deployments.Full.AppSettings().Keys.Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("QuantaPilot__BootstrapToken", "bootstrap-token")]
    [InlineData("QuantaPilot__Chat__0__Key", "chat-key-default")]
    [InlineData("QuantaPilot__Git__Username", "git-username")]
    [InlineData("QuantaPilot__Git__Password", "git-password")]
    [InlineData("QuantaPilot__GitHub__0__PrivateKey", "github-private-key")]
    [InlineData("QuantaPilot__GitHub__WebhookSecret", "github-webhook-secret")]
    [InlineData("QuantaPilot__GitHub__FormerWebhookSecret", "github-former-webhook-secret")]
    [InlineData("QuantaPilot__Agents__0__Secret", "agent-build-farm")]
    public void AppSettings_Secrets_AreReferencesToTheVault(string setting, string secret)
    {
        var vault = deployments.Full.Single("Microsoft.KeyVault/vaults").GetProperty("name").GetString();

        Assert.Equal($"@Microsoft.KeyVault(VaultName={vault};SecretName={secret})", deployments.Full.AppSettings()[setting]);
        Assert.Contains(
            $"{vault}/{secret}",
            deployments.Full.Of("Microsoft.KeyVault/vaults/secrets").Select(found => found.GetProperty("name").GetString()));
        Assert.Contains(
            App(deployments.Full).GetProperty("keyVaultReferenceIdentity").GetString(),
            App(deployments.Full, "identity").GetProperty("userAssignedIdentities").EnumerateObject().Select(identity => identity.Name));
    }

    [Fact]
    public void AppSettings_Values_AreThoseOfTheParameters()
    {
        var settings = deployments.Full.AppSettings();

        Assert.Equal("https://dev.azure.com/my-org/*", settings["QuantaPilot__AllowedRepositories__1"]);
        Assert.Equal("receiver.internal", settings["QuantaPilot__Webhooks__AllowedHosts__0"]);
        Assert.Equal("https://models.example/v1", settings["QuantaPilot__Chat__0__Endpoint"]);
        Assert.Equal("8", settings["QuantaPilot__Chat__0__OutputUsdPerMillion"]);
        Assert.Equal("0.5", settings["QuantaPilot__Chat__0__CachedInputUsdPerMillion"]);
        Assert.Equal("90", settings["QuantaPilot__Chat__0__RequestTimeoutSeconds"]);
        Assert.Equal("on_site", settings["QuantaPilot__Chat__1__Name"]);
        Assert.Equal("500000", settings["QuantaPilot__DailyLimits__0__Tokens"]);
        Assert.Equal("0.50", settings["QuantaPilot__DailyLimits__1__Usd"]);
        Assert.Equal("3", settings["QuantaPilot__Concurrency__RunningPerProject"]);
        Assert.Equal("https://api.github.example/", settings["QuantaPilot__GitHub__0__ApiUrl"]);
        Assert.Equal("olga=https://github.com/my-org/*", settings["QuantaPilot__GitHub__Approvers__1"]);
        Assert.Equal("true", settings["QuantaPilot__Metrics"]);
        Assert.Equal("https://farm.example/tasks", settings["QuantaPilot__Agents__0__Url"]);
        Assert.Equal("https://pilot.example", settings["QuantaPilot__PublicUrl"]);
        Assert.Equal("30", settings["QuantaPilot__Retention__Days"]);
        Assert.Equal("2", settings["QuantaPilot__RateLimits__DecisionsPerMinute"]);
        Assert.Equal("api://quantapilot", settings["QuantaPilot__Entra__Audience"]);
        Assert.Equal("https://issuer.example/v2.0", settings["QuantaPilot__Entra__Authority"]);
        Assert.Equal("managedidentity", settings["AzureWebJobsStorage__credential"]);
        Assert.Equal("lifecycle", settings["QuantaPilot__EventGrid__Topics__1__Name"]);
        Assert.Contains(".endpoints.value[1]", settings["QuantaPilot__EventGrid__Topics__1__Endpoint"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task AppSettings_ModelInTheEnvironment_IsTakenWithoutAKeyOrPrices()
    {
        using var directory = new InfraDirectory();

        var snapshot = await directory.SnapshotAsync(environment: new Dictionary<string, string>
        {
            ["QUANTAPILOT_CHAT_URL"] = "https://models.example/v1",
            ["QUANTAPILOT_CHAT_MODEL"] = "the-model",
        });

        Assert.Equal(
            ["QuantaPilot__Chat__0__Endpoint", "QuantaPilot__Chat__0__Model", "QuantaPilot__Chat__0__Name"],
            snapshot.AppSettings().Keys.Where(name => name.Contains("Chat", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void App_Runtime_IsDotNet10IsolatedOnFlexConsumption()
    {
        var runtime = App(deployments.Minimal).GetProperty("functionAppConfig").GetProperty("runtime");

        Assert.Equal("dotnet-isolated", runtime.GetProperty("name").GetString());
        Assert.Equal("10.0", runtime.GetProperty("version").GetString());
        Assert.Equal("FC1", deployments.Minimal.Single("Microsoft.Web/serverfarms").GetProperty("sku").GetProperty("name").GetString());
    }

    [Fact]
    public void App_Package_IsReadWithTheIdentity()
    {
        var storage = App(deployments.Minimal).GetProperty("functionAppConfig").GetProperty("deployment").GetProperty("storage");

        Assert.Equal("blobContainer", storage.GetProperty("type").GetString());
        Assert.Equal("UserAssignedIdentity", storage.GetProperty("authentication").GetProperty("type").GetString());
        Assert.Contains("'app-package'", storage.GetProperty("value").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void App_Scale_IsThatOfTheParameters()
    {
        var config = App(deployments.Full).GetProperty("functionAppConfig");
        var scale = config.GetProperty("scaleAndConcurrency");

        Assert.Equal(77, scale.GetProperty("maximumInstanceCount").GetInt32());
        Assert.Equal(4096, scale.GetProperty("instanceMemoryMB").GetInt32());
        Assert.Equal(50, scale.GetProperty("triggers").GetProperty("http").GetProperty("perInstanceConcurrency").GetInt32());
        Assert.Equal("durable", scale.GetProperty("alwaysReady")[0].GetProperty("name").GetString());
        Assert.Equal("Recreate", config.GetProperty("siteUpdateStrategy").GetProperty("type").GetString());
    }

    [Fact]
    public void App_FromTheStart_IsUpdatedByRollingAndHasNoInstanceReady()
    {
        var config = App(deployments.Minimal).GetProperty("functionAppConfig");

        Assert.Equal("RollingUpdate", config.GetProperty("siteUpdateStrategy").GetProperty("type").GetString());
        Assert.Empty(config.GetProperty("scaleAndConcurrency").GetProperty("alwaysReady").EnumerateArray());
    }

    [Fact]
    public async Task AzureYaml_Service_IsTheAppOfTheTemplate()
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(await File.ReadAllTextAsync(Path.Combine(BicepCli.RepositoryRoot, "azure.yaml"))));
        var services = (YamlMappingNode)yaml.Documents[0].RootNode["services"];

        var (name, service) = Assert.Single(services.Children);

        Assert.Equal(
            App(deployments.Minimal, "tags").GetProperty("azd-service-name").GetString(), name.ToString());
        Assert.Equal(
            ("function", "dotnet", "src/QuantaPilot.Functions"),
            (service["host"].ToString(), service["language"].ToString(), service["project"].ToString()));
    }

    private static JsonElement App(Snapshot snapshot, string part = "properties") =>
        snapshot.Single("Microsoft.Web/sites").GetProperty(part);
}
