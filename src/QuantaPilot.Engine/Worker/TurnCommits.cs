using QuantaPilot.Core.Ports;
using QuantaPilot.Engine.Execution;
using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Engine.Worker;

/// <summary>Makes of a turn what the task hub is to write.</summary>
internal static class TurnCommits
{
    public static long NewLease() => Random.Shared.NextInt64();

    public static TurnCommit From(long key, LoadedExecution loaded, Turn turn, long consumedSeq, DateTimeOffset now) => new()
    {
        Key = key,
        Lease = loaded.Lease,
        NewLease = NewLease(),
        Execution = loaded.Execution,
        TurnNumber = loaded.Turns + 1,
        Events = HistoryJson.Write(turn.Events),
        NextStart = turn.NextStart is null ? null : HistoryJson.Write(turn.NextStart),
        Status = turn.End switch
        {
            ExecutionCompleted => OrchestrationStatus.Completed,
            ExecutionFailed => OrchestrationStatus.Failed,
            _ => OrchestrationStatus.Running,
        },
        Now = now,
        NextDue = turn.NextDue,
        OpenActivities = turn.OpenActivities,
        Output = (turn.End as ExecutionCompleted)?.Output.ToString(),
        Failure = turn.End is ExecutionFailed failed ? $"{failed.ErrorType}: {failed.Message}" : null,
        ConsumedSeq = consumedSeq,
        Children = Children(turn, loaded.Executor.TraceParent, now),
        Answer = loaded.Parent is null ? null : Answer(loaded.Parent.TaskId, turn.End),
        Parent = loaded.Parent,
    };

    private static NewChild[] Children(Turn turn, string? traceParent, DateTimeOffset now)
    {
        if (!turn.Events.Exists(item => item is SubOrchestrationScheduled)) return [];
        return [.. turn.Events.OfType<SubOrchestrationScheduled>().Select(call => new NewChild(call.Id, Child(call, traceParent, now)))];
    }

    private static NewInstance Child(SubOrchestrationScheduled call, string? traceParent, DateTimeOffset now)
    {
        var start = new ExecutionStarted(call.Name, call.Input, TraceParent: traceParent);
        return new NewInstance(call.InstanceId, call.Name, HistoryJson.Write([start]), NewLease(), now);
    }

    private static AnswerEvent? Answer(int taskId, EndEvent? end) => end switch
    {
        ExecutionCompleted completed => new SubOrchestrationCompleted(taskId, completed.Output),
        ExecutionFailed failed => new SubOrchestrationFailed(taskId, failed.ErrorType, failed.Message),
        _ => null,
    };
}
