using System.Net;
using System.Text.Json;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests;

/// <summary><c>GET /runs/{run_id}/logs</c>: pages for programs, a text for people.</summary>
public sealed class RunLogTests : IAsyncLifetime
{
    private ApiHost _host = null!;
    private RunId _run;

    public async Task InitializeAsync()
    {
        _host = await ApiHost.StartAsync();
        _run = await _host.AddRunAsync(Scenario.Run(), Scenario.Started());
        await _host.RunLogs.AppendAsync(_run, [Text("one\ntwo"), Text("three"), Text("four", "M-001/1", 2, "coder")], default);
        await _host.RunLogs.AppendAsync(_run, [Text("five", "M-001", 1, "dotnet test")], default);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task List_Pages_GoOnAfterTheLast()
    {
        var first = await ListAsync("?limit=3");
        Assert.Equal(
            [
                new RunLogEntry(1, Scenario.Start, "documentation", 1, "outline", "one\ntwo"),
                new RunLogEntry(2, Scenario.Start, "documentation", 1, "outline", "three"),
                new RunLogEntry(3, Scenario.Start, "M-001/1", 2, "coder", "four"),
            ],
            first.Items);
        Assert.Equal("3", first.NextCursor);

        var second = await ListAsync($"?limit=3&cursor={first.NextCursor}");
        Assert.Equal("five", Assert.Single(second.Items).Text);
        Assert.Null(second.NextCursor);
        Assert.Empty((await ListAsync("?after=4")).Items);
    }

    [Fact]
    public async Task List_OfAStep_HasWhatIsBelowIt()
    {
        Assert.Equal(["four", "five"], (await ListAsync("?step=M-001")).Items.Select(entry => entry.Text));
        Assert.Equal(["four"], (await ListAsync("?step=M-001/1")).Items.Select(entry => entry.Text));
        Assert.Empty((await ListAsync("?step=M-002")).Items);
    }

    [Fact]
    public async Task List_AsText_HasAHeadingForEachWriter()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/runs/{_run}/logs");
        request.Headers.Accept.ParseAdd("text/plain");
        using var answer = await _host.Admin.SendAsync(request);

        Assert.Equal("text/plain", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(
            """
            == 2026-01-01T00:00:00Z documentation: outline
            one
            two
            three
            == 2026-01-01T00:00:00Z M-001/1, round 2: coder
            four
            == 2026-01-01T00:00:00Z M-001: dotnet test
            five

            """,
            await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("?after=-1", "after")]
    [InlineData("?cursor=x", "cursor")]
    [InlineData("?limit=201", "limit")]
    [InlineData("?step=", "step")]
    [InlineData("?step=../x", "step")]
    [InlineData("?step=M-001/x", "step")]
    [InlineData("?from=1", "from")]
    public async Task List_BadQuery_IsRefusedByName(string query, string name)
    {
        using var answer = await _host.Admin.GetAsync($"/runs/{_run}/logs{query}");

        var problem = await answer.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest);
        Assert.Equal(name, Assert.Single(problem.Errors!.Keys));
    }

    [Fact]
    public async Task List_NoSuchRun_IsNotFound()
    {
        using var answer = await _host.Admin.GetAsync($"/runs/{new string('0', 32)}/logs");

        await answer.ProblemAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
    }

    private static RunLogText Text(string text, string step = "documentation", int round = 1, string source = "outline") =>
        new(Scenario.Start, step, round, source, text);

    private async Task<ResourcePage<RunLogEntry>> ListAsync(string query) => JsonSerializer.Deserialize(
        await _host.Admin.GetStringAsync($"/runs/{_run}/logs{query}"), CoreJson.Default.ResourcePageRunLogEntry)!;
}
