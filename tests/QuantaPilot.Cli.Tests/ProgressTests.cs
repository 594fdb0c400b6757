using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Cli.Tests;

public sealed class ProgressTests : IAsyncLifetime, IDisposable
{
    private const string Run = "019aaaaaaaaa70008000000000000001";

    private readonly CliRunner _cli = new();
    private FakeApi _api = null!;

    public async Task InitializeAsync() => _api = await FakeApi.StartAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData(ProgressKind.ReceivingObjects, 100_000L, "documentation, receiving 45,000 of 100,000 objects")]
    [InlineData(ProgressKind.CheckingOutFiles, null, "documentation, checking out 45,000 files")]
    public async Task Status_OfAStepInHand_ShowsHowFarItHasCome(ProgressKind doing, long? total, string expected)
    {
        _api.Add(new FakeRun(Run).With(run => run with { Progress = new StepProgress(doing, 45_000, total) }));

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(_api, "status", Run));

        Assert.Contains(expected, _cli.Out.Output, StringComparison.Ordinal);
    }
}
