using System.Text.Json.Serialization;

namespace QuantaPilot.Engine.Execution;

/// <summary>
/// One fact of an instance's history. A turn is recorded in the order in which it ran: its time, then each message that
/// was delivered, followed by what the code did upon it. A replay must reproduce that order exactly.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ExecutionStarted), "executionStarted")]
[JsonDerivedType(typeof(TurnStarted), "turnStarted")]
[JsonDerivedType(typeof(EventReceived), "eventReceived")]
[JsonDerivedType(typeof(ActivityScheduled), "activityScheduled")]
[JsonDerivedType(typeof(ActivityCompleted), "activityCompleted")]
[JsonDerivedType(typeof(ActivityFailed), "activityFailed")]
[JsonDerivedType(typeof(TimerCreated), "timerCreated")]
[JsonDerivedType(typeof(TimerFired), "timerFired")]
[JsonDerivedType(typeof(SubOrchestrationScheduled), "subOrchestrationScheduled")]
[JsonDerivedType(typeof(SubOrchestrationCompleted), "subOrchestrationCompleted")]
[JsonDerivedType(typeof(SubOrchestrationFailed), "subOrchestrationFailed")]
[JsonDerivedType(typeof(ContinuedAsNew), "continuedAsNew")]
[JsonDerivedType(typeof(ExecutionCompleted), "executionCompleted")]
[JsonDerivedType(typeof(ExecutionFailed), "executionFailed")]
[JsonDerivedType(typeof(ExecutionTerminated), "executionTerminated")]
internal abstract record HistoryEvent
{
    /// <summary>What a reader of a mismatch is told. For what the code does, it is also what a replay compares.</summary>
    public abstract string Describe();
}

/// <summary>Something that the code did: a call, a timer, or its end.</summary>
internal abstract record ActionEvent : HistoryEvent;

/// <summary>An action that is answered later by the message with the same id.</summary>
internal abstract record ScheduledEvent(int Id) : ActionEvent;

/// <summary>The code has ended, or ended this execution.</summary>
internal abstract record EndEvent : ActionEvent;

/// <summary>A message that answers the action with that id.</summary>
internal abstract record AnswerEvent(int Id) : HistoryEvent;

/// <param name="Name">The orchestration.</param>
/// <param name="Input">Its input.</param>
/// <param name="Execution">How often the instance continued as new before.</param>
/// <param name="TraceParent">The trace that the instance belongs to (W3C Trace Context), if it was started within one.</param>
internal sealed record ExecutionStarted(
    string Name,
    JsonPayload Input,
    int Execution = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? TraceParent = null) : HistoryEvent
{
    public override string Describe() => $"the start of '{Name}'";
}

internal sealed record TurnStarted(DateTimeOffset At) : HistoryEvent
{
    public override string Describe() => "the start of a turn";
}

internal sealed record EventReceived(string Name, JsonPayload Payload) : HistoryEvent
{
    public override string Describe() => $"external event '{Name}'";
}

internal sealed record ActivityScheduled(int Id, string Name, JsonPayload Input) : ScheduledEvent(Id)
{
    public override string Describe() => $"activity '{Name}'";
}

internal sealed record ActivityCompleted(int Id, JsonPayload Result) : AnswerEvent(Id)
{
    public override string Describe() => $"the result of activity #{Id}";
}

internal sealed record ActivityFailed(int Id, string ErrorType, string Message) : AnswerEvent(Id)
{
    public override string Describe() => $"the failure of activity #{Id}";
}

internal sealed record TimerCreated(int Id, DateTimeOffset FireAt) : ScheduledEvent(Id)
{
    public override string Describe() => "a timer";
}

internal sealed record TimerFired(int Id) : AnswerEvent(Id)
{
    public override string Describe() => $"the end of timer #{Id}";
}

internal sealed record SubOrchestrationScheduled(int Id, string Name, string InstanceId, JsonPayload Input) : ScheduledEvent(Id)
{
    public override string Describe() => $"sub-orchestration '{Name}' as '{InstanceId}'";
}

internal sealed record SubOrchestrationCompleted(int Id, JsonPayload Result) : AnswerEvent(Id)
{
    public override string Describe() => $"the result of sub-orchestration #{Id}";
}

internal sealed record SubOrchestrationFailed(int Id, string ErrorType, string Message) : AnswerEvent(Id)
{
    public override string Describe() => $"the failure of sub-orchestration #{Id}";
}

internal sealed record ContinuedAsNew(JsonPayload Input) : EndEvent
{
    public override string Describe() => "continue as new";
}

internal sealed record ExecutionCompleted(JsonPayload Output) : EndEvent
{
    public override string Describe() => "completion";
}

internal sealed record ExecutionFailed(string ErrorType, string Message) : EndEvent
{
    public override string Describe() => $"failure with {ErrorType}";
}

/// <summary>Ended from outside, in a turn of its own that ran no code.</summary>
internal sealed record ExecutionTerminated(string Reason) : HistoryEvent
{
    public override string Describe() => "termination";
}
