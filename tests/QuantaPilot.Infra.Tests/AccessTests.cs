namespace QuantaPilot.Infra.Tests;

/// <summary>Who may do what.</summary>
[Collection(DeploymentsOnce.Name)]
public sealed class AccessTests(Deployments deployments)
{
    [Fact]
    public void Roles_FromTheStart_AreTheseAndNoOthers() => Assert.Equal(
        [
            "app: EventGrid Data Sender @ topics/evgt-gates",
            "app: EventGrid Data Sender @ topics/evgt-lifecycle",
            "app: Key Vault Secrets User @ secrets/bootstrap-token",
            "app: Monitoring Metrics Publisher @ components/appi-quantapilot",
            "app: Storage Blob Data Owner @ storageAccounts/stqp",
            "app: Storage Queue Data Contributor @ storageAccounts/stqp",
            "app: Storage Table Data Contributor @ storageAccounts/stqp",
            "event grid: Storage Blob Data Contributor @ containers/dead-letters",
        ],
        deployments.Minimal.Roles());

    [Fact]
    public void Roles_WithEverything_AreTheseAndNoOthers() => Assert.Equal(
        [
            "app: Durable Task Data Contributor @ taskHubs/QuantaPilot",
            "app: EventGrid Data Sender @ topics/evgt-gates",
            "app: EventGrid Data Sender @ topics/evgt-lifecycle",
            "app: Key Vault Secrets User @ secrets/agent-build-farm",
            "app: Key Vault Secrets User @ secrets/agent-other",
            "app: Key Vault Secrets User @ secrets/bootstrap-token",
            "app: Key Vault Secrets User @ secrets/chat-key-default",
            "app: Key Vault Secrets User @ secrets/git-password",
            "app: Key Vault Secrets User @ secrets/git-username",
            "app: Key Vault Secrets User @ secrets/github-former-webhook-secret",
            "app: Key Vault Secrets User @ secrets/github-private-key",
            "app: Key Vault Secrets User @ secrets/github-webhook-secret",
            "app: Monitoring Metrics Publisher @ components/appi-quantapilot",
            "app: Storage Blob Data Owner @ storageAccounts/stqp",
            "app: Storage Queue Data Contributor @ storageAccounts/stqp",
            "app: Storage Table Data Contributor @ storageAccounts/stqp",
            "event grid: Storage Blob Data Contributor @ containers/dead-letters",
            "event grid: Storage Queue Data Message Sender @ queues/events",
            "event grid: Storage Queue Data Message Sender @ queues/teams-gates",
            "workflow: Key Vault Secrets User @ secrets/approver-token",
            "workflow: Storage Queue Data Message Processor @ queues/teams-gates",
        ],
        deployments.Full.Roles());

    [Fact]
    public void Storage_Account_TakesNoKeysAndNoAnonymousReaders()
    {
        var properties = deployments.Full.Single("Microsoft.Storage/storageAccounts").GetProperty("properties");

        Assert.False(properties.GetProperty("allowSharedKeyAccess").GetBoolean());
        Assert.False(properties.GetProperty("allowBlobPublicAccess").GetBoolean());
        Assert.True(properties.GetProperty("supportsHttpsTrafficOnly").GetBoolean());
        Assert.Equal("TLS1_2", properties.GetProperty("minimumTlsVersion").GetString());
    }

    [Fact]
    public void Vault_Secrets_AreGuardedByRolesAndCannotBePurged()
    {
        var properties = deployments.Full.Single("Microsoft.KeyVault/vaults").GetProperty("properties");

        Assert.True(properties.GetProperty("enableRbacAuthorization").GetBoolean());
        Assert.True(properties.GetProperty("enablePurgeProtection").GetBoolean());
        Assert.False(properties.TryGetProperty("accessPolicies", out _));
    }

    [Fact]
    public void LocalAuthentication_Everywhere_IsOff()
    {
        var full = deployments.Full;

        Assert.True(full.Single("Microsoft.Insights/components").GetProperty("properties").GetProperty("DisableLocalAuth").GetBoolean());
        Assert.True(full.Single("Microsoft.OperationalInsights/workspaces")
            .GetProperty("properties").GetProperty("features").GetProperty("disableLocalAuth").GetBoolean());
        Assert.All(full.Of("Microsoft.EventGrid/topics"), topic =>
            Assert.True(topic.GetProperty("properties").GetProperty("disableLocalAuth").GetBoolean()));
        Assert.Equal(
            [("ftp", false), ("scm", false)],
            full.Of("Microsoft.Web/sites/basicPublishingCredentialsPolicies").Select(policy => (
                policy.GetProperty("name").GetString()!.Split('/')[^1],
                policy.GetProperty("properties").GetProperty("allow").GetBoolean())));
    }

    [Theory]
    [InlineData("the-bootstrap-token")]
    [InlineData("the-chat-key")]
    [InlineData("the-git-password")]
    [InlineData("the-github-key")]
    [InlineData("the-hook-secret")]
    [InlineData("the-former-hook-secret")]
    [InlineData("the-approver-token")]
    [InlineData("the-agent-secret")]
    [InlineData("the-webhook-secret")]
    [InlineData("the-webhook-url")]
    public void Secrets_InPlainText_AreNowhere(string secret) =>
        Assert.DoesNotContain(secret, deployments.Full.Json, StringComparison.Ordinal);

    [Fact]
    public async Task GitHub_WithAToken_IsReadFromTheVaultAlone()
    {
        using var directory = new InfraDirectory();

        var variables = new Dictionary<string, string> { ["QUANTAPILOT_GITHUB_TOKEN"] = "the-token" };
        var snapshot = await directory.SnapshotAsync(environment: variables);

        Assert.Contains("app: Key Vault Secrets User @ secrets/github-token", snapshot.Roles());
        var settings = snapshot.AppSettings();
        Assert.Equal("github.com", settings["QuantaPilot__GitHub__0__Host"]);
        Assert.EndsWith(";SecretName=github-token)", settings["QuantaPilot__GitHub__0__Token"], StringComparison.Ordinal);
        Assert.False(settings.ContainsKey("QuantaPilot__GitHub__0__AppId") || settings.ContainsKey("QuantaPilot__GitHub__0__PrivateKey"));
        Assert.DoesNotContain("the-token", snapshot.Json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bootstrap_WithoutAToken_HasNoSecretRoleOrSetting()
    {
        using var directory = new InfraDirectory();

        var snapshot = await directory.SnapshotAsync(environment: new Dictionary<string, string> { ["QUANTAPILOT_BOOTSTRAP_TOKEN"] = "" });

        Assert.DoesNotContain("bootstrap", snapshot.Json, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(snapshot.Roles(), role => role.Contains("Key Vault", StringComparison.Ordinal));
    }
}
