using Microsoft.AspNetCore.Http;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Audit;
using QuantaPilot.Api.Http;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Telemetry;

namespace QuantaPilot.Api.Runs;

/// <summary>
/// Retrying runs. A run has one retry at most: its id follows from that of the run, so that the store's one-run-per-id settles
/// every race. Who wants another try after that one failed too retries that one, which knows all that was finished.
/// </summary>
internal sealed class RetryHandlers(
    IRunStore store, RunSignals signals, RepositoryPolicy repositories, VisibleRuns visible, AuditTrail audit, TimeProvider time)
{
    public async Task<IResult> RetryAsync(HttpContext context)
    {
        if (new QueryReader(context).Problem is { } query) return query;
        var key = context.Request.Headers[IdempotencyKey.Header];
        if (key.Count > 0 && IdempotencyKey.FindFault(key) is { } keyFault) return ProblemResult.Invalid(IdempotencyKey.Header, keyFault);
        if (await visible.FindAsync(context) is not { } run) return ProblemResult.NoSuchRun();
        var body = await RequestBody.ReadAsync(context, CoreJson.Default.RetryRequest, ifEmpty: new RetryRequest());
        if (!body.Succeeded(out _, out var problem)) return problem;
        if (FindRefusal(run) is { } refusal) return refusal;

        var caller = Caller.Of(context);
        var digest = key.Count > 0 ? IdempotencyKey.DigestOfRetry(caller.TokenId, key[0]!, run.RunId) : IdempotencyKey.NewDigest();
        var retry = RetryOf(run, caller, digest);
        // Once begun it is carried through, also for a caller who has hung up.
        var entry = audit.EntryFor(caller, AuditAction.RetryRun, run) with
        {
            ResourceId = retry.RunId.ToString(),
            Outcome = AuditOutcome.Accepted,
        };
        var earlier = await store.CreateAsync(retry, entry, CancellationToken.None);
        if (earlier is null) Instruments.CountRun(RunStatus.Queued);
        // Also for a repeat: the caller that stored the run may not have got as far as starting it.
        if (earlier is null || earlier.Revision == 0) await signals.StartAsync(earlier ?? retry, CancellationToken.None);
        return earlier is null || earlier.RequestDigest == retry.RequestDigest
            ? RunHandlers.Accepted(context, earlier ?? retry)
            : Retried(run, earlier);
    }

    private ProblemResult? FindRefusal(RunSnapshot run)
    {
        if (run.Status is not (RunStatus.Failed or RunStatus.Cancelled))
        {
            return new ProblemResult(
                StatusCodes.Status409Conflict,
                ErrorCodes.InvalidState,
                $"Retry does not apply: the run is {Word(run.Status)}. Runs that failed or were cancelled can be retried.",
                run.RunId);
        }
        if (RepositoryUrl.TryParse(run.RepoUrl, out var url, out _) && repositories.Allows(url)) return null;
        return new ProblemResult(
            StatusCodes.Status403Forbidden,
            ErrorCodes.RepositoryNotAllowed,
            "The repository of this run is no longer among those that the host's settings allow.",
            run.RunId);
    }

    private static ProblemResult Retried(RunSnapshot run, RunSnapshot retry) => new(
        StatusCodes.Status409Conflict,
        ErrorCodes.InvalidState,
        $"Retry does not apply: run {run.RunId} is retried by run {retry.RunId}"
        + (retry.Status is RunStatus.Failed or RunStatus.Cancelled ? $", which is {Word(retry.Status)}: retry that one." : "."),
        retry.RunId);

    private static string Word(RunStatus status) => status.ToString().ToLowerInvariant();

    private RunSnapshot RetryOf(RunSnapshot run, Caller caller, string digest)
    {
        var now = time.GetUtcNow();
        var point = RetryPoint.After(run);
        return new RunSnapshot
        {
            RunId = IdempotencyKey.ToRetryId(run.RunId),
            RepoUrl = run.RepoUrl,
            Project = run.Project,
            Branch = run.Branch,
            QuantapilotYamlPath = run.QuantapilotYamlPath,
            CorrelationId = run.CorrelationId,
            RequestedBy = caller.Name,
            RequestedBySubject = caller.Subject,
            RequestDigest = digest,
            CreatedAt = now,
            UpdatedAt = now,
            Retry = point,
            Attempts = point.Attempts.Count > 0 ? point.Attempts : null,
            PullRequests = run.PullRequests,
            Milestones =
            [
                .. run.Milestones.Select(m => m with
                {
                    Status = point.CompletedMilestones.Contains(m.Id) ? MilestoneStatus.Completed : MilestoneStatus.Planned,
                }),
            ],
        };
    }
}
