using System.Text.Json;
using QuantaPilot.Cli.Client;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;
using QuantaPilot.Cli.Runs;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;
using Spectre.Console.Testing;

namespace QuantaPilot.Cli.Tests;

public sealed class RunCommandTests : IAsyncLifetime, IDisposable
{
    private static readonly string[] Command = ["run", "--repo", "https://example.com/org/project", "--branch", "main"];

    private readonly CliRunner _cli = new();
    private FakeApi _api = null!;

    public async Task InitializeAsync() => _api = await FakeApi.StartAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData(null, ExitCodes.Done)]
    [InlineData(ErrorCodes.ChecksFailed, ExitCodes.Failed)]
    [InlineData(ErrorCodes.GateTimedOut, ExitCodes.Failed)]
    [InlineData(ErrorCodes.GateRejected, ExitCodes.Rejected)]
    [InlineData(ErrorCodes.Cancelled, ExitCodes.Rejected)]
    public async Task Run_Ended_ExitTellsHow(string? errorCode, int expected)
    {
        _api.On = (run, action) => run = errorCode is null ? run.Started().Completed() : run.Started().Failed(errorCode);

        var exit = await _cli.RunAsync(_api, Command);

        Assert.Equal(expected, exit);
        Assert.Contains(errorCode ?? "completed", _cli.Out.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Progress_GoesToStderrAndResultToStdout()
    {
        _api.On = (run, _) => run.Started().Completed();

        await _cli.RunAsync(_api, Command);

        Assert.Contains("run_started", _cli.Error.Output, StringComparison.Ordinal);
        Assert.Contains("run_completed", _cli.Error.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("run_started", _cli.Out.Output, StringComparison.Ordinal);
        Assert.Matches("Status +completed", _cli.Out.Output);
    }

    [Fact]
    public async Task Run_Json_StdoutIsTheFinalRunAlone()
    {
        _api.On = (run, _) => run.Started().Completed();

        await _cli.RunAsync(_api, [.. Command, "--json"]);

        var run = JsonSerializer.Deserialize(_cli.Out.Output, CoreJson.Default.RunResource)!;
        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.Equal("https://example.com/org/project", run.RepoUrl);
    }

    [Fact]
    public async Task Run_Options_AreSentAsTheSeedSays()
    {
        _api.On = (run, _) => run.Started().Completed();

        await _cli.RunAsync(_api, [.. Command, "--config", "ci/qp.yml", "--correlation-id", "b5b0c3de-1111-4222-8333-444455556666"]);

        var body = JsonSerializer.Deserialize(Assert.Single(_api.Bodies), CoreJson.Default.RunRequest)!;
        Assert.Equal(new RunRequest("https://example.com/org/project", "main", "ci/qp.yml", "b5b0c3de-1111-4222-8333-444455556666"), body);
    }

    [Fact]
    public async Task Run_GateAndNobodyThere_SaysOnceHowToApproveAndWaits()
    {
        _api.On = (run, action) =>
        {
            if (action == "run") run.Started().AtGate();
            if (action == "approve") run.Completed();
        };

        var running = _cli.RunAsync(_api, Command);
        var id = await WaitForGateAsync();
        using var other = new CliRunner();
        var approved = await other.RunAsync(_api, "approve", id, "anchor");

        Assert.Equal(ExitCodes.Done, approved);
        Assert.Equal(ExitCodes.Done, await running);
        Assert.Equal(1, Count(_cli.Error.Output, $"qp approve {id} anchor"));
        Assert.Contains($"qp approve {id} anchor --server {_api.Url}", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_PersonApproves_DecidesForTheHeadThatWasShown()
    {
        BePerson(Decide);
        _cli.Error.Input.PushKey(ConsoleKey.Enter);

        var exit = await _cli.RunAsync(_api, Command);

        Assert.Equal(ExitCodes.Done, exit);
        Assert.Contains("quantapilot/x/documentation into main", _cli.Error.Output, StringComparison.Ordinal);
        Assert.Contains("Eleven documents.", _cli.Error.Output, StringComparison.Ordinal);
        Assert.Contains(
            "git clone https://example.com/org/project review && git -C review diff origin/main...origin/quantapilot/x/documentation",
            _cli.Error.Output,
            StringComparison.Ordinal);
        var decision = JsonSerializer.Deserialize(_api.Bodies.Last(), CoreJson.Default.DecisionRequest)!;
        Assert.Equal(new DecisionRequest(true, null, new string('a', 40)), decision);
    }

    [Fact]
    public async Task Run_PersonRejects_IsAskedWhyAndExits3()
    {
        BePerson(Decide);
        _cli.Error.Input.PushKey(ConsoleKey.DownArrow);
        _cli.Error.Input.PushKey(ConsoleKey.Enter);
        _cli.Error.Input.PushTextWithEnter("");
        _cli.Error.Input.PushTextWithEnter("The overview is wrong.");

        var exit = await _cli.RunAsync(_api, Command);

        Assert.Equal(ExitCodes.Rejected, exit);
        var decision = JsonSerializer.Deserialize(_api.Bodies.Last(), CoreJson.Default.DecisionRequest)!;
        Assert.Equal(new DecisionRequest(false, "The overview is wrong.", new string('a', 40)), decision);
    }

    [Fact]
    public async Task Run_PersonSaysLater_LeavesTheGateAndSaysHowToGoOn()
    {
        BePerson(Decide);
        _cli.Error.Input.PushKey(ConsoleKey.DownArrow);
        _cli.Error.Input.PushKey(ConsoleKey.DownArrow);
        _cli.Error.Input.PushKey(ConsoleKey.Enter);

        var exit = await _cli.RunAsync(_api, Command);

        Assert.Equal(ExitCodes.Done, exit);
        Assert.Single(_api.Bodies);
        Assert.Matches("Status +waiting", _cli.Out.Output);
        Assert.Contains("qp approve", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_DecidedElsewhereWhileAsking_WithdrawsTheQuestion()
    {
        var asked = new TaskCompletionSource();
        var run = _api.Add(new FakeRun().Started().AtGate());
        var environment = _cli.CreateEnvironment();
        var request = new ConnectionRequest(_api.Url.AbsoluteUri, FakeApi.Token, _cli.DataDirectory);
        await using var connection = await ServerConnection.OpenAsync(environment, request, CancellationToken.None);
        var call = new CommandCall(environment, connection, new System.CommandLine.RootCommand().Parse(""), false, CancellationToken.None);
        var watcher = new RunWatcher(call, new EventLines(_cli.Error, TimeProvider.System, json: false), async (_, cancellationToken) =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return null;
        });
        var watching = watcher.WatchAsync(run.Resource.RunId);
        await asked.Task.WaitAsync(FakeApi.HangGuard);

        run.Decide("anchor", true, "").Completed();

        Assert.Equal(RunStatus.Completed, (await watching.WaitAsync(FakeApi.HangGuard)).Value.Status);
        Assert.Contains("The question no longer stands", _cli.Error.Output, StringComparison.Ordinal);
        Assert.Empty(_api.Bodies);
    }

    [Fact]
    public async Task Run_RefusedDecision_ShowsTheProblemAndWaitsOn()
    {
        BePerson(Decide);
        var refused = new TaskCompletionSource();
        _api.Refuse = request =>
        {
            if (request.Method != "POST" || !request.Path.Value!.Contains("/gates/", StringComparison.Ordinal) || refused.Task.IsCompleted)
            {
                return null;
            }
            refused.SetResult();
            return new Problem("about:blank", "Stale", 409, "The head has moved.", ErrorCodes.Stale, "req-9");
        };
        _cli.Error.Input.PushKey(ConsoleKey.Enter);

        var running = _cli.RunAsync(_api, Command);
        await refused.Task.WaitAsync(FakeApi.HangGuard);
        using var other = new CliRunner();
        await other.RunAsync(_api, "approve", await WaitForGateAsync());

        Assert.Equal(ExitCodes.Done, await running);
        Assert.Contains("error_code stale", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_MissingOptions_ArePromptedFor()
    {
        BePerson((run, _) => run.Started().Completed());
        _cli.Error.Input.PushTextWithEnter("https://example.com/asked");
        _cli.Error.Input.PushTextWithEnter("");

        var exit = await _cli.RunAsync(_api, "run");

        Assert.Equal(ExitCodes.Done, exit);
        var body = JsonSerializer.Deserialize(Assert.Single(_api.Bodies), CoreJson.Default.RunRequest)!;
        Assert.Equal(new RunRequest("https://example.com/asked", "main"), body);
    }

    [Fact]
    public async Task Run_AgentNotAllowed_NamesTheFlag()
    {
        _api.On = (run, _) => run.Started().Failed(ErrorCodes.AgentNotAllowed);

        await _cli.RunAsync(_api, Command);

        Assert.Contains("--allow-commands https://example.com/org/project", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_AllowAgainstAServer_SaysThatItHasNoEffect()
    {
        _api.On = (run, _) => run.Started().Completed();

        await _cli.RunAsync(_api, [.. Command, "--allow", "https://*"]);

        Assert.Contains("have no effect", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_HostileText_DoesNotReachTheTerminal()
    {
        _api.On = (run, _) => run.Started().Failed(ErrorCodes.AgentFailed, "\u001b[2Jgone\u0007");

        await _cli.RunAsync(_api, Command);

        Assert.Contains("gone", _cli.Error.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', _cli.Error.Output);
        Assert.DoesNotContain('\u001b', _cli.Out.Output);
        Assert.DoesNotContain('\u0007', _cli.Out.Output);
    }

    [Fact]
    public async Task Run_Stuck_SaysSoAndExits1()
    {
        _api.On = (run, _) => run.Started().With(r => r with { Status = RunStatus.Stuck, StatusReason = "Expected a, found b." });

        var exit = await _cli.RunAsync(_api, Command);

        Assert.Equal(ExitCodes.Failed, exit);
        Assert.Contains("Expected a, found b.", _cli.Error.Output, StringComparison.Ordinal);
    }

    private static void Decide(FakeRun run, string action) => _ = action switch
    {
        "run" => run.Started().AtGate(),
        "approve" => run.Completed(),
        _ => run.Failed(ErrorCodes.GateRejected),
    };

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private void BePerson(Action<FakeRun, string> on)
    {
        _cli.Interactive = true;
        _cli.Error.Interactive();
        _api.On = on;
    }

    private async Task<string> WaitForGateAsync()
    {
        await _api.StreamOpened;
        using var client = new QpClient(_api.Url, FakeApi.Token);
        return Assert.Single((await client.ListPendingGatesAsync(null, CancellationToken.None)).Value.Items).RunId.ToString();
    }
}
