using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace QuantaPilot.Conformance;

/// <summary>Events on their way to receivers of webhooks.</summary>
public sealed class WebhookTests : Scenario
{
    [Fact]
    public async Task Webhook_OfAProject_GetsTheEventsOfItsRunsAsTheLogHasThemSigned()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var remote = await ServeAsync();
        var created = await SubscribeAsync(receiver, remote);

        var run = await StartAsync(remote);
        await run.UntilAskedAsync();
        await run.ApproveAsync();
        await run.UntilEndAsync("completed");

        var log = (await run.LogAsync()).ToDictionary(e => e.Text("id"));
        var seen = new Dictionary<string, ReceivedWebhook>();
        while (seen.Count < log.Count)
        {
            // Each at least once.
            var webhook = await receiver.NextAsync();
            Assert.True(JsonElement.DeepEquals(log[webhook.Id], JsonElement.Parse(webhook.Body)));
            Assert.Equal("application/cloudevents+json", webhook.Headers["content-type"]);
            Assert.Contains(Sign(created.Text("secret"), webhook), webhook.Headers["webhook-signature"].Split(' '));
            seen[webhook.Id] = webhook;
        }
        await UnsubscribeAsync(created);
    }

    [Fact]
    public async Task Webhook_OfAReceiverThatFails_WaitsAndIsDeliveredByHand()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = (context, _) =>
        {
            context.Response.StatusCode = 503;
            context.Response.Headers.RetryAfter = "3600";
            return Task.CompletedTask;
        };
        var remote = await ServeAsync();
        var created = await SubscribeAsync(receiver, remote, "gate_requested");
        var run = await StartWaitingOfAsync(remote);
        var path = $"/subscriptions/{created.Text("id")}/deliveries";
        var pending = await Patiently.UntilAsync(
            () => ListAsync(path), page => page.Items().Count == 1, "The delivery did not come to be");
        Assert.Equal("pending", pending.Items()[0].Text("status"));

        receiver.Answer = (_, _) => Task.CompletedTask;
        (await Admin.PostAsync($"/deliveries/{run.Id}:3:{created.Text("id")}/redeliver")).Expect(HttpStatusCode.Accepted);

        await Patiently.UntilAsync(
            () => ListAsync(path), page => page.Items()[0].Text("status") == "delivered", "The delivery did not arrive");
        await UnsubscribeAsync(created);
    }

    [Fact]
    public async Task Subscription_OfOtherProjects_DoesNotExistForAToken()
    {
        var (ours, theirs) = (await ServeAsync(), await ServeAsync());
        await using var receiver = await WebhookReceiver.StartAsync();
        var created = await SubscribeAsync(receiver, theirs);
        var path = $"/subscriptions/{created.Text("id")}";
        var us = await CallerAsync(["admin"], [ours.Project]);

        (await us.GetAsync(path)).ExpectProblem(HttpStatusCode.NotFound, "not_found");
        (await us.PostAsync(path + "/test")).ExpectProblem(HttpStatusCode.NotFound, "not_found");
        (await us.SendAsync(HttpMethod.Delete, path)).ExpectProblem(HttpStatusCode.NotFound, "not_found");
        Assert.DoesNotContain(created.Text("id"), Names((await us.GetAsync("/subscriptions")).Expect(HttpStatusCode.OK).Items(), "id"));
        (await us.PostAsync("/subscriptions", Request(receiver, theirs))).ExpectInvalid("filter.projects[0]");

        Assert.Empty(receiver.Received);
        var test = (await Admin.PostAsync(path + "/test")).Expect(HttpStatusCode.OK);
        Assert.True(test.GetProperty("delivered").GetBoolean(), test.ToString());
        await UnsubscribeAsync(created);
    }

    private static object Request(WebhookReceiver receiver, Remote remote, params string[] events) => events.Length == 0
        ? new { url = receiver.Url, filter = new { projects = new[] { remote.Project } } }
        : new { url = receiver.Url, filter = new { projects = new[] { remote.Project }, events } };

    private async Task<JsonElement> SubscribeAsync(WebhookReceiver receiver, Remote remote, params string[] events) =>
        (await Admin.PostAsync("/subscriptions", Request(receiver, remote, events))).Expect(HttpStatusCode.Created);

    private async Task UnsubscribeAsync(JsonElement created) =>
        (await Admin.SendAsync(HttpMethod.Delete, $"/subscriptions/{created.Text("id")}")).Expect(HttpStatusCode.NoContent);

    private async Task<Run> StartWaitingOfAsync(Remote remote)
    {
        var run = await StartAsync(remote);
        await run.UntilAskedAsync();
        return run;
    }

    private async Task<JsonElement> ListAsync(string path) => (await Admin.GetAsync(path)).Expect(HttpStatusCode.OK);

    /// <summary>As the specification of Standard Webhooks has it.</summary>
    private static string Sign(string secret, ReceivedWebhook webhook)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{webhook.Id}.{webhook.Headers["webhook-timestamp"]}."), .. webhook.Body];
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), signed));
    }
}
