using System.Text.Json;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Admission;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Orchestrations;

/// <summary>
/// One run on a scripted world: activities answer what the script says, at once or when it lets them; time moves when it
/// says so. Inputs and outputs go through JSON, as they do in an engine. Recorded events are applied as a store would.
/// </summary>
internal sealed class ScriptedContext : IOrchestrationContext
{
    public const string Head = "1111111111111111111111111111111111111111";
    public const string Merged = "2222222222222222222222222222222222222222";

    private readonly Dictionary<string, Func<ActivityInput, object>> _answers = [];
    private readonly Dictionary<string, TaskCompletionSource> _held = [];
    private readonly Queue<string> _buffered = [];
    private readonly List<(TaskCompletionSource Timer, DateTimeOffset FireAt)> _timers = [];
    private TaskCompletionSource<string>? _waiting;
    private Task<RunOutcome>? _run;
    private int _guids;

    public ScriptedContext(PipelineDefinition? pipeline = null)
    {
        Run = new RunSnapshot
        {
            RunId = RunId.Parse(new string('a', 32)),
            RepoUrl = "https://example.com/org/project.git",
            Project = "https://example.com/org/project",
            Branch = "main",
            CorrelationId = "0b5d6c1e-6d55-4a2b-8a44-0d1f0e3c9a10",
            RequestedBy = "alice",
            RequestDigest = "",
            CreatedAt = UtcNow,
        };
        var numbers = 0;
        Answer<PrepareRunInput>(ActivityNames.PrepareRun, _ => Ok(Prepared(pipeline)));
        Answer<WriteDocumentationInput>(ActivityNames.WriteDocumentation, _ => Ok(Reviewable("documentation", ++numbers)));
        Answer<ReadPlanInput>(ActivityNames.ReadPlan, _ => Ok(new PlanRead([])));
        Answer<CarryOutTaskInput>(ActivityNames.CarryOutTask, input => Ok(new TaskDone(Head, $"did {input.Task.Prompt}")));
        Answer<OpenMilestoneInput>(ActivityNames.OpenMilestone, input => Ok(Reviewable(input.Milestone.Id, ++numbers)));
        Answer<MergePullRequestInput>(ActivityNames.MergePullRequest, _ => Ok(new MergeResult(Merged, Head)));
        Answer<RecordEventsInput>(ActivityNames.RecordEvents, _ => Ok(new Done()));
        Answer<TakeSlotInput>(ActivityNames.TakeSlot, _ => Ok(new SlotAnswer(true)));
        Answer<GiveBackSlotInput>(ActivityNames.GiveBackSlot, _ => Ok(new Done()));
        Answer<TimeOutGateInput>(ActivityNames.TimeOutGate, input =>
        {
            (Run, var decision) = Run.TimeOut(input.Gate, input.Request);
            return Ok(new GateTimeoutResult(decision));
        });
    }

    public RunSnapshot Run { get; private set; }

    /// <summary>Every status that the store has shown.</summary>
    public List<RunStatus> Statuses { get; } = [];

    /// <summary>The public event log, as event names.</summary>
    public List<string> Log { get; } = [];

    /// <summary>The calls of activities, in order.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>The inputs of these calls.</summary>
    public List<ActivityInput> Inputs { get; } = [];

    /// <summary>Where the run takes up the work of another.</summary>
    public RetryPoint? Retry { get; init; }

    /// <summary>What the run counts for, where the host has limits.</summary>
    public AdmissionKey? Admission { get; init; }

    /// <summary>As backends that cut off fractions of a second do, for timers that are made before the first advance.</summary>
    public TimeSpan TimersFireEarlyBy { get; set; }

    public int TimersWaiting => _timers.Count(timer => !timer.Timer.Task.IsCompleted);

    public RunOutcome? Outcome => _run is { IsCompleted: true } ? _run.GetAwaiter().GetResult() : null;

    public string InstanceId => Run.RunId.ToString();

