using System.Text.Json.Serialization;
using QuantaPilot.Core.Admission;
using QuantaPilot.Core.Agents;
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

    /// <summary>Which request for a slot was granted, with <see cref="RunSignalKind.Admitted"/>.</summary>
    public int? Ticket { get; init; }

    /// <summary>New limits of the run, with <see cref="RunSignalKind.Resume"/>.</summary>
    public LimitsRaise? Limits { get; init; }

    /// <summary>What has changed, with <see cref="RunSignalKind.ForgeChanged"/>.</summary>
    public ForgeChange? ForgeChange { get; init; }

    /// <summary>Who has answered, with <see cref="RunSignalKind.AgentAnswered"/>.</summary>
    public AgentAnswer? AgentAnswer { get; init; }
}

/// <summary>The forge says that something has changed. It is a hint to look, and may be late, come twice or be wrong.</summary>
/// <param name="Kind">What the forge calls it.</param>
/// <param name="Number">The pull request, if the forge names one.</param>
/// <param name="HeadSha">Its head as the forge tells it.</param>
public sealed record ForgeChange(string Kind, int? Number, string? HeadSha);

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
    ForgeChanged,

    /// <summary>The run that waited for a slot has one.</summary>
    Admitted,

    AgentAnswered,
}

/// <summary>The input of <see cref="RunOrchestration"/>.</summary>
public sealed record RunInput(RunId RunId, string RepoUrl, string Branch, string? QuantapilotYamlPath, string? CorrelationId = null)
{
    /// <summary>Where the work of the run that it retries is taken up; null if it retries none.</summary>
    public RetryPoint? Retry { get; init; }

    /// <summary>What it counts for where the host limits how many runs work at once; null if no limit applies to it.</summary>
    public AdmissionKey? Admission { get; init; }
}

/// <summary>The output of <see cref="RunOrchestration"/>: how the run ended.</summary>
public sealed record RunOutcome(RunStatus Status, RunError? Error);
