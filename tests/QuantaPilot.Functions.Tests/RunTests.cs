using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Moq;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Engine.Storage;
using QuantaPilot.Functions.Durable;
using QuantaPilot.Functions.Tests.Support;
using QuantaPilot.Host.Sqlite;

namespace QuantaPilot.Functions.Tests;

/// <summary>Whole runs on Durable Task, with a real store and a forge that does nothing.</summary>
public sealed class RunTests : IAsyncLifetime, IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly SqliteFile _file;
    private readonly SqliteRunStore _store;
    private readonly RunId _id = RunId.From(Guid.CreateVersion7());
    private DurableHost _host = null!;

    public RunTests()
    {
        _file = SqliteFile.Open(_directory.File("runs.db"), RunsSchema.Scripts);
        _store = new SqliteRunStore(_file);
    }

    public async Task InitializeAsync()
    {
        var forge = new InstantForge();
        var functions = new RunFunctions(new RunActivities(_store, forge, [forge], new NoChecks()));
        _host = await DurableHost.StartAsync(registry =>
        {
            DurableHost.Add(registry, RunOrchestration.Name, RunOrchestration.RunAsync);
            Add<PrepareRunInput, StepResult<PreparedRun>>(registry, ActivityNames.PrepareRun, functions.PrepareRunAsync);
            Add<WriteDocumentationInput, StepResult<ReviewableWork>>(registry, ActivityNames.WriteDocumentation, functions.WriteDocumentationAsync);
            Add<MergePullRequestInput, StepResult<MergeResult>>(registry, ActivityNames.MergePullRequest, functions.MergePullRequestAsync);
            Add<TimeOutGateInput, StepResult<GateTimeoutResult>>(registry, ActivityNames.TimeOutGate, functions.TimeOutGateAsync);
            Add<RecordEventsInput, StepResult<Done>>(registry, ActivityNames.RecordEvents, functions.RecordEventsAsync);
        });
        var now = TimeProvider.System.GetUtcNow();
        await _store.CreateAsync(new RunSnapshot
        {
            RunId = _id,
            RepoUrl = "https://example.com/org/project.git",
            Project = "https://example.com/org/project",
            Branch = "main",
            CorrelationId = Guid.NewGuid().ToString(),
            RequestedBy = "olga",
            RequestDigest = "",
            CreatedAt = now,
            UpdatedAt = now,
        }, default);
        await _host.Client.StartAsync(
            RunOrchestration.Name, _id.ToString(), new RunInput(_id, "https://example.com/org/project.git", "main", null), default);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    public void Dispose()
    {
        _file.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Run_ApprovedAtItsGate_Completes()
    {
        await VoteAsync(true);

        Assert.Equal(OrchestrationRuntimeStatus.Completed, (await _host.EndAsync(_id.ToString())).Status);
        await AssertLogAsync("run_started", "documentation_generated", "gate_requested", "gate_decision", "run_completed");
    }

    [Fact]
    public async Task Run_Rejected_Fails()
    {
        await VoteAsync(false);

        await _host.EndAsync(_id.ToString());

        Assert.Equal(ErrorCodes.GateRejected, (await _store.GetAsync(_id, default))!.Error!.ErrorCode);
        await AssertLogAsync("run_started", "documentation_generated", "gate_requested", "gate_decision", "run_failed");
    }

    [Fact]
    public async Task Run_PausedAndResumedAtItsGate_CompletesOnceApproved()
    {
        await UntilAsync(RunStatus.Waiting);
        await RaiseAsync(new RunSignal(RunSignalKind.Pause, "lunch"));
        await UntilAsync(RunStatus.Paused);
        await RaiseAsync(new RunSignal(RunSignalKind.Resume));
        await VoteAsync(true);

        await _host.EndAsync(_id.ToString());

        await AssertLogAsync(
            "run_started", "documentation_generated", "gate_requested", "run_paused", "run_resumed", "gate_decision", "run_completed");
    }

    [Fact]
    public async Task Run_CancelledWhilePaused_EndsAsCancelled()
    {
        await UntilAsync(RunStatus.Waiting);
        await RaiseAsync(new RunSignal(RunSignalKind.Pause, "lunch"));
        await UntilAsync(RunStatus.Paused);
        await RaiseAsync(new RunSignal(RunSignalKind.Cancel, "wrong repository"));

        await _host.EndAsync(_id.ToString());

        Assert.Equal(RunStatus.Cancelled, (await _store.GetAsync(_id, default))!.Status);
        await AssertLogAsync("run_started", "documentation_generated", "gate_requested", "run_paused", "run_failed");
    }

    private static void Add<TInput, TOutput>(DurableTaskRegistry registry, string name, Func<TInput, FunctionContext, Task<TOutput>> activity)
    {
        var context = new Mock<FunctionContext>();
        registry.AddActivityFunc<TInput, TOutput>(name, Task<TOutput> (_, input) => activity(input, context.Object));
    }

    private async Task VoteAsync(bool approved)
    {
        var run = await UntilAsync(RunStatus.Waiting);
        var (after, result) = (await _store.VoteAsync(_id, Gate.Anchor, new Vote("ann", approved, "why", run.UpdatedAt), null, default))!.Value;
        Assert.Equal(VoteResult.Applied, result);
        await RaiseAsync(new RunSignal(RunSignalKind.Decision, Decision: after.Gates[0].Decision));
    }

    private async Task RaiseAsync(RunSignal signal) =>
        Assert.True(await _host.Client.RaiseEventAsync(_id.ToString(), RunSignal.EventName, signal, default));

    private async Task<RunSnapshot> UntilAsync(RunStatus status)
    {
        using var timeout = new CancellationTokenSource(DurableHost.Patience);
        while (true)
        {
            var change = _store.WaitForChangeAsync(_id, timeout.Token);
            if (await _store.GetAsync(_id, timeout.Token) is { } run && run.Status == status) return run;
            await change;
        }
    }

    private async Task AssertLogAsync(params string[] expected)
    {
        var log = await _store.ReadEventsAsync(_id, 0, 100, default);
        Assert.Equal(Enumerable.Range(1, expected.Length).Select(sequence => (long)sequence), log.Select(e => e.Sequence));
        Assert.Equal(expected, log.Select(e => System.Text.Json.JsonDocument.Parse(e.Json).RootElement.GetProperty("type").GetString()!["quantapilot.".Length..]));
    }

    private sealed class NoChecks : ICheckRunner
    {
        public Task<string?> RunAsync(
            string repoUrl, IReadOnlyList<string> command, TimeSpan timeout, ICheckout checkout, CancellationToken cancellationToken) =>
            Task.FromResult<string?>(null);
    }
}
