using System.Diagnostics;
using Microsoft.Extensions.Logging;
using QuantaPilot.Api.Runs;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Telemetry;

namespace QuantaPilot.Api.Telemetry;

/// <summary>
/// Stands around every activity, on any engine: its span and log lines say which run they are about, and it is counted and
/// timed. What the engine runs twice is timed twice.
/// </summary>
public sealed class StepTelemetry(IRunStore store, TimeProvider time, ILogger<StepTelemetry> logger, RunProgress? progress = null)
{
    private readonly RunCounter _counter = new();

    /// <summary>Runs an activity.</summary>
    /// <param name="activity">Its registered name.</param>
    /// <param name="input">Its input; one that is not <see cref="IAboutRun"/> is run as it is.</param>
    /// <param name="run">Runs it.</param>
    public async Task<TOutput> RunAsync<TInput, TOutput>(string activity, TInput input, Func<Task<TOutput>> run)
    {
        if (input is not IAboutRun about) return await run();
        using var step = progress?.Begin(about.RunId);
        using var scope = logger.BeginScope(new RunScope(about.RunId, about.CorrelationId));
        // An engine of ours has made a span; where it has none, as in the worker of Durable Functions, it is made here.
        using var own = Activity.Current?.Source == Instruments.Source ? null : Instruments.Source.StartActivity($"activity:{activity}");
        RunTags.Set(Activity.Current, about.RunId, about.CorrelationId);
        var start = time.GetTimestamp();
        try
        {
            var output = await run();
            if (input is ActivityInput { Events: var events }) _counter.Count(about.RunId, events);
            Record(activity, start, (output as IStepResult)?.Failure?.Code);
            if (input is TimeOutGateInput gate && output is StepResult<GateTimeoutResult> { Value.Decision: null })
                await RecordTimeOutAsync(gate);
            return output;
        }
        catch (Exception e)
        {
            Record(activity, start, e.GetType().FullName);
            throw;
        }
    }

    private void Record(string activity, long start, string? error)
    {
        // Without the message, which may hold anything.
        if (error is not (null or ErrorCodes.Cancelled))
            Activity.Current?.SetStatus(ActivityStatusCode.Error).SetTag(Instruments.ErrorTypeTag, error);
        if (!Instruments.StepDuration.Enabled) return;
        var tags = new TagList
        {
            { Instruments.StepTag, activity },
            { Instruments.OutcomeTag, error switch { null => "completed", ErrorCodes.Cancelled => "cancelled", _ => "failed" } },
        };
        if (error is not null) tags.Add(Instruments.ErrorTypeTag, error);
        Instruments.StepDuration.Record(time.GetElapsedTime(start).TotalSeconds, tags);
    }

    private async Task RecordTimeOutAsync(TimeOutGateInput input)
    {
        if (!Instruments.GateWait.Enabled || await store.GetAsync(input.RunId, CancellationToken.None) is not { } run) return;
        // One that was withdrawn after a push was neither decided nor left waiting.
        var asked = run.Gates.FirstOrDefault(gate => gate.Name == input.Gate && gate.Request == input.Request);
        if (asked is { Status: not GateStatus.Cancelled } gate)
            Instruments.RecordGateWait(gate, time.GetUtcNow(), GateStatus.TimedOut);
    }
}
