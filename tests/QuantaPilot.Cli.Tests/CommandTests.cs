using System.Text.Json;
using System.Text.Json.Nodes;
using QuantaPilot.Cli.Client;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Cli.Tests;

public sealed class CommandTests : IAsyncLifetime, IDisposable
{
    private const string First = "019aaaaaaaaa70008000000000000001";
    private const string Second = "019aaaaabbbb70008000000000000002";

    private readonly CliRunner _cli = new();
    private FakeApi _api = null!;

    public async Task InitializeAsync() => _api = await FakeApi.StartAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Status_Text_ShowsWhatWaitsAndHowToDecide()
    {
        _api.Add(new FakeRun(First).Started().AtGate());

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(_api, "status", First));

        Assert.Matches("Status +waiting", _cli.Out.Output);
        Assert.Contains("anchor pending, 0 of 1 approvals", _cli.Out.Output, StringComparison.Ordinal);
        Assert.Contains($"qp approve {First} anchor", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_Json_IsTheResource()
    {
        var run = _api.Add(new FakeRun(First).Started().AtGate());

        await _cli.RunAsync(_api, "status", First, "--json");

        var expected = JsonSerializer.Serialize(run.Resource, CoreJson.Default.RunResource);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(_cli.Out.Output)), _cli.Out.Output);
    }

    [Fact]
    public async Task Status_UniquePrefix_FindsTheRun()
    {
        _api.Add(new FakeRun(First));
        _api.Add(new FakeRun(Second));

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(_api, "status", "019AAAAABB"));
        Assert.Contains(Second, _cli.Out.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_AmbiguousPrefix_NamesTheRunsAndExits2()
    {
        _api.Add(new FakeRun(First));
        _api.Add(new FakeRun(Second));

        Assert.Equal(ExitCodes.WrongUse, await _cli.RunAsync(_api, "status", "019aaa"));
        Assert.Contains(First, _cli.Error.Output, StringComparison.Ordinal);
        Assert.Contains(Second, _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_UnknownPrefix_Exits1()
    {
        Assert.Equal(ExitCodes.Failed, await _cli.RunAsync(_api, "status", "abcdef"));
        Assert.Contains("No run begins with abcdef", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_Runs_OneLineEach()
    {
        _api.Add(new FakeRun(First));
        _api.Add(new FakeRun(Second).Completed());

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(_api, "list", "--status", "running", "--project", "https://example.com/x"));

        Assert.Contains(_api.Requests, request => request == "GET /runs?status=running&project=https%3A%2F%2Fexample.com%2Fx&limit=50");
        Assert.Equal(2, _cli.Out.Output.Trim().Split('\n').Length);
        Assert.Matches($"{Second} +completed", _cli.Out.Output);
    }

    [Fact]
    public async Task List_Json_IsAPage()
    {
        _api.Add(new FakeRun(First));

        await _cli.RunAsync(_api, "list", "--json");

        var page = JsonSerializer.Deserialize(_cli.Out.Output, CoreJson.Default.ResourcePageRunResource)!;
        Assert.Equal(First, Assert.Single(page.Items).RunId.ToString());
    }

    [Fact]
    public async Task Gates_Pending_ShowsSummary()
    {
        _api.Add(new FakeRun(First).Started().AtGate(summary: "Look at the overview.\nThe glossary is short."));

        await _cli.RunAsync(_api, "gates");

        Assert.Contains("Look at the overview.", _cli.Out.Output, StringComparison.Ordinal);
        Assert.Contains("The glossary is short.", _cli.Out.Output, StringComparison.Ordinal);
        Assert.Contains($"qp approve {First} anchor", _cli.Out.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Approve_WithoutGate_TakesThePendingOne()
    {
        _api.Add(new FakeRun(First).Started().AtGate("milestone:M-001"));

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(_api, "approve", First, "--reason", "Fine.", "--head-sha", "abc"));

        Assert.Contains(_api.Requests, request => request.Equals($"POST /runs/{First}/gates/milestone:M-001", StringComparison.Ordinal));
        Assert.Equal(
            new DecisionRequest(true, "Fine.", "abc"), JsonSerializer.Deserialize(_api.Bodies.Single(), CoreJson.Default.DecisionRequest));
        Assert.Contains("milestone:M-001 is approved.", _cli.Out.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Approve_NothingPending_SaysWhereTheRunStands()
    {
        _api.Add(new FakeRun(First).Started());

        Assert.Equal(ExitCodes.Failed, await _cli.RunAsync(_api, "approve", First));
        Assert.Contains("waits at no gate: it is running", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reject_WithReason_IsSent()
    {
        _api.Add(new FakeRun(First).Started().AtGate());

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(_api, "reject", First, "anchor", "--reason", "No."));
        Assert.Equal(new DecisionRequest(false, "No."), JsonSerializer.Deserialize(_api.Bodies.Single(), CoreJson.Default.DecisionRequest));
    }

    [Theory]
    [InlineData("pause")]
    [InlineData("resume")]
    [InlineData("cancel")]
    public async Task Control_Action_IsPostedAndAnswered(string action)
    {
        _api.Add(new FakeRun(First).Started());

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(_api, action, First, "--json"));

        Assert.Contains($"POST /runs/{First}/{action}", _api.Requests);
        Assert.Equal(First, JsonSerializer.Deserialize(_cli.Out.Output, CoreJson.Default.RunResource)!.RunId.ToString());
    }

    [Fact]
    public async Task Problem_Text_ShowsDetailFieldsCodeAndRequest()
    {
        Refuse();

        Assert.Equal(ExitCodes.Failed, await _cli.RunAsync(_api, "run", "--repo", "https://x", "--branch", "a..b"));

        Assert.Contains("error: The request is not valid.", _cli.Error.Output, StringComparison.Ordinal);
        Assert.Contains("branch: must be a branch name", _cli.Error.Output, StringComparison.Ordinal);
        Assert.Contains("error_code invalid_request, request_id req-7", _cli.Error.Output, StringComparison.Ordinal);
        Assert.Equal("", _cli.Out.Output);
    }

    [Fact]
    public async Task Problem_Json_IsTheProblemOnStderr()
    {
        Refuse();

        Assert.Equal(ExitCodes.Failed, await _cli.RunAsync(_api, "list", "--json"));

        Assert.Equal("req-7", JsonSerializer.Deserialize(_cli.Error.Output, CoreJson.Default.Problem)!.RequestId);
        Assert.Equal("", _cli.Out.Output);
    }

    [Fact]
    public async Task Problem_BadToken_SaysHowToGiveOne()
    {
        Assert.Equal(ExitCodes.Failed, await _cli.RunAsync(_api, "list", "--token", "wrong"));
        Assert.Contains("--token", _cli.Error.Output, StringComparison.Ordinal);
        Assert.Contains("unauthenticated", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_After_PrintsTheRestAsJsonLines()
    {
        _api.Add(new FakeRun(First).Started().AtGate().Decide("anchor", true, "").Completed());

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(_api, "events", First, "--after", "2", "--json"));

        Assert.Equal([3, 4], Sequences(_cli.Out.Output));
    }

    [Fact]
    public async Task Events_FollowEndedRun_Ends()
    {
        _api.Add(new FakeRun(First).Started().Completed());

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(_api, "events", First, "--after", "2", "--follow"));
        Assert.Empty(_api.StreamStarts);
    }

    [Fact]
    public async Task Events_Follow_GoesOnUntilTheRunEnds()
    {
        var run = _api.Add(new FakeRun(First).Started());
        var following = _cli.RunAsync(_api, "events", First, "--follow", "--json");
        await _api.StreamOpened;

        run.AtGate().Decide("anchor", true, "").Completed();

        Assert.Equal(ExitCodes.Done, await following);
        Assert.Equal([1, 2, 3, 4], Sequences(_cli.Out.Output));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Watch_ConnectionCut_GoesOnFromTheLastEventWithoutLossOrRepeat(bool repeats)
    {
        _api.CutStreamAfter = 2;
        _api.RepeatsEvents = repeats;
        _api.Add(new FakeRun(First).Started().AtGate().Decide("anchor", true, "").AtGate("milestone:1").Decide("milestone:1", true, "").Completed());

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(_api, "watch", First, "--json"));

        Assert.Equal([1, 2, 3, 4, 5, 6], Sequences(_cli.Out.Output));
        Assert.Null(_api.StreamStarts.First());
        Assert.Equal("2", _api.StreamStarts.ElementAt(1));
        Assert.Contains("Lost the connection", _cli.Error.Output, StringComparison.Ordinal);
        Assert.Contains("Connected again", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_ServerBusy_IsTriedAgain()
    {
        var refusals = 2;
        _api.Refuse = request => request.Path.Value!.EndsWith("/events", StringComparison.Ordinal) && refusals-- > 0
            ? new Problem("about:blank", "Unavailable", 503, "Starting.", "unavailable", "req-503")
            : null;
        _api.Add(new FakeRun(First).Started().Completed());

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(_api, "watch", First, "--json"));
        Assert.Equal([1, 2], Sequences(_cli.Out.Output));
    }

    [Fact]
    public async Task Watch_UnknownRun_FailsAtOnce()
    {
        Assert.Equal(ExitCodes.Failed, await _cli.RunAsync(_api, "watch", First));
        Assert.Contains("There is no such run.", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_Interrupted_Exits130()
    {
        _api.Add(new FakeRun(First).Started());
        using var stop = new CancellationTokenSource();
        var watching = _cli.RunAsync(["watch", First, "--server", _api.Url.AbsoluteUri, "--token", FakeApi.Token], stop.Token);
        await _api.StreamOpened;

        await stop.CancelAsync();

        Assert.Equal(ExitCodes.Interrupted, await watching);
    }

    [Fact]
    public async Task Connect_ServerUrlFile_UsesThatServerWithItsToken()
    {
        _api.Add(new FakeRun(First));
        await File.WriteAllTextAsync(Path.Combine(_cli.DataDirectory, ServerConnection.UrlFile), _api.Url + "\n");
        await File.WriteAllTextAsync(Path.Combine(_cli.DataDirectory, ServerConnection.TokenFile), FakeApi.Token + "\n");

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("status", First));
        Assert.Contains("GET /healthz", _api.Requests);
    }

    private static IEnumerable<long> Sequences(string jsonLines) => jsonLines.Trim().Split('\n').Select(line =>
    {
        Assert.Equal("1.0", JsonNode.Parse(line)!["specversion"]!.GetValue<string>());
        return JsonNode.Parse(line)!["sequence"]!.GetValue<long>();
    });

    private void Refuse() => _api.Refuse = _ => new Problem(
        "about:blank",
        "Invalid request",
        400,
        "The request is not valid.",
        ErrorCodes.InvalidRequest,
        "req-7",
        Errors: new Dictionary<string, string> { ["branch"] = "must be a branch name" });
}
