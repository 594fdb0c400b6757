using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Subscriptions;

namespace QuantaPilot.Cli.Tests;

/// <summary>The part of the fake server that answers for subscriptions.</summary>
internal static class FakeSubscriptions
{
    public const string Secret = "whsec_secret";

    public static readonly DateTimeOffset OverlapEnd = new(2026, 1, 2, 0, 0, 0, TimeSpan.Zero);

    public static void Map(WebApplication app, FakeApi api)
    {
        app.MapPost("/subscriptions", context => CreateAsync(context, api));
        app.MapGet("/subscriptions", (HttpContext context) => FakeApi.WriteAsync(
            context,
            200,
            new ResourcePage<SubscriptionResource>([.. api.Subscriptions], null),
            CoreJson.Default.ResourcePageSubscriptionResource));
        app.MapDelete("/subscriptions/{id}", (string id) =>
            Results.StatusCode(api.Subscriptions.RemoveAll(one => one.Id == id) == 1 ? 204 : 500));
        app.MapPost("/subscriptions/{id}/test", (HttpContext context, string id) =>
            FakeApi.WriteAsync(context, 200, api.TestResult, CoreJson.Default.SubscriptionTestResult));
        app.MapPost("/subscriptions/{id}/rotate", async (HttpContext context, string id) =>
        {
            api.Bodies.Enqueue(await new StreamReader(context.Request.Body).ReadToEndAsync());
            var rotated = new SubscriptionRotated(id, Secret, null, OverlapEnd);
            await FakeApi.WriteAsync(context, 200, rotated, CoreJson.Default.SubscriptionRotated);
        });
        foreach (var action in new[] { "enable", "disable" })
        {
            app.MapPost("/subscriptions/{id}/" + action, async (HttpContext context, string id) =>
            {
                api.Bodies.Enqueue(await new StreamReader(context.Request.Body).ReadToEndAsync());
                var present = api.Subscriptions.Single(one => one.Id == id);
                await FakeApi.WriteAsync(context, 200, present, CoreJson.Default.SubscriptionResource);
            });
        }
    }

    private static async Task CreateAsync(HttpContext context, FakeApi api)
    {
        var body = await new StreamReader(context.Request.Body).ReadToEndAsync();
        api.Bodies.Enqueue(body);
        var request = JsonSerializer.Deserialize(body, CoreJson.Default.SubscriptionRequest)!;
        var filter = new SubscriptionFilter(
            [.. (request.Filter?.Events ?? []).OfType<string>()], [.. (request.Filter?.Projects ?? ["*"]).OfType<string>()]);
        var header = request.SecretHeader == true ? new SecretHeaderResource("X-QuantaPilot-Secret", "plain") : null;
        var created = new SubscriptionCreated("sub-1", request.Url!, filter, DateTimeOffset.UnixEpoch, Secret, header);
        await FakeApi.WriteAsync(context, 201, created, CoreJson.Default.SubscriptionCreated);
    }
}
