using System.Diagnostics;
using QuantaPilot.Core.Telemetry;

namespace QuantaPilot.Engine.Worker;

/// <summary>
/// Spans of turns and activities, named and tagged as Durable Task does. All of an instance belong to the trace that it was
/// started in. Where nobody listens nothing is made, and no trace is written into histories.
/// </summary>
internal static class Spans
{
    private const string Type = "durabletask.type";
    private const string Name = "durabletask.task.name";
    private const string InstanceId = "durabletask.task.instance_id";
    private const string TaskId = "durabletask.task.task_id";

    /// <summary>The trace to start an instance in: the one at hand.</summary>
    public static string? TraceParent() =>
        Instruments.Source.HasListeners() && Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } ? id : null;

    /// <summary>The span of an execution of an activity, made current: what is done within it becomes part of it.</summary>
    public static Activity? StartActivity(ActivityWork work)
    {
        if (!Instruments.Source.HasListeners()) return null;
        var name = work.Call.Name;
        var span = Instruments.Source.StartActivity(
            $"activity:{name}", ActivityKind.Internal, Parent(work.TraceParent), Tags("activity", name, work.InstanceId));
        return span?.SetTag(TaskId, work.Call.Id);
    }

    /// <summary>
    /// The span of a turn that has committed. It is made afterwards, since during the turn it would be caught by the awaits of
    /// the orchestration's code and held for as long as that waits.
    /// </summary>
    public static void AddTurn(LoadedExecution loaded, int number, DateTimeOffset start, DateTimeOffset end)
    {
        if (!Instruments.Source.HasListeners()) return;
        var name = loaded.Executor.Name;
        using var span = Instruments.Source.StartActivity(
            $"orchestration:{name}",
            ActivityKind.Internal,
            Parent(loaded.Executor.TraceParent),
            Tags("orchestration", name, loaded.InstanceId),
            links: null,
            start);
        span?.SetTag("quantapilot.turn", number).SetEndTime(end.UtcDateTime);
    }

    /// <summary>Marks a span as failed, without the message: it may hold anything.</summary>
    public static void Fail(Activity? span, Exception error) =>
        span?.SetStatus(ActivityStatusCode.Error).SetTag(Instruments.ErrorTypeTag, error.GetType().FullName);

    private static System.Diagnostics.ActivityContext Parent(string? traceParent) =>
        System.Diagnostics.ActivityContext.TryParse(traceParent, null, isRemote: true, out var context) ? context : default;

    private static IEnumerable<KeyValuePair<string, object?>> Tags(string type, string name, string instanceId) =>
        [new(Type, type), new(Name, name), new(InstanceId, instanceId)];
}
