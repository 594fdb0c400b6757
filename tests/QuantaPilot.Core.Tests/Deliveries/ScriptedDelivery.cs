using System.Text.Json;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Orchestrations;

namespace QuantaPilot.Core.Tests.Deliveries;

/// <summary>
/// One delivery orchestration over the real activity in a <see cref="DeliveryWorld"/>; time moves when the test says so.
/// Inputs and outputs go through JSON, as they do in an engine.
/// </summary>
internal sealed class ScriptedDelivery(DeliveryWorld world, DeliveryInput input) : IOrchestrationContext
{
    private readonly List<(TaskCompletionSource Timer, DateTimeOffset FireAt)> _timers = [];
    private readonly Queue<TaskCompletionSource<Done>> _waits = new();
    private Task<Done>? _run;
    private byte _guids;

    /// <summary>Thrown by the next calls of the activity.</summary>
    public Queue<Exception> Faults { get; } = new();

    /// <summary>When the activity was called, counted from the start.</summary>
    public List<TimeSpan> Attempts { get; } = [];

    /// <summary>By how much the next timer fires early.</summary>
    public TimeSpan FiresEarlyBy { get; set; }

    public bool HasEnded => _run is { IsCompletedSuccessfully: true };

    public DateTimeOffset? NextTimer => _timers.Count == 0 ? null : _timers.Min(timer => timer.FireAt);

    public string InstanceId => "delivery";

    public DateTimeOffset UtcNow => world.Time.GetUtcNow();

    public bool IsReplaying => false;

    public ScriptedDelivery Start()
    {
        StayOnThisThread();
        _run = DeliveryOrchestration.RunAsync(this);
        return this;
    }

    /// <summary>Moves the clock from timer to timer until the orchestration has ended.</summary>
    public void RunToEnd()
    {
        while (!HasEnded)
        {
            if (_run!.IsFaulted) _run.GetAwaiter().GetResult();
            Assert.NotNull(NextTimer);
            Advance(NextTimer.Value - UtcNow);
        }
    }

    public void Advance(TimeSpan time)
    {
        StayOnThisThread();
        if (time > TimeSpan.Zero) world.Time.Advance(time);
        var due = _timers.Where(timer => timer.FireAt <= UtcNow).ToList();
        _timers.RemoveAll(due.Contains);
        foreach (var (timer, _) in due) timer.TrySetResult();
    }

    public void AskNow()
    {
        StayOnThisThread();
        _waits.Dequeue().SetResult(new Done());
    }

    public T GetInput<T>() => (T)RoundTrip(input, typeof(T));

    public Guid NewGuid() => new([.. new byte[15], _guids += 50]);

    public async Task<TResult> CallActivityAsync<TResult>(string name, object? activityInput)
    {
        Assert.Equal(ActivityNames.AttemptDelivery, name);
        Attempts.Add(UtcNow - input.FirstAttemptAt);
        if (Faults.TryDequeue(out var fault)) throw new ActivityFailedException(name, fault.GetType().FullName!, fault.Message);
        var copy = (AttemptDeliveryInput)RoundTrip(activityInput!, typeof(AttemptDeliveryInput));
        Assert.Equal(input.CorrelationId, copy.CorrelationId);
        return (TResult)RoundTrip(await world.Activities.AttemptDeliveryAsync(copy, default), typeof(TResult));
    }

    public async Task<TEvent> WaitForExternalEventAsync<TEvent>(string name, CancellationToken cancellationToken = default)
    {
        Assert.Equal(DeliveryOrchestration.DeliverNow, name);
        var wait = new TaskCompletionSource<Done>();
        _waits.Enqueue(wait);
        return (TEvent)RoundTrip(await wait.Task, typeof(TEvent));
    }

    public Task CreateTimerAsync(DateTimeOffset fireAt, CancellationToken cancellationToken)
    {
        var timer = new TaskCompletionSource();
        var entry = (timer, fireAt - FiresEarlyBy);
        FiresEarlyBy = TimeSpan.Zero;
        _timers.Add(entry);
        cancellationToken.Register(() =>
        {
            _timers.Remove(entry);
            timer.TrySetCanceled(cancellationToken);
        });
        return timer.Task;
    }

    public Task<TResult> CallSubOrchestrationAsync<TResult>(string name, string instanceId, object? subInput) =>
        throw new NotSupportedException("A delivery has no sub-orchestrations.");

    public void ContinueAsNew(object? next) => throw new NotSupportedException("A delivery does not continue as new.");

    /// <summary>The tests' own synchronization context would run continuations elsewhere.</summary>
    private static void StayOnThisThread() => SynchronizationContext.SetSynchronizationContext(null);

    private static object RoundTrip(object value, Type type) =>
        JsonSerializer.Deserialize(JsonSerializer.Serialize(value, type, CoreJson.Default), type, CoreJson.Default)!;
}
