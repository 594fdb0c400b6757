using System.Text.Json;

namespace QuantaPilot.Infra.Tests;

/// <summary>Topics and who gets what from them.</summary>
[Collection(DeploymentsOnce.Name)]
public sealed class EventTests(Deployments deployments)
{
    private const string SubscriptionType = "Microsoft.EventGrid/topics/eventSubscriptions";

    [Fact]
    public void Topics_All_TakeCloudEvents()
    {
        var topics = deployments.Minimal.Of("Microsoft.EventGrid/topics");

        Assert.Equal(2, topics.Count);
        Assert.All(topics, topic =>
            Assert.Equal("CloudEventSchemaV1_0", topic.GetProperty("properties").GetProperty("inputSchema").GetString()));
    }

    [Fact]
    public void Topics_FromTheStart_TakeEachEventOnce()
    {
        var events = deployments.Minimal.AppSettings()
            .Where(setting => setting.Key.Contains("__EventTypes__", StringComparison.Ordinal))
            .Select(setting => setting.Value);

        Assert.Equal(
            [
                "documentation_generated", "gate_decision", "gate_requested", "milestone_completed", "run_completed", "run_failed",
                "run_paused", "run_resumed", "run_started",
            ],
            events.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Subscriptions_FromTheStart_AreNone() =>
        Assert.All(deployments.Minimal.Of(SubscriptionType), subscription =>
            Assert.Equal("[not(empty(parameters('webhookUrl')))]", subscription.GetProperty("condition").GetString()));

    [Fact]
    public void Subscriptions_WithEverything_AreQueueAndWebhookOnEachTopicAndTeams() => Assert.Equal(
        ["evgt-gates/queue", "evgt-gates/teams", "evgt-gates/webhook", "evgt-lifecycle/queue", "evgt-lifecycle/webhook"],
        deployments.Full.Of(SubscriptionType).Select(Name).Order(StringComparer.Ordinal));

    [Fact]
    public void Subscriptions_All_DeliverCloudEventsAndKeepDeadLetters()
    {
        Assert.All(deployments.Full.Of(SubscriptionType), subscription =>
        {
            var properties = subscription.GetProperty("properties");
            Assert.Equal("CloudEventSchemaV1_0", properties.GetProperty("eventDeliverySchema").GetString());
            var deadLetter = properties.GetProperty("deadLetterWithResourceIdentity");
            Assert.Equal("UserAssigned", deadLetter.GetProperty("identity").GetProperty("type").GetString());
            var destination = deadLetter.GetProperty("deadLetterDestination");
            Assert.Equal("StorageBlob", destination.GetProperty("endpointType").GetString());
            Assert.Equal("dead-letters", destination.GetProperty("properties").GetProperty("blobContainerName").GetString());
        });
    }

    [Fact]
    public void WebhookSubscription_Header_IsSecret()
    {
        var mapping = Properties("evgt-gates/webhook").GetProperty("destination").GetProperty("properties")
            .GetProperty("deliveryAttributeMappings").EnumerateArray().Single();

        Assert.Equal("X-QuantaPilot-Secret", mapping.GetProperty("name").GetString());
        Assert.Equal("Static", mapping.GetProperty("type").GetString());
        Assert.True(mapping.GetProperty("properties").GetProperty("isSecret").GetBoolean());
        Assert.Equal("[parameters('webhookSecret')]", mapping.GetProperty("properties").GetProperty("value").GetString());
    }

    [Theory]
    [InlineData("evgt-gates/queue", "events")]
    [InlineData("evgt-gates/teams", "teams-gates")]
    public void QueueSubscription_Delivery_GoesWithAnIdentity(string subscription, string queue)
    {
        var delivery = Properties(subscription).GetProperty("deliveryWithResourceIdentity");

        Assert.Equal("UserAssigned", delivery.GetProperty("identity").GetProperty("type").GetString());
        Assert.Equal(queue, delivery.GetProperty("destination").GetProperty("properties").GetProperty("queueName").GetString());
    }

    [Fact]
    public void TeamsSubscription_Filter_IsGateRequestedOnly() => Assert.Equal(
        ["quantapilot.gate_requested"],
        Properties("evgt-gates/teams").GetProperty("filter").GetProperty("includedEventTypes").EnumerateArray()
            .Select(type => type.GetString()));

    [Fact]
    public async Task Snapshot_TeamsWithoutATopicForGates_IsRefused()
    {
        using var directory = new InfraDirectory();
        await File.WriteAllTextAsync(
            Path.Combine(directory.Infra, "given.bicepparam"),
            """
            using 'main.bicep'
            param environmentName = 'test'
            param location = 'westeurope'
            param bootstrap = false
            param bootstrapToken = ''
            param eventTopics = [{ name: 'lifecycle', eventTypes: ['run_started'] }]
            param teams = { teamId: 'team', channelId: 'channel' }
            """);

        var result = await BicepCli.RunAsync(
            directory.Infra, InfraDirectory.AzdEnvironment, "snapshot", "given.bicepparam", "--mode", "overwrite",
            "--location", "westeurope", "--subscription-id", Guid.Empty.ToString());

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("Teams needs a topic that gets gate_requested.", result.Findings, StringComparison.Ordinal);
    }

    private JsonElement Properties(string name) =>
        deployments.Full.Of(SubscriptionType).Single(subscription => Name(subscription) == name).GetProperty("properties");

    /// <summary>Topic and subscription, without what makes the topic's name unique.</summary>
    private static string Name(JsonElement subscription)
    {
        var name = subscription.GetProperty("name").GetString()!.Split('/');
        return $"{name[0][..name[0].LastIndexOf('-')]}/{name[1]}";
    }
}
