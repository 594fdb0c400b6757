using System.Text.Json;
using Microsoft.Extensions.Logging;
using QuantaPilot.Engine.Execution;

namespace QuantaPilot.Engine.Worker;

/// <summary>An activity to run for an instance.</summary>
internal sealed record ActivityWork(
    LiveInstance Instance, string InstanceId, int Execution, int Attempt, ActivityScheduled Call, string? TraceParent);

/// <summary>Runs activities and hands their results to the instances.</summary>
internal sealed class ActivityRunner
{
    private readonly OrchestrationRegistry _registry;
    private readonly JsonSerializerOptions _json;
    private readonly IActivityInterceptor? _interceptor;
    private readonly LiveInstances _instances;
    private readonly ILogger _logger;
    private readonly WorkQueue<ActivityWork> _queue;
    private readonly Lock _gate = new();
    private readonly HashSet<ActivityWork> _running = new(ReferenceEqualityComparer.Instance);
    private bool _stopping;

    public ActivityRunner(OrchestrationRegistry registry, EngineOptions options, LiveInstances instances, ILogger logger)
    {
        _registry = registry;
        _json = options.Json;
        _interceptor = options.Interceptor;
        _instances = instances;
        _logger = logger;
        _queue = new WorkQueue<ActivityWork>(options.MaxConcurrentActivities, RunAsync);
    }

    public void Add(ActivityWork work) => _queue.Add(work);

    /// <summary>Cancels what runs; done when it has ended.</summary>
    public async Task StopAsync()
    {
        List<ActivityWork> running;
        lock (_gate)
        {
            _stopping = true;
            running = [.. _running];
        }
        var drained = _queue.StopAsync();
        foreach (var work in running) await work.Instance.Cancellation.CancelAsync();
        await drained;
    }

    private async ValueTask RunAsync(ActivityWork work)
    {
        lock (_gate)
        {
            // Of an instance that was terminated while it waited for its place, nobody wants the result.
            if (_stopping || work.Instance.Cancellation.IsCancellationRequested) return;
            _running.Add(work);
        }
        var answer = await CallAsync(work);
        lock (_gate)
        {
            _running.Remove(work);
            // What ends after the stop was asked for may have ended because of it: it runs again.
            if (_stopping) return;
        }
        _instances.Answer(work.Instance, new ActivityAnswer(work.Execution, answer));
    }

    private async Task<AnswerEvent> CallAsync(ActivityWork work)
    {
        using var span = Spans.StartActivity(work);
        try
        {
            var context = new ActivityContext(work.InstanceId, work.Attempt, _interceptor, work.Instance.Cancellation.Token);
            var result = await _registry.GetActivity(work.Call.Name)(context, work.Call.Input, _json);
            return new ActivityCompleted(work.Call.Id, result);
        }
#pragma warning disable CA1031 // Whatever an activity throws is its answer: the orchestration decides.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Spans.Fail(span, e);
            Logs.ActivityFailed(_logger, e, work.Call.Name, work.InstanceId);
            return new ActivityFailed(work.Call.Id, e.GetType().FullName!, e.Message);
        }
    }
}
