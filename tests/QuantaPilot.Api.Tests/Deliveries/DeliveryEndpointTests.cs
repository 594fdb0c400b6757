using System.Net;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests.Deliveries;

public sealed class DeliveryEndpointTests : IAsyncLifetime
{
    private static readonly SinkAnswer Rejected = SinkAnswer.Refused(DeliveryCodes.Rejected, 400);

    private readonly RunId _run = RunId.From(Guid.CreateVersion7());
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public Task DisposeAsync() => _host.DisposeAsync().AsTask();

    [Fact]
    public async Task List_ShowsWhatWasTriedAndWhatComesNext()
    {
        await _host.Deliveries.AddAsync(
            DeliveryScenario.Pending(_run, 3).Attempted(DeliveryScenario.Down, Scenario.Start, Scenario.Start.AddSeconds(5)));

        var json = await (await _host.Admin.GetAsync("/deliveries")).Content.ReadAsStringAsync();

        Assert.Equal(
            $$$"""
            {"items":[{"id":"{{{_run}}}:3:lifecycle","sink":"lifecycle","event_id":"{{{_run}}}:3","run_id":"{{{_run}}}",
            "project":"https://example.com/org/project","status":"pending",
            "attempts":[{"at":"2026-01-01T00:00:00+00:00","code":"unavailable","http_status":503}],
            "next_attempt_at":"2026-01-01T00:00:05+00:00","redeliveries":0,
            "created_at":"2026-01-01T00:00:00+00:00","updated_at":"2026-01-01T00:00:00+00:00"}]}
            """.ReplaceLineEndings(""),
            json);
    }

    [Fact]
    public async Task List_FiltersAndPages()
    {
        for (var i = 1; i <= 3; i++) await _host.Deliveries.AddAsync(DeliveryScenario.Pending(_run, i));
        await _host.Deliveries.AddAsync(DeliveryScenario.Pending(_run, 4).Attempted(Rejected, Scenario.Start, null));

        var first = await ListAsync($"?sink=lifecycle&status=pending&run_id={_run}&limit=2");
        var second = await ListAsync($"?sink=lifecycle&status=pending&run_id={_run}&limit=2&cursor={first.NextCursor}");

        Assert.Equal([$"{_run}:3", $"{_run}:2", $"{_run}:1"], first.Items.Concat(second.Items).Select(item => item.EventId));
        Assert.Null(second.NextCursor);
        Assert.Equal(DeliveryStatus.DeadLettered, Assert.Single((await ListAsync("?status=dead_lettered")).Items).Status);
    }

    [Theory]
    [InlineData("?status=lost", "status", "pending, delivered, dead_lettered")]
    [InlineData("?sink=No!", "sink", "lower-case letters")]
    [InlineData("?run_id=7", "run_id", "32 lower-case hexadecimal digits")]
    [InlineData("?limit=0", "limit", "from 1 to 200")]
    [InlineData("?cursor=x", "cursor", "next_cursor")]
    [InlineData("?colour=red", "colour", "sink, status, run_id, limit, cursor")]
    public async Task List_BadParameter_IsNamedWithWhatIsAccepted(string query, string name, string accepted)
    {
        var problem = await (await _host.Admin.GetAsync("/deliveries" + query))
            .ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest);

        Assert.Contains(accepted, problem.Errors![name], StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_TokenOfOtherProjects_SeesItsOwnOnly()
    {
        await _host.Deliveries.AddAsync(DeliveryScenario.Pending(_run, 1));
        var theirs = await _host.Deliveries.AddAsync(
            DeliveryScenario.Pending(RunId.From(Guid.CreateVersion7()), 1, project: "https://example.com/them/project"));
        using var client = await _host.ClientAsync("them", [TokenRole.Admin], ["https://example.com/them/*"], null);

        var page = await (await client.GetAsync("/deliveries?limit=1")).OkAsync(CoreJson.Default.ResourcePageDeliveryResource);

        Assert.Equal(theirs.ToString(), Assert.Single(page.Items).Id);
    }

    [Theory]
    [InlineData(TokenRole.Operator)]
    [InlineData(TokenRole.Approver)]
    [InlineData(TokenRole.Consumer)]
    public async Task Endpoints_OtherRoles_AreRefused(TokenRole role)
    {
        var id = await _host.Deliveries.AddAsync(DeliveryScenario.Pending(_run, 1));
        using var client = await _host.ClientAsync("other", role);

        await (await client.GetAsync("/deliveries")).ProblemAsync(HttpStatusCode.Forbidden, ErrorCodes.Forbidden);
        await (await RedeliverAsync(client, id.ToString())).ProblemAsync(HttpStatusCode.Forbidden, ErrorCodes.Forbidden);
        await (await _host.Anonymous().GetAsync("/deliveries")).ProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.Unauthenticated);
        Assert.Empty(_host.Engine.Deliveries);
    }

