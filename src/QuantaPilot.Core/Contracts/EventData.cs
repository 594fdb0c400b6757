using System.Text.Json.Serialization;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Contracts;

/// <summary>The payloads of the seed's nine events, member for member.</summary>
[JsonDerivedType(typeof(RunStartedData))]
[JsonDerivedType(typeof(DocumentationGeneratedData))]
[JsonDerivedType(typeof(GateRequestedData))]
[JsonDerivedType(typeof(GateDecisionData))]
[JsonDerivedType(typeof(MilestoneCompletedData))]
[JsonDerivedType(typeof(RunPausedData))]
[JsonDerivedType(typeof(RunResumedData))]
[JsonDerivedType(typeof(RunFailedData))]
[JsonDerivedType(typeof(RunCompletedData))]
public abstract record EventData
{
    /// <summary>The names of the nine events.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "run_started", "documentation_generated", "gate_requested", "gate_decision", "milestone_completed",
        "run_paused", "run_resumed", "run_failed", "run_completed",
    ];

    /// <summary>The event's name and payload, or null if the event is not public.</summary>
    internal static (string Name, EventData Data)? From(RunSnapshot run, RunEvent e) => e switch
    {
        RunStarted => ("run_started", new RunStartedData(run.RunId, run.RepoUrl, run.Branch, run.CorrelationId)),
        DocumentationGenerated docs => (
            "documentation_generated", new DocumentationGeneratedData(run.RunId, docs.PullRequest.Branch, docs.PullRequest.Number)),
        GateRequested gate => ("gate_requested", new GateRequestedData(run.RunId, gate.Gate, gate.Description)),
        GateReminded gate => ("gate_requested", new GateRequestedData(run.RunId, gate.Gate, gate.Description)),
        GateDecided gate => ("gate_decision", new GateDecisionData(run.RunId, gate.Gate, gate.Approved, gate.Reason)),
        MilestoneCompleted milestone => ("milestone_completed", new MilestoneCompletedData(run.RunId, milestone.MilestoneId)),
        RunPaused paused => ("run_paused", new RunPausedData(run.RunId, paused.Reason)),
        RunResumed => ("run_resumed", new RunResumedData(run.RunId)),
        RunFailed failed => ("run_failed", new RunFailedData(run.RunId, failed.ErrorCode, failed.Message)),
        RunCompleted => ("run_completed", new RunCompletedData(run.RunId)),
        _ => null,
    };
}

public sealed record RunStartedData(RunId RunId, string RepoUrl, string Branch, string CorrelationId) : EventData;

public sealed record DocumentationGeneratedData(RunId RunId, string DocsBranch, int PrNumber) : EventData;

public sealed record GateRequestedData(RunId RunId, string Gate, string Description) : EventData;

public sealed record GateDecisionData(RunId RunId, string Gate, bool Approved, string Reason) : EventData;

public sealed record MilestoneCompletedData(RunId RunId, string MilestoneId) : EventData;

public sealed record RunPausedData(RunId RunId, string Reason) : EventData;

public sealed record RunResumedData(RunId RunId) : EventData;

public sealed record RunFailedData(RunId RunId, string ErrorCode, string Message) : EventData;

public sealed record RunCompletedData(RunId RunId) : EventData;
