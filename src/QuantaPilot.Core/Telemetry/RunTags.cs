using System.Diagnostics;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Telemetry;

/// <summary>Input of an activity that is about a run: its spans and log lines then say which.</summary>
public interface IAboutRun
{
    RunId RunId { get; }

    /// <summary>The caller's id for the run; null in what was scheduled by a version that did not hand it on.</summary>
    string? CorrelationId { get; }
}

/// <summary>The tags that find everything about a run, on spans and in log scopes.</summary>
public static class RunTags
{
    public const string RunId = "quantapilot.run_id";
    public const string CorrelationId = "quantapilot.correlation_id";

    /// <summary>Sets them, where a span is being recorded.</summary>
    public static void Set(Activity? span, RunId runId, string? correlationId)
    {
        if (span is not { IsAllDataRequested: true }) return;
        span.SetTag(RunId, runId.ToString());
        if (correlationId is not null) span.SetTag(CorrelationId, correlationId);
    }
}
