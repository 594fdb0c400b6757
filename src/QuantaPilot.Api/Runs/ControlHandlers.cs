using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Audit;
using QuantaPilot.Api.Http;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Runs;

/// <summary>Pause, resume and cancel: signals to the orchestration, which records what becomes of them.</summary>
internal sealed class ControlHandlers(IRunStore store, RunSignals signals, VisibleRuns visible, QueuePlaces places, AuditTrail audit)
{
    public Task<IResult> PauseAsync(HttpContext context) => ControlAsync(
        context, RunSignalKind.Pause, AuditAction.PauseRun, status => status is RunStatus.Queued or RunStatus.Running or RunStatus.Waiting);

    public async Task<IResult> ResumeAsync(HttpContext context)
    {
        var asked = await ReadAsync(context, CoreJson.Default.ResumeRequest, new ResumeRequest());
        if (!asked.Succeeded(out var request, out var problem)) return problem;
        if (request.Run.Status is not (RunStatus.Paused or RunStatus.Pausing)) return InvalidState(request.Run, RunSignalKind.Resume);
        var raise = ResumeLimits.Read(request.Run, request.Body.Limits, out var unusable);
        return unusable
            ?? await TellAsync(context, request.Run, new RunSignal(RunSignalKind.Resume) { Limits = raise }, AuditAction.ResumeRun);
    }

    public Task<IResult> CancelAsync(HttpContext context) => ControlAsync(
        context, RunSignalKind.Cancel, AuditAction.CancelRun, status => !status.HasEnded());

    private async Task<IResult> ControlAsync(HttpContext context, RunSignalKind kind, AuditAction action, Func<RunStatus, bool> applies)
    {
        var asked = await ReadAsync(context, CoreJson.Default.ControlRequest, new ControlRequest());
        if (!asked.Succeeded(out var request, out var problem)) return problem;
        if (FreeText.FindFault(request.Body.Reason) is { } fault) return ProblemResult.Invalid("reason", fault);
        if (!applies(request.Run.Status)) return InvalidState(request.Run, kind);
        var reason = request.Body.Reason is { } text ? Redactor.Redact(text) : null;
        return await TellAsync(context, request.Run, new RunSignal(kind, reason), action);
    }

    private async Task<Outcome<Control<T>>> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, T ifEmpty)
        where T : class
    {
        if (new QueryReader(context).Problem is { } query) return query;
        if (await visible.FindAsync(context) is not { } run) return ProblemResult.NoSuchRun();
        var body = await RequestBody.ReadAsync(context, type, ifEmpty);
        return body.Succeeded(out var request, out var problem) ? new Control<T>(run, request) : problem;
    }

    private async Task<IResult> TellAsync(HttpContext context, RunSnapshot run, RunSignal signal, AuditAction action)
    {
        var told = await audit.ActAsync(
            audit.EntryFor(Caller.Of(context), action, run),
            () => signals.RaiseAsync(run, signal, CancellationToken.None),
            took => took ? AuditOutcome.Accepted : AuditOutcome.NoEffect);
        run = await store.GetAsync(run.RunId, CancellationToken.None) ?? run;
        return told
            ? new JsonResult<RunResource>(
                await places.ShowAsync(run, CancellationToken.None), CoreJson.Default.RunResource, StatusCodes.Status202Accepted)
            : InvalidState(run, signal.Kind);
    }

    private static ProblemResult InvalidState(RunSnapshot run, RunSignalKind kind) => new(
        StatusCodes.Status409Conflict,
        ErrorCodes.InvalidState,
        $"{kind} does not apply: the run is {run.Status.ToString().ToLowerInvariant()}.",
        run.RunId);

    /// <summary>What is asked of which run.</summary>
    private sealed record Control<T>(RunSnapshot Run, T Body);
}
