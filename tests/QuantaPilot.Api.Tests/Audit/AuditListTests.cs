using System.Net;
using System.Text.Json;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests.Audit;

/// <summary><c>GET /audit</c>, as pages and as JSON lines.</summary>
public sealed class AuditListTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task List_Filters_AreTakenTogether()
    {
        var run = Scenario.Run().RunId;
        var first = await AddAsync(AuditScenario.Begun(AuditAction.StartRun, "olga", run));
        var second = await AddAsync(AuditScenario.Begun(AuditAction.CancelRun, "olga", run, Scenario.Start.AddHours(1)));
        var third = await AddAsync(AuditScenario.Begun(AuditAction.CancelRun, "bob", at: Scenario.Start.AddHours(2)));

        await ExpectAsync([third, second, first], "");
        await ExpectAsync([second, first], "?actor=olga");
        await ExpectAsync([third, second], "?action=cancel_run");
        await ExpectAsync([second, first], $"?run_id={run}");
        await ExpectAsync([third, second], "?after=2026-01-01T01:00:00Z");
        await ExpectAsync([first], "?before=2026-01-01T02:00:00%2B01:00");
        await ExpectAsync([second], $"?run_id={run}&actor=olga&action=cancel_run&after=2026-01-01T00:30:00Z&before=2026-01-01T02:00:00Z");

        async Task ExpectAsync(AuditEntry[] expected, string query) =>
            Assert.Equal(expected.Select(entry => entry.Id), (await PageAsync(query)).Items.Select(entry => entry.Id));
    }

    [Fact]
    public async Task List_Entry_IsShownInTheContractsWords()
    {
        var run = Scenario.Run().RunId;
        var entry = await AddAsync(AuditScenario.Begun(AuditAction.ApproveGate, runId: run) with { Gate = Gate.Anchor });
        await _host.Audit.SettleAsync(entry, AuditOutcome.NoEffect, default);

        using var page = JsonDocument.Parse(await _host.Admin.GetStringAsync("/audit"));

        var shown = page.RootElement.GetProperty("items")[0].EnumerateObject()
            .ToDictionary(member => member.Name, member => member.Value.ToString());
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["id"] = entry.Id,
                ["at"] = "2026-01-01T00:00:00+00:00",
                ["actor"] = "olga",
                ["actor_id"] = entry.ActorId,
                ["action"] = "approve_gate",
                ["outcome"] = "no_effect",
                ["run_id"] = $"{run}",
                ["gate"] = "anchor",
                ["projects"] = """["https://example.com/org/project"]""",
                ["request_id"] = "request",
            },
            shown);
    }

    [Fact]
    public async Task List_Pages_GoOnToTheEnd()
    {
        for (var i = 0; i < 5; i++) await AddAsync(AuditScenario.Begun(at: Scenario.Start.AddSeconds(i)));

        var first = await PageAsync("?limit=3");
        var second = await PageAsync($"?limit=3&cursor={first.NextCursor}");

        Assert.Equal((3, 2, null), (first.Items.Count, second.Items.Count, second.NextCursor));
    }

    [Theory]
    [InlineData("after=yesterday", "after")]
    [InlineData("before=2026-01-01", "before")]
    [InlineData("actor=", "actor")]
    [InlineData("action=cancel", "action")]
    [InlineData("action=CancelRun", "action")]
    [InlineData("run_id=x", "run_id")]
    [InlineData("limit=201", "limit")]
    [InlineData("cursor=x", "cursor")]
    [InlineData("project=x", "project")]
    public async Task List_ParameterIsNotAccepted_IsNamed(string query, string names)
    {
        foreach (var accept in new[] { "application/json", "application/x-ndjson" })
        {
            using var answer = await GetAsync(_host.Admin, "?" + query, accept);
            var problem = await answer.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest);
            Assert.Equal([names], problem.Errors!.Keys);
        }
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/x-ndjson")]
    public async Task List_EntriesOutsideTheProjectsOfTheToken_AreNotShown(string accept)
    {
        using var us = await _host.ClientAsync("us", [TokenRole.Admin], ["https://example.com/ours/*"], null);
        var ours = await AddAsync(AuditScenario.Begun(project: "https://example.com/ours/a"));
        var theirs = await AddAsync(AuditScenario.Begun(project: "https://example.com/theirs/b"));
        var both = await AddAsync(AuditScenario.Begun(AuditAction.CreateToken) with { Projects = ["https://example.com/ours/a", "*"] });

        using var answer = await GetAsync(us, "", accept);

        var shown = await answer.Content.ReadAsStringAsync();
        Assert.Contains(ours.Id, shown, StringComparison.Ordinal);
        Assert.DoesNotContain(theirs.Id, shown, StringComparison.Ordinal);
        Assert.DoesNotContain(both.Id, shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 450)]
    [InlineData("?actor=bob", 5)]
    [InlineData("?limit=7", 7)]
    [InlineData("?limit=200", 200)]
    public async Task Export_Lines_AreAllEntriesNewestFirst(string query, int count)
    {
        await Task.WhenAll(Enumerable.Range(0, 450).Select(i =>
            AddAsync(AuditScenario.Begun(actor: i % 90 == 0 ? "bob" : "olga", at: Scenario.Start.AddSeconds(i)))));

        using var answer = await GetAsync(_host.Admin, query, "application/x-ndjson");

        Assert.Equal("application/x-ndjson", answer.Content.Headers.ContentType?.MediaType);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var lines = text.TrimEnd('\n').Split('\n');
        var entries = lines.Select(line => JsonSerializer.Deserialize(line, CoreJson.Default.AuditEntry)!).ToList();
        Assert.Equal(count, entries.DistinctBy(entry => entry.Id).Count());
        Assert.Equal(entries.Select(entry => entry.At).OrderDescending(), entries.Select(entry => entry.At));
    }

    private async Task<AuditEntry> AddAsync(AuditEntry entry)
    {
        await _host.Audit.AddAsync(entry, default);
        return entry;
    }

    private async Task<ResourcePage<AuditEntry>> PageAsync(string query) =>
        await (await _host.Admin.GetAsync("/audit" + query)).OkAsync(CoreJson.Default.ResourcePageAuditEntry);

    private static async Task<HttpResponseMessage> GetAsync(HttpClient client, string query, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/audit" + query);
        request.Headers.Add("Accept", accept);
        return await client.SendAsync(request);
    }
}
