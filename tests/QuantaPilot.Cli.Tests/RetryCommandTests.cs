using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Cli.Tests;

public sealed class RetryCommandTests : IAsyncLifetime, IDisposable
{
    private readonly CliRunner _cli = new();
    private FakeApi _api = null!;
    private FakeRun _failed = null!;

    public async Task InitializeAsync()
    {
        _api = await FakeApi.StartAsync();
        _failed = _api.Add(new FakeRun().Started().Failed(ErrorCodes.ChecksFailed));
    }

    public async Task DisposeAsync() => await _api.DisposeAsync();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Retry_ByAPrefix_FollowsTheNewRunToItsEnd()
    {
        _api.On = (run, _) => run.Started().Completed();

        var exit = await _cli.RunAsync(_api, "retry", $"{_failed.Resource.RunId}"[..12]);

        Assert.Equal(ExitCodes.Done, exit);
        Assert.Contains($"POST /runs/{_failed.Resource.RunId}/retry", _api.Requests);
        Assert.Matches($"Retry of +{_failed.Resource.RunId}", _cli.Out.Output);
    }

    [Fact]
    public async Task Retry_Refused_SaysWhy()
    {
        _api.Refuse = request => request.Path.Value!.EndsWith("/retry", StringComparison.Ordinal)
            ? new Problem("about:blank", "Invalid state", 409, "It is retried by run 42.", ErrorCodes.InvalidState, "req-1")
            : null;

        var exit = await _cli.RunAsync(_api, "retry", $"{_failed.Resource.RunId}");

        Assert.Equal(ExitCodes.Failed, exit);
        Assert.Contains("It is retried by run 42.", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_OfARunThatIsRetried_NamesTheOther()
    {
        var other = RunId.From(Guid.NewGuid());
        _failed.With(run => run with { RetriedBy = other });

        await _cli.RunAsync(_api, "status", $"{_failed.Resource.RunId}");

        Assert.Matches($"Retried by +{other}", _cli.Out.Output);
    }
}
