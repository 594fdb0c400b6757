using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Moq;
using QuantaPilot.Api.Telemetry;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Admission;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Limits;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Engine.Storage;
using QuantaPilot.Functions.Durable;
using QuantaPilot.Host.Sqlite;
using QuantaPilot.Testing;

namespace QuantaPilot.Functions.Tests.Support;

/// <summary>The app's orchestration and activities on Durable Task, over a real store; the repository is scripted.</summary>
internal sealed class RunHub : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly TempDirectory _directory = new();
    private readonly SqliteFile _file;
    private TaskHub _hub = null!;

    private RunHub()
    {
        _file = SqliteFile.Open(_directory.Combine("runs.db"), RunsSchema.Scripts);
        Store = new SqliteRunStore(_file);
        Book = new SqliteAdmissionStore(_file);
    }

    public SqliteRunStore Store { get; }

    /// <summary>Who works and who waits.</summary>
    public SqliteAdmissionStore Book { get; }

    /// <summary>How many runs work at once; null for no limit.</summary>
    public ConcurrencyLimits? Limits { get; private init; }

    public Admissions Admissions => new(Book, Limits ?? new ConcurrencyLimits(), Store, Client, CheckedLogger.For<Admissions>());

    public IOrchestrationClient Client => _hub.Client;

    public RunId Id { get; } = RunId.From(Guid.CreateVersion7());

    /// <summary>Starts one run.</summary>
    /// <param name="forge">The repository.</param>
    /// <param name="afterRecording">Called once events are in the store, before their activity answers.</param>
    /// <param name="limits">How many runs work at once.</param>
    /// <param name="before">Called before the start.</param>
    public static async Task<RunHub> StartAsync(
        ScriptedForge forge,
        Func<RunHub, Task>? afterRecording = null,
        ConcurrencyLimits? limits = null,
        Func<RunHub, Task>? before = null)
    {
        var run = new RunHub { Limits = limits };
        try
        {
            run._hub = await TaskHub.StartAsync(registry => run.Register(registry, forge, afterRecording));
            if (before is not null) await before(run);
            Assert.Null(await run.Store.CreateAsync(run.Queued(), default));
            Assert.True(await run.StartOnceMoreAsync());
            return run;
        }
        catch
        {
            // No test gets it, to dispose of it.
            await run.DisposeAsync();
            throw;
        }
    }

    public Task<bool> StartOnceMoreAsync()
    {
        var input = new RunInput(Id, "https://example.com/org/project.git", "main", null)
        {
            Admission = Limits is null ? null : new AdmissionKey("https://example.com/org/project", "main"),
        };
        return Client.StartAsync(RunOrchestration.Name, $"{Id}", input, default);
    }

    /// <summary>Waits until the run is as it should be.</summary>
    public async Task<RunSnapshot> UntilAsync(Func<RunSnapshot, bool> condition)
    {
        using var patience = new CancellationTokenSource(_patience);
        while (true)
        {
            var change = Store.WaitForChangeAsync(Id, patience.Token);
            var run = (await Store.GetAsync(Id, patience.Token))!;
            if (condition(run)) return run;
            await change;
        }
    }

    public Task<RunSnapshot> UntilAsync(RunStatus status) => UntilAsync(run => run.Status == status);

    public Task<RunSnapshot> UntilAtGateAsync(string gate) =>
        UntilAsync(run => run.Status == RunStatus.Waiting && run.PendingGate?.Name == gate);

    /// <summary>Decides as the API does: first the store, then the orchestration.</summary>
    public async Task DecideAsync(string gate, bool approved = true, string? reason = null)
    {
        var vote = new Vote("bob", approved, reason, DateTimeOffset.UnixEpoch);
        var (run, result) = (await Store.VoteAsync(Id, gate, vote, null, default))!.Value;
        Assert.Equal(VoteResult.Applied, result);
        await TellAsync(new RunSignal(RunSignalKind.Decision, Decision: run.Gates.First(g => g.Name == gate).Decision));
    }

    public async Task TellAsync(RunSignal signal) =>
        Assert.True(await Client.RaiseEventAsync($"{Id}", RunSignal.EventName, signal, default));

    /// <summary>The names of the public events.</summary>
    public async Task<List<string>> LogAsync()
    {
        var events = await Store.ReadEventsAsync(Id, 0, 200, default);
        Assert.Equal(Enumerable.Range(1, events.Count).Select(i => (long)i), events.Select(e => e.Sequence));
        return [.. events.Select(e => JsonElement.Parse(e.Json.Span).GetProperty("type").GetString()!["quantapilot.".Length..])];
    }

    /// <summary>Waits for the end of the orchestration.</summary>
    public async Task<RunOutcome> OutcomeAsync() =>
        JsonSerializer.Deserialize<RunOutcome>((await _hub.EndOfAsync($"{Id}")).OutputJson!, WorkerJson.Options)!;

    public async ValueTask DisposeAsync()
    {
        if (_hub is not null) await _hub.DisposeAsync();
        _file.Dispose();
        _directory.Dispose();
    }

    private RunSnapshot Queued() => new()
    {
        RunId = Id,
        RepoUrl = "https://example.com/org/project.git",
        Project = "https://example.com/org/project",
        Branch = "main",
        CorrelationId = $"{Guid.NewGuid()}",
        RequestedBy = "olga",
        RequestDigest = "",
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    /// <summary>Nobody outside is told of events.</summary>
    private static EventHandover NoSinks()
    {
        var options = new DeliveryOptions();
        var circuits = new SinkCircuits(options, TimeProvider.System);
        var sender = new SinkSender(circuits, TimeProvider.System, CheckedLogger.For<SinkSender>());
        return new EventHandover(
            new EventSinks([]), sender, circuits, Mock.Of<IDeliveryStore>(), Mock.Of<IOrchestrationClient>(),
            options, TimeProvider.System, CheckedLogger.For<EventHandover>());
    }

    private void Register(DurableTaskRegistry registry, ScriptedForge forge, Func<RunHub, Task>? afterRecording)
    {
        var budget = new DailyBudget([], new InMemoryUsageStore(), TimeProvider.System);
        var activities = new RunActivities(
            Store, forge, forge.Agents, Mock.Of<ICheckRunner>(), NoSinks(), budget, CheckedLogger.For<RunActivities>());
        var telemetry = new StepTelemetry(Store, TimeProvider.System, CheckedLogger.For<StepTelemetry>());
        var functions = new RunFunctions(activities, new ActivityCalls(telemetry, new DurableClientAccessor()));
        var call = Mock.Of<FunctionContext>();
        registry.AddOrchestrator(RunOrchestration.Name, () => new Orchestrator());
        Add<PrepareRunInput, StepResult<PreparedRun>>(ActivityNames.PrepareRun, input => functions.PrepareRun(input, _hub.Hub, call));
        Add<WriteDocumentationInput, StepResult<ReviewableWork>>(
            ActivityNames.WriteDocumentation, input => functions.WriteDocumentation(input, _hub.Hub, call));
        Add<CarryOutTaskInput, StepResult<TaskDone>>(
            ActivityNames.CarryOutTask, input => functions.CarryOutTask(input, _hub.Hub, call));
        Add<OpenMilestoneInput, StepResult<ReviewableWork>>(
            ActivityNames.OpenMilestone, input => functions.OpenMilestone(input, _hub.Hub, call));
        Add<MergePullRequestInput, StepResult<MergeResult>>(
            ActivityNames.MergePullRequest, input => functions.MergePullRequest(input, _hub.Hub, call));
        Add<LookAtPullRequestInput, StepResult<PullRequestLook>>(
            ActivityNames.LookAtPullRequest, input => functions.LookAtPullRequest(input, _hub.Hub, call));
        Add<TimeOutGateInput, StepResult<GateTimeoutResult>>(
            ActivityNames.TimeOutGate, input => functions.TimeOutGate(input, _hub.Hub, call));
        Add<RecordEventsInput, StepResult<Done>>(ActivityNames.RecordEvents, async input =>
        {
            var done = await functions.RecordEvents(input, _hub.Hub, call);
            if (afterRecording is not null) await afterRecording(this);
            return done;
        });

        // Made at the first call: they tell runs, so they need the hub.
        var admission = new Lazy<AdmissionFunctions>(() => new AdmissionFunctions(
            new AdmissionActivities(activities, Admissions), new ActivityCalls(telemetry, new DurableClientAccessor())));
        Add<TakeSlotInput, StepResult<SlotAnswer>>(ActivityNames.TakeSlot, input => admission.Value.TakeSlot(input, _hub.Hub, call));
        Add<GiveBackSlotInput, StepResult<Done>>(ActivityNames.GiveBackSlot, input => admission.Value.GiveBackSlot(input, _hub.Hub, call));

        void Add<TInput, TOutput>(string name, Func<TInput, Task<TOutput>> run) =>
            registry.AddActivityFunc<TInput, TOutput>(name, (_, input) => run(input));
    }

    private sealed class Orchestrator : TaskOrchestrator<JsonElement, RunOutcome>
    {
        public override Task<RunOutcome> RunAsync(TaskOrchestrationContext context, JsonElement input) => RunFunctions.Run(context);
    }
}
