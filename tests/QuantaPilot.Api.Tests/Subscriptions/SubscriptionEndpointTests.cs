using System.Net;
using System.Text.Json;
using QuantaPilot.Api.Subscriptions;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Subscriptions;

namespace QuantaPilot.Api.Tests.Subscriptions;

public sealed class SubscriptionEndpointTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public Task DisposeAsync() => _host.DisposeAsync().AsTask();

    [Fact]
    public async Task Create_UrlAlone_TakesAllEventsAndGivesASecretOnce()
    {
        using var answer = await PostAsync("/subscriptions", """{"url":"https://example.com/hook"}""");
        var created = await answer.OkAsync(CoreJson.Default.SubscriptionCreated, HttpStatusCode.Created);

        Assert.Equal($"/subscriptions/{created.Id}", answer.Headers.Location?.ToString());
        Assert.StartsWith("whsec_", created.Secret, StringComparison.Ordinal);
        Assert.Equal(32, Convert.FromBase64String(created.Secret["whsec_".Length..]).Length);
        Assert.Null(created.SecretHeader);
        var json = await _host.Admin.GetStringAsync(new Uri($"/subscriptions/{created.Id}", UriKind.Relative));
        Assert.Equal(
            $$"""
            {"id":"{{created.Id}}","url":"https://example.com/hook","filter":{"events":[],"projects":["*"]},"enabled":true,
            "secret_header":false,"secrets":[{"created_at":"2026-01-01T00:00:00+00:00"}],"created_by":"admin",
            "created_at":"2026-01-01T00:00:00+00:00","updated_at":"2026-01-01T00:00:00+00:00"}
            """.ReplaceLineEndings(""),
            json);
    }

    [Fact]
    public async Task Create_Everything_IsStored()
    {
        var run = await _host.AddRunAsync(Scenario.Run(), Scenario.Started());
        var created = await CreateAsync(
            $$$"""
            {"url":"http://receiver.internal/hook","secret_header":true,
             "filter":{"events":["run_failed","gate_requested"],"projects":["https://example.com/org/*"],"run_id":"{{{run}}}"}}
            """);

        Assert.Equal("X-QuantaPilot-Secret", created.SecretHeader!.Name);
        Assert.Equal(43, created.SecretHeader.Value.Length);
        var stored = (await _host.Subscriptions.FindAsync(created.Id, default))!;
        Assert.Equal((created.Secret, created.SecretHeader.Value), (Assert.Single(stored.Secrets).Text, stored.PlainSecret!.Value));
        Assert.Equal(["run_failed", "gate_requested"], stored.Filter.Events);
        Assert.Equal((run, "https://example.com/org/*"), (stored.Filter.RunId, Assert.Single(stored.Filter.Projects)));
    }

    [Theory]
    [InlineData("""{}""", "url", "is required")]
    [InlineData("""{"url":"http://example.com/"}""", "url", "https://")]
    [InlineData("""{"url":"https://127.0.0.1/"}""", "url", "public address")]
    [InlineData("""{"url":"https://example.com/","filter":{"events":["run_begun"]}}""", "filter.events[0]", "run_started")]
    [InlineData("""{"url":"https://example.com/","filter":{"events":["run_failed","run_failed"]}}""", "filter.events[1]", "more than once")]
    [InlineData("""{"url":"https://example.com/","filter":{"events":[]}}""", "filter.events", "left out")]
    [InlineData("""{"url":"https://example.com/","filter":{"projects":["example.com"]}}""", "filter.projects[0]", "must be a glob")]
    [InlineData("""{"url":"https://example.com/","filter":{"run_id":"7"}}""", "filter.run_id", "id of a run")]
    [InlineData("""{"url":"https://example.com/","filter":{"colour":"red"}}""", "filter.colour", "events, projects, run_id")]
    [InlineData("""{"url":"https://example.com/","secret_header":"yes"}""", "secret_header", "true or false")]
    public async Task Create_BadRequest_NamesWhatIsWrong(string body, string field, string accepted)
    {
        using var answer = await PostAsync("/subscriptions", body);

        var problem = await answer.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest);
        Assert.Contains(accepted, problem.Errors![field], StringComparison.Ordinal);
        Assert.Empty(await _host.Subscriptions.ListAsync(default));
    }

    [Fact]
    public async Task Create_TokenOfSomeProjects_StaysWithinThem()
    {
        var theirs = await _host.AddRunAsync(Scenario.Run("https://example.com/theirs/b"), Scenario.Started());
        using var us = await _host.ClientAsync("us", [TokenRole.Admin], ["https://example.com/ours/*"], null);

        using var unnamed = await us.PostAsync("/subscriptions", ApiHost.Json("""{"url":"https://example.com/"}"""));
        using var all = await us.PostAsync(
            "/subscriptions", ApiHost.Json("""{"url":"https://example.com/","filter":{"projects":["*"]}}"""));
        using var run = await us.PostAsync(
            "/subscriptions", ApiHost.Json($$$"""{"url":"https://example.com/","filter":{"run_id":"{{{theirs}}}"}}"""));

        var created = await unnamed.OkAsync(CoreJson.Default.SubscriptionCreated, HttpStatusCode.Created);
        Assert.Equal(["https://example.com/ours/*"], created.Filter.Projects);
        Assert.Contains(
            "not covered", (await all.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest)).Detail, StringComparison.Ordinal);
        Assert.Equal(["filter.run_id"], (await run.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest)).Errors!.Keys);
    }

    [Fact]
    public async Task Create_TooMany_IsRefused()
    {
        await Task.WhenAll(Enumerable.Range(0, SubscriptionHandlers.MaxSubscriptions)
            .Select(_ => _host.Subscriptions.CreateAsync(SubscriptionScenario.Of(), default)));

        using var answer = await PostAsync("/subscriptions", """{"url":"https://example.com/"}""");

        await answer.ProblemAsync(HttpStatusCode.Conflict, ErrorCodes.InvalidState);
    }

    [Fact]
    public async Task List_Subscriptions_AreThoseOfTheTokensProjectsWithoutSecrets()
    {
        var ours = SubscriptionScenario.Of(project: "https://example.com/ours/*");
        await _host.Subscriptions.CreateAsync(ours with { PlainSecret = new PlainSecret("plain-secret") }, default);
        await _host.Subscriptions.CreateAsync(SubscriptionScenario.Of(project: "https://example.com/theirs/*"), default);
        await _host.Subscriptions.CreateAsync(SubscriptionScenario.Of(), default);
        using var us = await _host.ClientAsync("us", [TokenRole.Admin], ["https://example.com/ours/*"], null);

        var json = await us.GetStringAsync(new Uri("/subscriptions", UriKind.Relative));

        var page = JsonSerializer.Deserialize(json, CoreJson.Default.ResourcePageSubscriptionResource)!;
        Assert.Equal(ours.Id, Assert.Single(page.Items).Id);
        Assert.DoesNotContain(SubscriptionScenario.Secret, json, StringComparison.Ordinal);
        Assert.DoesNotContain("plain-secret", json, StringComparison.Ordinal);
        Assert.Equal(3, (await ListAsync()).Count);
    }

    [Fact]
    public async Task Delete_Subscription_IsGone()
    {
        var created = await CreateAsync("""{"url":"https://example.com/"}""");

        using var deleted = await _host.Admin.DeleteAsync(new Uri($"/subscriptions/{created.Id}", UriKind.Relative));
        using var again = await _host.Admin.DeleteAsync(new Uri($"/subscriptions/{created.Id}", UriKind.Relative));

        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await again.ProblemAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task Disable_WithAReason_IsShownWithoutWhatLooksLikeASecretUntilItIsEnabled()
    {
        var created = await CreateAsync("""{"url":"https://example.com/"}""");

        using var answer = await PostAsync($"/subscriptions/{created.Id}/disable", """{"reason":"ask olga@example.com"}""");
        var disabled = await answer.OkAsync(CoreJson.Default.SubscriptionResource);
        Assert.Equal((false, "ask [redacted]", Scenario.Start), (disabled.Enabled, disabled.DisabledReason, disabled.DisabledAt));

        using var back = await PostAsync($"/subscriptions/{created.Id}/enable", null);
        var enabled = await back.OkAsync(CoreJson.Default.SubscriptionResource);
        Assert.Equal((true, null), (enabled.Enabled, enabled.DisabledReason));
    }

    [Fact]
    public async Task Rotate_Default_OverlapsForADay()
    {
        var created = await CreateAsync("""{"url":"https://example.com/","secret_header":true}""");
        _host.Time.Advance(TimeSpan.FromHours(1));

        using var answer = await PostAsync($"/subscriptions/{created.Id}/rotate", null);
        var rotated = await answer.OkAsync(CoreJson.Default.SubscriptionRotated);

        Assert.NotEqual(created.Secret, rotated.Secret);
        Assert.Null(rotated.SecretHeader);
        Assert.Equal(Scenario.Start.AddHours(25), rotated.FormerSecretsEndAt);
        var stored = (await _host.Subscriptions.FindAsync(created.Id, default))!;
        Assert.Equal([rotated.Secret, created.Secret], stored.Secrets.Select(secret => secret.Text));
        Assert.Equal(created.SecretHeader!.Value, stored.PlainSecret!.Value);
        Assert.Equal([null, Scenario.Start.AddHours(25)], Assert.Single(await ListAsync()).Secrets.Select(secret => secret.ExpiresAt));
        _host.Time.Advance(TimeSpan.FromHours(24));
        Assert.Single(Assert.Single(await ListAsync()).Secrets);
    }

    [Fact]
    public async Task Rotate_WithoutOverlap_LeavesTheNewSecretsAlone()
    {
        var created = await CreateAsync("""{"url":"https://example.com/","secret_header":true}""");

        using var answer = await PostAsync($"/subscriptions/{created.Id}/rotate", """{"overlap":"0s","secret_header":true}""");
        var rotated = await answer.OkAsync(CoreJson.Default.SubscriptionRotated);

        var stored = (await _host.Subscriptions.FindAsync(created.Id, default))!;
        Assert.Equal(rotated.Secret, Assert.Single(stored.Secrets).Text);
        Assert.Equal(rotated.SecretHeader!.Value, stored.PlainSecret!.Value);
        Assert.NotEqual(created.SecretHeader!.Value, stored.PlainSecret.Value);
    }

    [Fact]
    public async Task Rotate_TooOften_IsRefusedUnlessItEndsTheOthers()
    {
        var created = await CreateAsync("""{"url":"https://example.com/"}""");
        for (var i = 1; i < SubscriptionChanges.MaxSecrets; i++)
        {
            using var taken = await PostAsync($"/subscriptions/{created.Id}/rotate", null);
            Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        }

        using var refused = await PostAsync($"/subscriptions/{created.Id}/rotate", null);
        using var ends = await PostAsync($"/subscriptions/{created.Id}/rotate", """{"overlap":"0s"}""");

        await refused.ProblemAsync(HttpStatusCode.Conflict, ErrorCodes.InvalidState);
        Assert.Equal(HttpStatusCode.OK, ends.StatusCode);
    }

    [Theory]
    [InlineData("31d")]
    [InlineData("soon")]
    [InlineData("-1s")]
    public async Task Rotate_BadOverlap_SaysWhatIsAccepted(string overlap)
    {
        var created = await CreateAsync("""{"url":"https://example.com/"}""");

        using var answer = await PostAsync($"/subscriptions/{created.Id}/rotate", $$"""{"overlap":"{{overlap}}"}""");

        var problem = await answer.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest);
        Assert.Contains("from 0s to 30d", problem.Errors!["overlap"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_Receiver_IsSentACloudEventAndItsAnswerIsShownWithoutSecrets()
    {
        var created = await CreateAsync("""{"url":"https://example.com/","secret_header":true}""");
        _host.Webhooks.Answer = subscription => new WebhookAnswer(
            SinkAnswer.FailedTransiently(DeliveryCodes.Rejected, 400),
            $"no: {subscription.Secrets[0].Text} {subscription.PlainSecret!.Value}");

        using var answer = await PostAsync($"/subscriptions/{created.Id}/test", null);
        var result = await answer.OkAsync(CoreJson.Default.SubscriptionTestResult);

        Assert.Equal((false, DeliveryCodes.Rejected, 400), (result.Delivered, result.Code, result.HttpStatus));
        Assert.Equal("no: [redacted] [redacted]", result.Body);
        var (sentTo, webhook) = Assert.Single(_host.Webhooks.Sent);
        Assert.Equal((created.Id, result.WebhookId), (sentTo.Id, webhook.Id));
        Assert.Equal(
            $$$"""
            {"specversion":"1.0","id":"{{{webhook.Id}}}","type":"quantapilot.webhook_test","source":"/quantapilot/subscriptions",
            "subject":"{{{created.Id}}}","time":"2026-01-01T00:00:00+00:00","datacontenttype":"application/json",
            "data":{"subscription_id":"{{{created.Id}}}"}}
            """.ReplaceLineEndings(""),
            System.Text.Encoding.UTF8.GetString(webhook.Json.Span));
    }

    [Fact]
    public async Task Deliveries_OfASubscription_AreListedUnderIt()
    {
        var subscription = SubscriptionScenario.Of();
        await _host.Subscriptions.CreateAsync(subscription, default);
        var run = RunId.From(Guid.CreateVersion7());
        var id = await _host.Deliveries.AddAsync(DeliveryScenario.Pending(run, 1, subscription.Id));
        await _host.Deliveries.AddAsync(DeliveryScenario.Pending(run, 1));

        var path = $"/subscriptions/{subscription.Id}/deliveries";
        using var answer = await _host.Admin.GetAsync(new Uri(path + "?status=pending", UriKind.Relative));
        using var sink = await _host.Admin.GetAsync(new Uri(path + "?sink=lifecycle", UriKind.Relative));

        Assert.Equal(id.ToString(), Assert.Single((await answer.OkAsync(CoreJson.Default.ResourcePageDeliveryResource)).Items).Id);
        await sink.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest);
    }

    private Task<HttpResponseMessage> PostAsync(string path, string? body) =>
        _host.Admin.PostAsync(new Uri(path, UriKind.Relative), body is null ? null : ApiHost.Json(body));

    private async Task<SubscriptionCreated> CreateAsync(string body)
    {
        using var answer = await PostAsync("/subscriptions", body);
        return await answer.OkAsync(CoreJson.Default.SubscriptionCreated, HttpStatusCode.Created);
    }

    private async Task<IReadOnlyList<SubscriptionResource>> ListAsync()
    {
        using var answer = await _host.Admin.GetAsync(new Uri("/subscriptions", UriKind.Relative));
        return (await answer.OkAsync(CoreJson.Default.ResourcePageSubscriptionResource)).Items;
    }
}
