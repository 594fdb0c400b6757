using System.Text.Json;

namespace QuantaPilot.Infra.Tests;

/// <summary>Shared by all tests that only look, since it takes seconds to make.</summary>
[CollectionDefinition(Name)]
public sealed class DeploymentsOnce : ICollectionFixture<Deployments>
{
    public const string Name = "deployments";
}

/// <summary>Two deployments that tests look at: as azd makes it from the start, and with all that can be switched on.</summary>
public sealed class Deployments : IAsyncLifetime
{
    internal JsonElement Template { get; private set; }

    internal Snapshot Minimal { get; private set; } = null!;

    internal Snapshot Full { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        using var directory = new InfraDirectory();
        Template = await directory.TemplateAsync();
        Minimal = await directory.SnapshotAsync();
        Full = await directory.SnapshotAsync(
            """
            param environmentName = 'test'
            param location = 'westeurope'
            param maximumInstanceCount = 77
            param instanceMemoryMB = 4096
            param httpConcurrency = 50
            param alwaysReady = [{ name: 'durable', instanceCount: 1 }]
            param updateStrategy = 'Recreate'
            param allowedRepositories = ['https://github.com/my-org/*', 'https://dev.azure.com/my-org/*']
            param allowedWebhookHosts = ['receiver.internal']
            param agents = [
              { name: 'build_farm', url: 'https://farm.example/tasks', projects: ['https://github.com/my-org/*'] }
              { name: 'other', url: 'https://other.example/' }
            ]
            param agentSecrets = { build_farm: 'the-agent-secret', other: 'the-other-secret' }
            param publicUrl = 'https://pilot.example'
            param retentionDays = 30
            param rateLimits = {
              triggersPerMinute: 1
              decisionsPerMinute: 2
              writesPerMinute: 5
              readsPerMinute: 3
              failedAuthenticationsPerMinute: 4
              trustedProxies: 2
            }
            param concurrency = { running: 30, runningPerProject: 3, runningPerBranch: 1 }
            param dailyLimits = [
              { project: 'https://github.com/my-org/*', tokens: 500000, usd: '20' }
              { project: '*', usd: '0.50' }
            ]
            param metrics = true
            param entra = {
              authority: 'https://issuer.example/v2.0'
              audience: 'api://quantapilot'
              projects: ['https://github.com/my-org/*']
            }
            param bootstrap = true
            param bootstrapToken = 'the-bootstrap-token'
            param chat = [
              {
                name: 'default'
                url: 'https://models.example/v1'
                model: 'the-model'
                takesKey: true
                inputUsdPerMillion: '2'
                outputUsdPerMillion: '8'
                cachedInputUsdPerMillion: '0.5'
                seed: 'none'
                temperature: '0.2'
                maxOutputTokens: 4000
                requestTimeoutSeconds: 90
                answerFormat: 'JsonObject'
                projects: ['https://github.com/my-org/*']
              }
              { name: 'on_site', url: 'http://models.internal/v1', model: 'the-other-model', takesKey: false }
            ]
            param chatKeys = { default: 'the-chat-key' }
            param gitUsername = 'the-git-user'
            param gitPassword = 'the-git-password'
            param gitHub = {
              host: 'github.example'
              apiUrl: 'https://api.github.example/'
              credentials: 'App'
              appId: '4711'
              webhooks: true
              formerSecret: true
              approvers: ['octocat', 'olga=https://github.com/my-org/*']
            }
            param gitHubWebhookSecret = 'the-hook-secret'
            param gitHubFormerWebhookSecret = 'the-former-hook-secret'
            param gitHubPrivateKey = 'the-github-key'
            param otlpEndpoint = 'https://otlp.example'
            param eventQueue = true
            param webhookUrl = 'https://receiver.example/the-webhook-url'
            param webhookSecret = 'the-webhook-secret'
            param taskScheduler = 'Consumption'
            param teams = { teamId: 'the-team', channelId: 'the-channel' }
            param teamsApproverToken = 'the-approver-token'
            """);
    }

    public Task DisposeAsync() => Task.CompletedTask;
}
