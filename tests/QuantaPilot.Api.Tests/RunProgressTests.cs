using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using QuantaPilot.Api.Runs;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Engine;
using QuantaPilot.Host.Server;

namespace QuantaPilot.Api.Tests;

public sealed class RunProgressTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Get_WhileAStepIsInHand_TellsHowFarItHasCome()
    {
        var agent = new ReportingAgent();
        await using var server = await QuantaPilotServer.StartAsync(
            new ServerOptions
            {
                DataDirectory = _directory.Path,
                Url = "http://127.0.0.1:0",
                ConfigureServices = services =>
                    services.AddSingleton<IForge>(new InstantForge()).RemoveAll<IAgent>().AddSingleton<IAgent>(agent),
            },
            default);
        agent.Progress = server.Services.GetRequiredService<IStepProgress>();
        using var client = server.Client();
        using var accepted = await client.PostAsync(
            "/run", ApiHost.Json("""{"repo_url":"https://example.com/org/project","branch":"main"}"""));
        var runId = (await accepted.OkAsync(CoreJson.Default.RunAccepted, HttpStatusCode.Accepted)).RunId;

        await agent.Reported.Task.WaitAsync(_patience);
        var during = await client.GetStringAsync($"/runs/{runId}");
        agent.GoOn.SetResult();
        using var cancelled = await client.PostAsync($"/runs/{runId}/cancel", ApiHost.Json("{}"));
        await server.Services.GetRequiredService<EmbeddedEngine>().WaitForEndAsync($"{runId}", default).WaitAsync(_patience);
        var after = await client.GetStringAsync($"/runs/{runId}");

        Assert.Contains("""
            "progress":{"doing":"reading_files","done":45000,"total":100000}
            """, during, StringComparison.Ordinal);
        Assert.Null(SchemaSet.FindFault("run", during));
        Assert.DoesNotContain("progress", after, StringComparison.Ordinal);
    }

    [Fact]
    public void Report_OutsideOfAStepOrAfterIt_IsIgnored()
    {
        var progress = new RunProgress();
        var runId = RunId.From(Guid.NewGuid());
        progress.Report(ProgressKind.ReadingFiles, 1, null);
        var step = progress.Begin(runId);
        progress.Report(ProgressKind.ReadingFiles, 2, null);
        Assert.Equal(new StepProgress(ProgressKind.ReadingFiles, 2, null), progress.Find(runId));

        step.Dispose();
        progress.Report(ProgressKind.ReadingFiles, 3, null);

        Assert.Null(progress.Find(runId));
    }

    [Fact]
    public async Task Report_OfTwoRunsAtOnce_GoesToEach()
    {
        var progress = new RunProgress();
        var (one, other) = (RunId.From(Guid.NewGuid()), RunId.From(Guid.NewGuid()));
        var both = new Barrier(2);

        await Task.WhenAll(ReportAsync(one, 1), ReportAsync(other, 2));

        Task ReportAsync(RunId runId, int done) => Task.Factory.StartNew(
            () =>
            {
                using var step = progress.Begin(runId);
                both.SignalAndWait(_patience);
                progress.Report(ProgressKind.PushingObjects, done, 10);
                both.SignalAndWait(_patience);
                Assert.Equal(done, progress.Find(runId)!.Done);
                both.SignalAndWait(_patience);
            },
            default,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }

    private sealed class ReportingAgent : IAgent
    {
        public string Type => "outline";

        public IStepProgress Progress { get; set; } = NoProgress.Instance;

        public TaskCompletionSource Reported { get; } = new();

        public TaskCompletionSource GoOn { get; } = new();

        public async Task<AgentResult> RunAsync(AgentTask task, ICheckout checkout, CancellationToken cancellationToken)
        {
            // From another thread, as those that do the work are.
            await Task.Run(() => Progress.Report(ProgressKind.ReadingFiles, 45_000, 100_000), cancellationToken);
            Reported.SetResult();
            await GoOn.Task;
            return new AgentResult("Read.", null);
        }
    }
}
