using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Host.Server;

namespace QuantaPilot.Api.Tests.Subscriptions;

/// <summary>The whole standalone host with receivers of webhooks on loopback, on a clock that the test moves.</summary>
public sealed class WebhookServerTests : IAsyncLifetime, IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(Scenario.Start);
    private WebhookReceiver _receiver = null!;

    public async Task InitializeAsync() => _receiver = await WebhookReceiver.StartAsync();

    public async Task DisposeAsync() => await _receiver.DisposeAsync();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Webhook_OfARun_GetsItsEventsInOrderAsTheLogHasThem()
    {
        await using var server = await StartAsync();
        using var client = server.Client();
        var created = await SubscribeAsync(client, _receiver.Url);

        var runId = await server.CompleteRunAsync(client);

        var log = JsonElement.Parse(await client.GetStringAsync(new Uri($"/runs/{runId}/events", UriKind.Relative)));
        Assert.Equal(
            log.GetProperty("items").EnumerateArray().Select(e => e.GetRawText()),
            _receiver.Received.Select(webhook => System.Text.Encoding.UTF8.GetString(webhook.Body)));
        Assert.Equal(Enumerable.Range(1, 5).Select(i => $"{runId}:{i}"), _receiver.Received.Select(webhook => webhook.Id));
        Assert.Equal(5, (await ListAsync(client, created.Id, "?status=delivered")).Count);
    }

    [Fact]
    public async Task Webhook_WithAFilter_GetsWhatItNamesAndNothingOnceItIsDeleted()
    {
        await using var server = await StartAsync();
        using var client = server.Client();
        await SubscribeAsync(client, _receiver.Url, """{"events":["gate_requested"]}""");
        var others = await SubscribeAsync(client, _receiver.Url, """{"projects":["https://example.com/others/*"]}""");

        var runId = await server.CompleteRunAsync(client);

        Assert.Equal($"{runId}:3", Assert.Single(_receiver.Received).Id);
        Assert.Empty(await ListAsync(client, others.Id, ""));
    }

    [Fact]
    public async Task Webhook_ReceiverIsDownAcrossARestart_GetsEverythingOnceItIsBack()
    {
        var url = _receiver.Url;
        await _receiver.DisposeAsync();
        RunId runId;
        await using (var first = await StartAsync())
        {
            using var before = first.Client();
            await SubscribeAsync(before, url);
            runId = await first.CompleteRunAsync(before);
        }
        _receiver = await WebhookReceiver.StartAsync(new Uri(url).Port);

        await using var server = await StartAsync();
        using var client = server.Client();
        _time.Advance(TimeSpan.FromSeconds(6));
        await server.SettleAsync(runId, _time);

        Assert.Equal(5, (await client.ListDeliveriesAsync($"?status=delivered&run_id={runId}")).Count);
        Assert.Equal(
            Enumerable.Range(1, 5).Select(i => $"{runId}:{i}"), _receiver.Received.Select(webhook => webhook.Id).Distinct().Order());
    }

    [Fact]
    public async Task Webhook_ReceiverIsGone_IsDisabledAndItsDeliveryCanBeSentAgain()
    {
        var gone = true;
        _receiver.Answer = (context, _) =>
        {
            context.Response.StatusCode = gone ? StatusCodes.Status410Gone : StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        };
        await using var server = await StartAsync();
        using var client = server.Client();
        var created = await SubscribeAsync(client, _receiver.Url);

        var runId = await server.CompleteRunAsync(client);

        Assert.Single(_receiver.Received);
        var dead = Assert.Single(await ListAsync(client, created.Id, ""));
        Assert.Equal((DeliveryStatus.DeadLettered, DeliveryCodes.Gone), (dead.Status, Assert.Single(dead.Attempts).Code));
        using var shown = await client.GetAsync(new Uri($"/subscriptions/{created.Id}", UriKind.Relative));
        var disabled = await shown.OkAsync(CoreJson.Default.SubscriptionResource);
        Assert.False(disabled.Enabled);
        Assert.Contains("410", disabled.DisabledReason, StringComparison.Ordinal);

        gone = false;
        using var enabled = await client.PostAsync(new Uri($"/subscriptions/{created.Id}/enable", UriKind.Relative), null);
        using var redelivered = await client.PostAsync(new Uri($"/deliveries/{dead.Id}/redeliver", UriKind.Relative), null);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Accepted), (enabled.StatusCode, redelivered.StatusCode));
        await server.SettleAsync(runId, _time);
        Assert.Equal([$"{runId}:1", $"{runId}:1"], _receiver.Received.Select(webhook => webhook.Id));
        Assert.Equal(DeliveryStatus.Delivered, Assert.Single(await ListAsync(client, created.Id, "")).Status);
    }

    [Fact]
    public async Task Webhook_HostIsNotAllowed_IsRefusedWhenItIsMade()
    {
        await using var server = await StartAsync();
        using var client = server.Client();

        using var answer = await client.PostAsync(
            new Uri("/subscriptions", UriKind.Relative), ApiHost.Json("""{"url":"https://localhost/hook"}"""));

        var problem = await answer.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest);
        Assert.Contains("public address", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_AllowedHostIsNone_IsRefused()
    {
        var e = await Assert.ThrowsAsync<FormatException>(() => StartAsync(TimeProvider.System, "http://127.0.0.1"));

        Assert.Contains("'http://127.0.0.1'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Webhook_ForTheReferenceLibraries_IsVerifiedWithEitherSecretAndIsACloudEvent()
    {
        await using var node = await NodeReceiver.StartAsync();
        await using var server = await StartAsync(TimeProvider.System, "127.0.0.1");
        using var client = server.Client();
        var created = await SubscribeAsync(client, node.Url, secretHeader: true);
        using var rotating = await client.PostAsync(new Uri($"/subscriptions/{created.Id}/rotate", UriKind.Relative), null);
        var rotated = await rotating.OkAsync(CoreJson.Default.SubscriptionRotated);
        await node.ExpectAsync(created.Secret, rotated.Secret, SubscriptionScenario.Secret);

        using var testing = await client.PostAsync(new Uri($"/subscriptions/{created.Id}/test", UriKind.Relative), null);
        var test = await testing.OkAsync(CoreJson.Default.SubscriptionTestResult);
        var runId = await server.CompleteRunAsync(client);

        Assert.Equal((true, 200, "taken"), (test.Delivered, test.HttpStatus, test.Body));
        var received = new List<JsonElement>();
        for (var i = 0; i < 6; i++) received.Add(await node.NextAsync());
        Assert.All(received, webhook =>
        {
            Assert.Equal([true, true, false], webhook.GetProperty("verified").EnumerateArray().Select(one => one.GetBoolean()));
            Assert.Equal(JsonValueKind.Null, webhook.GetProperty("fault").ValueKind);
            Assert.Equal(created.SecretHeader!.Value, webhook.GetProperty("secret").GetString());
            Assert.Equal(webhook.GetProperty("event").GetProperty("id").GetString(), webhook.GetProperty("id").GetString());
        });
        Assert.Equal(
            ["webhook_test", "run_started", "documentation_generated", "gate_requested", "gate_decision", "run_completed"],
            received.Select(webhook => webhook.GetProperty("event").GetProperty("type").GetString()!["quantapilot.".Length..]));
        Assert.All(received[1..], webhook => Assert.Equal(
            $"{runId}", webhook.GetProperty("event").GetProperty("data").GetProperty("run_id").GetString()));
    }

    private Task<QuantaPilotServer> StartAsync() => StartAsync(_time, "127.0.0.1");

    private Task<QuantaPilotServer> StartAsync(TimeProvider time, string allowed) => QuantaPilotServer.StartAsync(
        new ServerOptions
        {
            DataDirectory = _directory.Path,
            Url = "http://127.0.0.1:0",
            AllowedWebhookHosts = [allowed],
            ConfigureServices = services =>
            {
                var instant = new InstantForge();
                services.AddSingleton<IForge>(instant).RemoveAll<IAgent>().AddSingleton<IAgent>(instant);
                services.AddSingleton(time);
                services.AddLogging(logging => logging.ClearProviders());
            },
        },
        default);

    private static async Task<SubscriptionCreated> SubscribeAsync(
        HttpClient client, string url, string filter = "{}", bool secretHeader = false)
    {
        var body = $$"""{"url":"{{url}}","filter":{{filter}},"secret_header":{{(secretHeader ? "true" : "false")}}}""";
        using var answer = await client.PostAsync(new Uri("/subscriptions", UriKind.Relative), ApiHost.Json(body));
        return await answer.OkAsync(CoreJson.Default.SubscriptionCreated, HttpStatusCode.Created);
    }

    private static async Task<IReadOnlyList<DeliveryResource>> ListAsync(HttpClient client, string subscription, string query)
    {
        using var answer = await client.GetAsync(new Uri($"/subscriptions/{subscription}/deliveries{query}", UriKind.Relative));
        return (await answer.OkAsync(CoreJson.Default.ResourcePageDeliveryResource)).Items;
    }
}