    [Fact]
    public async Task Redeliver_DeadLettered_StartsAWholeNewSchedule()
    {
        var id = await _host.Deliveries.AddAsync(DeliveryScenario.Pending(_run, 1).Attempted(Rejected, Scenario.Start, null));
        _host.Time.Advance(TimeSpan.FromDays(1));

        var resource = await (await RedeliverAsync(_host.Admin, id.ToString()))
            .OkAsync(CoreJson.Default.DeliveryResource, HttpStatusCode.Accepted);

        Assert.Equal((DeliveryStatus.Pending, 1), (resource.Status, resource.Redeliveries));
        Assert.Equal(_host.Time.GetUtcNow(), resource.NextAttemptAt);
        var (instance, input) = Assert.Single(_host.Engine.Deliveries);
        Assert.Equal($"delivery-lifecycle-{_run}-1-r1", instance);
        Assert.Equal((0, _host.Time.GetUtcNow()), (input.Tried, input.FirstAttemptAt));
        Assert.Equal([1], input.Batch.Sequences);
    }

    [Fact]
    public async Task Redeliver_Delivered_SendsItOnceMore()
    {
        var id = await _host.Deliveries.AddAsync(
            DeliveryScenario.Pending(_run, 1).Attempted(SinkAnswer.Delivered(200), Scenario.Start, null));

        await (await RedeliverAsync(_host.Admin, id.ToString())).OkAsync(CoreJson.Default.DeliveryResource, HttpStatusCode.Accepted);

        Assert.Single(_host.Engine.Deliveries);
    }

    [Fact]
    public async Task Redeliver_Pending_AsksItsOrchestrationToTryNow()
    {
        var delivery = DeliveryScenario.Pending(_run, 1).Attempted(Rejected, Scenario.Start, null);
        var id = await _host.Deliveries.AddAsync(delivery);
        await RedeliverAsync(_host.Admin, id.ToString());

        var resource = await (await RedeliverAsync(_host.Admin, id.ToString()))
            .OkAsync(CoreJson.Default.DeliveryResource, HttpStatusCode.Accepted);

        Assert.Equal(1, resource.Redeliveries);
        Assert.Equal([$"delivery-lifecycle-{_run}-1-r1"], _host.Engine.Asked);
        Assert.Single(_host.Engine.Deliveries);
    }

    [Fact]
    public async Task Redeliver_PendingWithoutAnOrchestration_StartsOne()
    {
        // As a crash leaves it between the store and the engine.
        var id = await _host.Deliveries.AddAsync(DeliveryScenario.Pending(_run, 1));

        await (await RedeliverAsync(_host.Admin, id.ToString())).OkAsync(CoreJson.Default.DeliveryResource, HttpStatusCode.Accepted);

        Assert.Equal($"delivery-lifecycle-{_run}-1-r1", Assert.Single(_host.Engine.Deliveries).Key);
    }

    [Fact]
    public async Task Redeliver_ManyAtOnce_StartsOne()
    {
        var id = await _host.Deliveries.AddAsync(DeliveryScenario.Pending(_run, 1).Attempted(Rejected, Scenario.Start, null));

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => RedeliverAsync(_host.Admin, id.ToString())));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode));
        Assert.Contains($"delivery-lifecycle-{_run}-1-r1", _host.Engine.Deliveries.Keys);
        Assert.Equal((await _host.Deliveries.GetAsync(id, default))!.Redeliveries, _host.Engine.Deliveries.Count);
    }

    [Fact]
    public async Task Redeliver_SinkIsGone_IsRefused()
    {
        var id = await _host.Deliveries.AddAsync(
            DeliveryScenario.Pending(_run, 1, sink: "former").Attempted(Rejected, Scenario.Start, null));

        var problem = await (await RedeliverAsync(_host.Admin, id.ToString()))
            .ProblemAsync(HttpStatusCode.Conflict, ErrorCodes.InvalidState);

        Assert.Contains("former", problem.Detail, StringComparison.Ordinal);
        Assert.Equal(_run.ToString(), problem.RunId);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("0123456789abcdef0123456789abcdef:1:lifecycle")]
    [InlineData("%3A%3A")]
    public async Task Redeliver_NoSuchDelivery_IsNotFound(string id) =>
        Assert.Contains(
            "GET /deliveries",
            (await (await RedeliverAsync(_host.Admin, id)).ProblemAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound)).Detail,
            StringComparison.Ordinal);

    [Fact]
    public async Task Redeliver_OfAnotherProject_IsNotFound()
    {
        var id = await _host.Deliveries.AddAsync(DeliveryScenario.Pending(_run, 1));
        using var client = await _host.ClientAsync("them", [TokenRole.Admin], ["https://example.com/them/*"], null);

        await (await RedeliverAsync(client, id.ToString())).ProblemAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);

        Assert.Empty(_host.Engine.Asked);
    }

    private static Task<HttpResponseMessage> RedeliverAsync(HttpClient client, string id) =>
        client.PostAsync($"/deliveries/{id}/redeliver", null);

    private async Task<ResourcePage<DeliveryResource>> ListAsync(string query) =>
        await (await _host.Admin.GetAsync("/deliveries" + query)).OkAsync(CoreJson.Default.ResourcePageDeliveryResource);
}