    public DateTimeOffset UtcNow { get; private set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public bool IsReplaying => false;

    public static PreparedRun Prepared(PipelineDefinition? pipeline = null) =>
        new(Head, pipeline ?? PipelineDefinition.Default) { IsMetered = true };

    public static ReviewableWork Reviewable(string step, int number, string headSha = Head) =>
        new(new GateReview(new PullRequestRef(number, null, $"quantapilot/run/{step}"), headSha, null, "look"));

    public static StepResult<T> Ok<T>(T value)
        where T : class => new(value, null);

    public static StepResult<T> Failed<T>(string code, bool transient = false)
        where T : class => new(null, new StepFailure(code, $"{code} happened", transient));

    public void Answer<TInput>(string activity, Func<TInput, object> answer)
        where TInput : ActivityInput => _answers[activity] = input => answer((TInput)input);

    /// <summary>Makes the next call of an activity hang until <see cref="Release"/>. Its events are recorded all the same.</summary>
    public void Hold(string activity) => _held[activity] = new TaskCompletionSource();

    public void Release(string activity)
    {
        _held.Remove(activity, out var held);
        held!.SetResult();
    }

    public ScriptedContext Start()
    {
        // The tests' own synchronization context would run continuations elsewhere.
        SynchronizationContext.SetSynchronizationContext(null);
        _run = RunOrchestration.RunAsync(this);
        return this;
    }

    public void Raise(RunSignal signal)
    {
        var json = JsonSerializer.Serialize(signal, CoreJson.Default.RunSignal);
        if (_waiting is { } waiting)
        {
            _waiting = null;
            waiting.SetResult(json);
        }
        else
        {
            _buffered.Enqueue(json);
        }
    }

    /// <summary>Votes as an approver would: the store decides, and the run is told if it is decided.</summary>
    public VoteResult Vote(string gate, string by, bool approved, string reason = "because")
    {
        (Run, var result) = Run.Vote(gate, new Vote(by, approved, reason, UtcNow), null);
        if (result == VoteResult.Applied)
        {
            Raise(new RunSignal(RunSignalKind.Decision, null, Run.Gates.Single(g => g.Name == gate).Decision));
        }
        return result;
    }

    public void Advance(TimeSpan time)
    {
        UtcNow += time;
        foreach (var (timer, _) in _timers.Where(timer => timer.FireAt <= UtcNow).ToList()) timer.TrySetResult();
        _timers.RemoveAll(timer => timer.Timer.Task.IsCompleted);
    }

    public T GetInput<T>() =>
        (T)(object)new RunInput(Run.RunId, Run.RepoUrl, Run.Branch, Run.QuantapilotYamlPath, Run.CorrelationId)
        {
            Retry = Retry,
            Admission = Admission,
        };

    public Guid NewGuid() => new(++_guids, 0, 0, new byte[8]);

    public async Task<TResult> CallActivityAsync<TResult>(string name, object? input)
    {
        Calls.Add(name);
        var copy = (ActivityInput)RoundTrip(input!, input!.GetType());
        Assert.Equal((Run.RunId, Run.CorrelationId), (copy.RunId, copy.CorrelationId));
        Inputs.Add(copy);
        Record(copy.Events);
        if (_held.TryGetValue(name, out var held)) await held.Task;
        return (TResult)RoundTrip(_answers[name](copy), typeof(TResult));
    }

    public async Task<TEvent> WaitForExternalEventAsync<TEvent>(string name, CancellationToken cancellationToken = default)
    {
        Assert.Equal(RunSignal.EventName, name);
        Assert.Null(_waiting);
        if (!_buffered.TryDequeue(out var json))
        {
            _waiting = new TaskCompletionSource<string>();
            json = await _waiting.Task;
        }
        return (TEvent)JsonSerializer.Deserialize(json, typeof(TEvent), CoreJson.Default)!;
    }

    public Task CreateTimerAsync(DateTimeOffset fireAt, CancellationToken cancellationToken)
    {
        var timer = new TaskCompletionSource();
        cancellationToken.Register(() => timer.TrySetCanceled(cancellationToken));
        _timers.Add((timer, fireAt - TimersFireEarlyBy));
        TimersFireEarlyBy = TimeSpan.Zero;
        return timer.Task;
    }

    public Task<TResult> CallSubOrchestrationAsync<TResult>(string name, string instanceId, object? input) =>
        throw new NotSupportedException("A run has no sub-orchestrations.");

    public void ContinueAsNew(object? input) => throw new NotSupportedException("A run does not continue as new.");

    private static object RoundTrip(object value, Type type) =>
        JsonSerializer.Deserialize(JsonSerializer.Serialize(value, type, CoreJson.Default), type, CoreJson.Default)!;

    private void Record(IReadOnlyList<RunEvent> events)
    {
        foreach (var e in events.Where(e => e.Revision > Run.Revision))
        {
            Run = Run.Apply(e);
            Statuses.Add(Run.Status);
            if (CloudEvent.From(Run, e) is { } cloudEvent)
            {
                Log.Add(cloudEvent.Type["quantapilot.".Length..]);
                Assert.Equal(Log.Count, cloudEvent.Sequence);
            }
        }
    }
}
