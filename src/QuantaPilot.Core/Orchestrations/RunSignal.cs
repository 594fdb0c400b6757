using System.Text.Json.Serialization;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Orchestrations;

/// <summary>What the world tells a run: the payload of the external event <see cref="EventName"/>.</summary>
/// <param name="Kind">What is asked.</param>
/// <param name="Reason">Why; for pause and cancel.</param>
/// <param name="Decision">The outcome of a gate, for <see cref="RunSignalKind.Decision"/>.</param>
public sealed record RunSignal(RunSignalKind Kind, string? Reason = null, GateDecision? Decision = null)
{
    public const string EventName = "signal";

    /// <summary>New limits of the run, with <see cref="RunSignalKind.Resume"/>.</summary>
    public LimitsRaise? Limits { get; init; }
}

/// <summary>What a resume raises limits to. Null: as it was.</summary>
public sealed record LimitsRaise(long? Tokens = null, decimal? Usd = null, TimeSpan? Duration = null)
{
    /// <summary>The limits with these values in the place of their own.</summary>
    public RunLimits ApplyTo(RunLimits limits) => new(Tokens ?? limits.Tokens, Usd ?? limits.Usd, Duration ?? limits.Duration);
}

[JsonConverter(typeof(SnakeCaseEnumConverter<RunSignalKind>))]
public enum RunSignalKind
{
    Pause,
    Resume,
    Cancel,
    Decision,
}

/// <summary>The input of <see cref="RunOrchestration"/>.</summary>
public sealed record RunInput(RunId RunId, string RepoUrl, string Branch, string? QuantapilotYamlPath, string? CorrelationId = null);

/// <summary>The output of <see cref="RunOrchestration"/>: how the run ended.</summary>
public sealed record RunOutcome(RunStatus Status, RunError? Error);
