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

    public Task<IResult> ResumeAsync(HttpContext context) => ControlAsync(
        context, RunSignalKind.Resume, AuditAction.ResumeRun, status => status is RunStatus.Paused or RunStatus.Pausing);

    public Task<IResult> CancelAsync(HttpContext context) => ControlAsync(
        context, RunSignalKind.Cancel, AuditAction.CancelRun, status => !status.HasEnded());

    private async Task<IResult> ControlAsync(HttpContext context, RunSignalKind kind, AuditAction action, Func<RunStatus, bool> applies)
    {
        if (new QueryReader(context).Problem is { } query) return query;
        if (await visible.FindAsync(context) is not { } run) return ProblemResult.NoSuchRun();
        var body = await RequestBody.ReadAsync(context, CoreJson.Default.ControlRequest, ifEmpty: new ControlRequest());
        if (!body.Succeeded(out var request, out var problem)) return problem;
        if (FreeText.FindFault(request.Reason) is { } fault) return ProblemResult.Invalid("reason", fault);
        if (kind == RunSignalKind.Resume && request.Reason is not null) return ProblemResult.Invalid("reason", "is not taken by resume");
        if (!applies(run.Status)) return InvalidState(run, kind);

        var reason = request.Reason is { } text ? Redactor.Redact(text) : null;
        var told = await audit.ActAsync(
            audit.EntryFor(Caller.Of(context), action, run),
            () => signals.RaiseAsync(run, new RunSignal(kind, reason), CancellationToken.None),
            took => took ? AuditOutcome.Accepted : AuditOutcome.NoEffect);
        run = await store.GetAsync(run.RunId, CancellationToken.None) ?? run;
        return told
            ? new JsonResult<RunResource>(
                await places.ShowAsync(run, CancellationToken.None), CoreJson.Default.RunResource, StatusCodes.Status202Accepted)
            : InvalidState(run, kind);
    }

    private static ProblemResult InvalidState(RunSnapshot run, RunSignalKind kind) => new(
        StatusCodes.Status409Conflict,
        ErrorCodes.InvalidState,
        $"{kind} does not apply: the run is {run.Status.ToString().ToLowerInvariant()}.",
        run.RunId);
}
