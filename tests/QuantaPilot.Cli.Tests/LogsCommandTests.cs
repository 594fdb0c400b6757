using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Cli.Tests;

public sealed class LogsCommandTests : IAsyncLifetime, IDisposable
{
    private static readonly string _id = new('a', 32);
    private readonly FakeTimeProvider _time = new(FakeRun.Start);
    private readonly CliRunner _cli;
    private readonly FakeRun _run = new(_id);
    private FakeApi _api = null!;

    public LogsCommandTests() => _cli = new CliRunner { Time = _time };

    public async Task InitializeAsync()
    {
        _api = await FakeApi.StartAsync();
        _api.Add(_run);
        _run.Log.Enqueue(new RunLogEntry(1, FakeRun.Start, "M-001/1", 1, "coder", "one\ntwo"));
        _run.Log.Enqueue(new RunLogEntry(4, FakeRun.Start, "M-001/1", 1, "coder", "three"));
        _run.Log.Enqueue(new RunLogEntry(5, FakeRun.Start, "M-001", 2, "dotnet test", "[red]passed[/]"));
    }

    public async Task DisposeAsync() => await _api.DisposeAsync();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Logs_Text_ShowsWhoWroteWhat()
    {
        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(_api, "logs", _id));

        var lines = _cli.Out.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Matches("^── [0-9:]{8}  M-001/1: coder$", lines[0]);
        Assert.Equal(["one", "two", "three"], lines[1..4]);
        Assert.Matches("^── [0-9:]{8}  M-001, round 2: dotnet test$", lines[4]);
        Assert.Equal("[red]passed[/]", lines[5]);
    }

    [Fact]
    public async Task Logs_Json_IsAnEntryALine()
    {
        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(_api, "logs", _id, "--step", "M-001", "--json"));

        Assert.Equal(3, _cli.Out.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains(
            """{"sequence":4,"at":"2026-01-02T03:04:05+00:00","step":"M-001/1","round":1,""", _cli.Out.Output, StringComparison.Ordinal);
        Assert.Contains($"GET /runs/{_id}/logs?after=0&step=M-001&limit=200", _api.Requests);
    }

    [Fact]
    public async Task Logs_Follow_GoesOnUntilTheRunEnds()
    {
        var following = _cli.RunAsync(_api, "logs", _id, "--follow");
        await WaitForAsync(() => _api.Requests.Contains($"GET /runs/{_id}/logs?after=5&limit=200"));
        Assert.False(following.IsCompleted);

        _run.Log.Enqueue(new RunLogEntry(6, FakeRun.Start, "M-001", 2, "dotnet test", "the last word"));
        _run.With(run => run with { Status = RunStatus.Completed });
        await WaitForAsync(() => following.IsCompleted);

        Assert.Equal(ExitCodes.Done, await following);
        Assert.Contains("[red]passed[/]\nthe last word\n", _cli.Out.Output, StringComparison.Ordinal);
    }

    private async Task WaitForAsync(Func<bool> condition)
    {
        using var guard = new CancellationTokenSource(FakeApi.HangGuard);
        while (!condition())
        {
            guard.Token.ThrowIfCancellationRequested();
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }
}
