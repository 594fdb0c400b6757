using QuantaPilot.Cli.Client;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Core.Runs;
using QuantaPilot.Host.Server;

namespace QuantaPilot.Cli.Tests;

/// <summary>Commands that start a server in their own process; here the fake one stands in for it.</summary>
public sealed class LocalServerTests : IAsyncLifetime, IDisposable
{
    private readonly CliRunner _cli = new();
    private readonly List<ServerOptions> _started = [];
    private int _stopped;
    private FakeApi _api = null!;

    public async Task InitializeAsync()
    {
        _api = await FakeApi.StartAsync();
        _cli.StartServer = (options, _) =>
        {
            _started.Add(options);
            return Task.FromResult<ILocalServer>(new Local(this));
        };
    }

    public async Task DisposeAsync() => await _api.DisposeAsync();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Run_LocalPath_IsAllowedByThatActAndTheServerStopped()
    {
        _api.On = (run, _) => run.Started().Completed();

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("run", "--repo", ".", "--branch", "main"));

        var options = Assert.Single(_started);
        Assert.Equal("http://127.0.0.1:0", options.Url);
        Assert.Equal(_cli.DataDirectory, options.DataDirectory);
        Assert.Equal(["https://*", "file://" + _cli.WorkingDirectory], options.AllowedRepositories);
        Assert.Empty(options.AllowedCommands);
        Assert.Equal(1, _stopped);
    }

    [Fact]
    public async Task Run_StoppedAndResumed_KeepsItsPermissionsUntilItEnds()
    {
        var url = "file://" + _cli.WorkingDirectory;
        FakeRun? started = null;
        _api.On = (run, _) => started = run.Started().AtGate();
        using var stop = new CancellationTokenSource();
        var running = _cli.RunAsync(["run", "--repo", ".", "--branch", "main", "--allow-commands", "file:///*"], stop.Token);
        await _api.StreamOpened;
        await stop.CancelAsync();
        Assert.Equal(ExitCodes.Interrupted, await running);
        var id = started!.Resource.RunId.ToString();
        Assert.Contains($"qp resume {id}", _cli.Error.Output, StringComparison.Ordinal);

        started.Decide("anchor", true, "").Completed();
        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("resume", id));
        Assert.Equal(["https://*", url], _started[1].AllowedRepositories);
        Assert.Equal([url], _started[1].AllowedCommands);

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("status", id));
        Assert.Equal(["https://*"], _started[2].AllowedRepositories);
        Assert.Empty(_started[2].AllowedCommands);
    }

    [Fact]
    public async Task Resume_PausedRun_IsResumedAndWatchedToItsEnd()
    {
        var run = _api.Add(new FakeRun().Started().With(r => r with { Status = RunStatus.Paused }));
        _api.On = (paused, action) =>
        {
            Assert.Equal("resume", action);
            paused.With(r => r with { Status = RunStatus.Running }).Emit("run_resumed").Completed();
        };

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("resume", run.Resource.RunId.ToString()));
        Assert.Contains("run_resumed", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Approve_NoServerAround_SaysHowToCarryTheRunOn()
    {
        var run = _api.Add(new FakeRun().Started().AtGate());

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("approve", run.Resource.RunId.ToString()));
        Assert.Contains($"qp resume {run.Resource.RunId}", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_StaleServerUrl_StartsAServerHere()
    {
        await File.WriteAllTextAsync(Path.Combine(_cli.DataDirectory, ServerConnection.UrlFile), "http://127.0.0.1:9");

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("list"));
        Assert.Single(_started);
    }

    [Fact]
    public async Task Serve_Options_AreHandedOnAndTokenIsShown()
    {
        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(
            "serve", "--url", "http://127.0.0.1:7999", "--data", "here", "--allow", "file:///srv/*", "--allow", "http://x/*", "--allow-commands", "file:///srv/a"));

        var options = Assert.Single(_started);
        Assert.Equal("http://127.0.0.1:7999", options.Url);
        Assert.Equal(Path.Combine(_cli.WorkingDirectory, "here"), options.DataDirectory);
        Assert.Equal(["file:///srv/*", "http://x/*"], options.AllowedRepositories);
        Assert.Equal(["file:///srv/a"], options.AllowedCommands);
        Assert.Contains(Path.Combine(options.DataDirectory, "admin.token"), _cli.Error.Output, StringComparison.Ordinal);
        Assert.Equal("", _cli.Out.Output);
        Assert.Equal(1, _stopped);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false, "--no-metrics")]
    public async Task Serve_Metrics_AreOnUnlessTheyAreTurnedOff(bool expected, params string[] options)
    {
        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(["serve", "--data", "here", .. options]));

        Assert.Equal(expected, Assert.Single(_started).Metrics);
    }

    private sealed class Local(LocalServerTests test) : ILocalServer
    {
        public Uri Url => test._api.Url;

        public string AdminToken => FakeApi.Token;

        public Task WaitForShutdownAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public ValueTask DisposeAsync()
        {
            test._stopped++;
            return ValueTask.CompletedTask;
        }
    }
}
