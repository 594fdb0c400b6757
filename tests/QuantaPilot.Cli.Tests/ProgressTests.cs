using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Core.Ports;
using Spectre.Console;
using Spectre.Console.Testing;

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
    [InlineData(ProgressKind.ReceivingObjects, 100_000L, "documentation, receiving 45,000 of 100,000 objects (45%)")]
    [InlineData(ProgressKind.CheckingOutFiles, null, "documentation, checking out 45,000 files")]
    public async Task Status_OfAStepInHand_ShowsHowFarItHasCome(ProgressKind doing, long? total, string expected)
    {
        _api.Add(new FakeRun(Run).With(run => run with { Progress = new StepProgress(doing, 45_000, total) }));

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(_api, "status", Run));

        Assert.Contains(expected, _cli.Out.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0L, 0L, "documentation, reading 0 of 0 files")]
    [InlineData(3L, 2L, "documentation, reading 3 of 2 files (100%)")]
    public async Task Status_CountsThatDoNotFit_AreShownAsTheyAre(long done, long total, string expected)
    {
        _api.Add(new FakeRun(Run).With(run => run with { Progress = new StepProgress(ProgressKind.ReadingFiles, done, total) }));

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(_api, "status", Run));

        Assert.Contains($"{expected}\n", _cli.Out.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("watch")]
    [InlineData("run")]
    public async Task Follow_OnATerminal_RewritesOneLine(string command)
    {
        foreach (var console in new[] { _cli.Out, _cli.Error }) OnATerminal(console);
        _cli.Time = new JumpingTime();
        LetLook(4);

        Assert.Equal(ExitCodes.Done, await FollowAsync(command));

        var shown = _cli.Error.Output;
        foreach (var share in new[] { 20, 30 })
            Assert.Contains($"documentation, checking out {share},000 of 100,000 files ({share}%)", shown, StringComparison.Ordinal);
        // Each begins where the one before began, whose line is wiped.
        Assert.Contains("\r\u001b[2K", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("checking out", _cli.Out.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("watch")]
    [InlineData("run")]
    public async Task Follow_NoTerminal_WritesALineEveryHalfAMinute(string command)
    {
        _cli.Time = new JumpingTime();
        LetLook(75);

        Assert.Equal(ExitCodes.Done, await FollowAsync(command));

        var lines = _cli.Error.Output.Split('\n').Where(line => line.Contains("checking out", StringComparison.Ordinal));
        Assert.Equal(2, lines.Count());
        Assert.DoesNotContain("checking out", _cli.Out.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_NothingIsCounted_WritesNoLine()
    {
        _cli.Time = new JumpingTime();
        var looks = 0;
        var run = _api.Add(new FakeRun(Run).Started());
        _api.Refuse = request =>
        {
            if (request.Path.Value!.EndsWith(Run, StringComparison.Ordinal) && ++looks == 75) run.Completed();
            return null;
        };

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(_api, "watch", Run));

        Assert.Equal("", _cli.Error.Output);
    }

    [Fact]
    public async Task Watch_EventsGoThroughAPipe_LeavesTheTerminalToWhatComesOutOfIt()
    {
        OnATerminal(_cli.Error);
        _cli.Time = new JumpingTime();
        LetLook(75);

        Assert.Equal(ExitCodes.Done, await FollowAsync("watch"));

        Assert.Equal("", _cli.Error.Output);
    }

    private Task<int> FollowAsync(string command) => command == "watch"
        ? _cli.RunAsync(_api, "watch", Run)
        : _cli.RunAsync(_api, "run", "--repo", "https://example.com/org/project", "--branch", "main");

    /// <summary>Has a run come further with each look at it, and end with the last.</summary>
    private void LetLook(int times)
    {
        var watched = _api.Add(new FakeRun(Run).Started());
        _api.On = (run, action) => watched = action == "run" ? run.Started() : watched;
        var looks = 0;
        _api.Refuse = request =>
        {
            var path = $"/runs/{watched.Resource.RunId}";
            if (request.Method != "GET" || request.Path != path) return null;
            var done = Math.Min(++looks * 10_000, 100_000);
            watched.With(run => run with { Progress = new StepProgress(ProgressKind.CheckingOutFiles, done, 100_000) });
            if (looks == times) watched.Completed();
            return null;
        };
    }

    private static void OnATerminal(TestConsole console)
    {
        console.Interactive().EmitAnsiSequences();
        console.Profile.Out = new TerminalOutput(console.Profile.Out);
    }

    private sealed class TerminalOutput(IAnsiConsoleOutput output) : IAnsiConsoleOutput
    {
        public TextWriter Writer => output.Writer;

        public bool IsTerminal => true;

        public int Width => 200;

        public int Height => 50;

        public void SetEncoding(System.Text.Encoding encoding) => output.SetEncoding(encoding);
    }

    /// <summary>Is at once where somebody waits for it to be.</summary>
    private sealed class JumpingTime : TimeProvider
    {
        private long _ticks = FakeRun.Start.UtcTicks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

        public override long GetTimestamp() => Interlocked.Read(ref _ticks);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime > TimeSpan.Zero) Interlocked.Add(ref _ticks, dueTime.Ticks);
            return TimeProvider.System.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? TimeSpan.Zero : dueTime, period);
        }
    }
}
