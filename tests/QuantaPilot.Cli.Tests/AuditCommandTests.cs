using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Cli.Tests;

public sealed class AuditCommandTests : IAsyncLifetime, IDisposable
{
    private static readonly DateTimeOffset _now = new(2026, 1, 8, 0, 0, 0, TimeSpan.Zero);

    private readonly CliRunner _cli = new() { Time = new FakeTimeProvider(_now) };
    private FakeApi _api = null!;

    public async Task InitializeAsync()
    {
        _api = await FakeApi.StartAsync();
        _api.Audit.Add(Entry("1", AuditAction.ApproveGate, AuditOutcome.Accepted, Gate.Anchor));
        _api.Audit.Add(Entry("2", AuditAction.CancelRun, AuditOutcome.NoEffect, null));
        _api.Audit.Add(Entry("3", AuditAction.StartRun, AuditOutcome.Accepted, null));
    }

    public async Task DisposeAsync() => await _api.DisposeAsync();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Audit_Text_ShowsWhoDidWhatToWhat()
    {
        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(_api, "audit"));

        Assert.Matches($"2026-01-07 00:00:00 .* olga +approve_gate +accepted +{new string('a', 32)} anchor", _cli.Out.Output);
        Assert.Matches("olga +cancel_run +no_effect", _cli.Out.Output);
        Assert.DoesNotContain("start_run", _cli.Out.Output, StringComparison.Ordinal);
        Assert.Contains("There are more: give --all.", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Audit_AllAsJson_IsOnePageOfThemAll()
    {
        await _cli.RunAsync(_api, "audit", "--all", "--json");

        var page = JsonSerializer.Deserialize(_cli.Out.Output, CoreJson.Default.ResourcePageAuditEntry)!;
        Assert.Equal(["1", "2", "3"], page.Items.Select(entry => entry.Id));
        Assert.Null(page.NextCursor);
    }

    [Fact]
    public async Task Audit_Filters_AreThoseOfTheApi()
    {
        var run = new string('a', 32);

        await _cli.RunAsync(
            _api, "audit",
            "--after", "7d", "--before", "2026-01-07T02:00:00+02:00", "--actor", "o'hara & sons", "--action", "start_run", "--run", run);

        Assert.Equal(
            "GET /audit?after=2026-01-01T00%3A00%3A00Z&before=2026-01-07T00%3A00%3A00Z&actor=o%27hara%20%26%20sons"
                + $"&action=start_run&run_id={run}&limit=50",
            _api.Requests.Last());
    }

    [Fact]
    public async Task Audit_Empty_SaysSo()
    {
        _api.Audit.Clear();

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(_api, "audit"));

        Assert.Contains("No entries.", _cli.Error.Output, StringComparison.Ordinal);
    }

    private static AuditEntry Entry(string id, AuditAction action, AuditOutcome outcome, string? gate) => new()
    {
        Id = id,
        At = _now.AddDays(-1),
        Actor = "olga",
        ActorId = "t1",
        Action = action,
        Outcome = outcome,
        RunId = RunId.Parse(new string('a', 32)),
        Gate = gate,
        Projects = ["https://example.com/org/project"],
        RequestId = "r1",
    };
}
