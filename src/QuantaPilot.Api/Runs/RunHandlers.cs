using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Audit;
using QuantaPilot.Api.Http;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Telemetry;

namespace QuantaPilot.Api.Runs;

/// <summary>Starting and reading runs.</summary>
internal sealed class RunHandlers(
    IRunStore store,
    RunSignals signals,
    RepositoryPolicy repositories,
    VisibleRuns visible,
    QueuePlaces places,
    AuditTrail audit,
    TimeProvider time,
    RunProgress progress,
    IHostApplicationLifetime lifetime)
{
    private static readonly string _statuses = string.Join(", ", Enum.GetNames<RunStatus>()).ToLowerInvariant();

    public async Task<IResult> StartAsync(HttpContext context)
    {
        if (new QueryReader(context).Problem is { } query) return query;
        var key = context.Request.Headers[IdempotencyKey.Header];
        if (key.Count > 0 && IdempotencyKey.FindFault(key) is { } keyFault) return ProblemResult.Invalid(IdempotencyKey.Header, keyFault);
        var body = await RequestBody.ReadAsync(context, CoreJson.Default.RunRequest);
        if (!body.Succeeded(out var given, out var problem)) return problem;
        var (request, errors) = RunRequestValidator.Validate(given);
        if (request is null) return ProblemResult.Invalid(errors);
        var caller = Caller.Of(context);
        if (!repositories.Allows(request.Repository) || !caller.MaySee(request.Repository))
        {
            return new ProblemResult(
                StatusCodes.Status403Forbidden,
                ErrorCodes.RepositoryNotAllowed,
                "This repository is not among those that the host's settings and the token allow.",
                Errors: new Dictionary<string, string> { ["repo_url"] = "is not among the repositories that the host's settings and the token allow" });
        }

        var run = NewRun(
            request,
            caller,
            key.Count > 0 ? IdempotencyKey.ToRunId(caller.TokenId, key[0]!) : RunId.From(Guid.CreateVersion7(time.GetUtcNow())));
        // Once begun it is carried through, also for a caller who has hung up.
        var entry = audit.EntryFor(caller, AuditAction.StartRun, run) with { Outcome = AuditOutcome.Accepted };
        return key.Count > 0 ? await StartOnceAsync(context, run, entry) : await StartNewAsync(context, run, entry);
    }

    public async Task<IResult> GetAsync(HttpContext context)
    {
        if (new QueryReader(context).Problem is { } problem) return problem;
        if (await visible.FindAsync(context) is not { } run) return ProblemResult.NoSuchRun();
        if (Preferences.ReadWait(context) is { } wait)
        {
            run = await WaitForEndAsync(run, wait, context.RequestAborted);
            context.Response.Headers["Preference-Applied"] = $"wait={(int)wait.TotalSeconds}";
        }
        var shown = await places.ShowAsync(run, context.RequestAborted) with { Progress = progress.Find(run.RunId) };
        return new JsonResult<RunResource>(shown, CoreJson.Default.RunResource);
    }

    public async Task<IResult> ListAsync(HttpContext context)
    {
        var query = new QueryReader(context, "status", "project", "correlation_id", "limit", "cursor");
        var filter = new RunQuery(
            ReadStatus(query), query.Project("project"), ReadCorrelationId(query), Limit: query.Limit(), Cursor: query.Text("cursor"));
        if (query.Problem is { } problem) return problem;
        var listed = await visible.ListAsync(context, filter);
        if (!listed.Succeeded(out var page, out problem)) return problem;
        var items = await places.ShowAsync(page.Items, context.RequestAborted);
        return new JsonResult<ResourcePage<RunResource>>(
            new ResourcePage<RunResource>(items, page.NextCursor), CoreJson.Default.ResourcePageRunResource);
    }

    private RunSnapshot NewRun(ValidRunRequest request, Caller caller, RunId runId)
    {
        var now = time.GetUtcNow();
        return new RunSnapshot
        {
            RunId = runId,
            RepoUrl = request.Repository.Value,
            Project = request.Repository.Project,
            Branch = request.Branch,
            QuantapilotYamlPath = request.QuantapilotYamlPath,
            CorrelationId = request.CorrelationId ?? Guid.CreateVersion7(now).ToString(),
            RequestedBy = caller.Name,
            RequestedBySubject = caller.Subject,
            RequestDigest = IdempotencyKey.DigestOf(request),
            CreatedAt = now,
            UpdatedAt = now,
        };
    }

    /// <summary>
    /// The id is new, so both writes can go together and share a commit; a crash between them is mended at the next start.
    /// </summary>
    private async Task<IResult> StartNewAsync(HttpContext context, RunSnapshot run, AuditEntry entry)
    {
        await Task.WhenAll(store.CreateAsync(run, entry, CancellationToken.None), signals.StartAsync(run, CancellationToken.None));
        Instruments.CountRun(RunStatus.Queued);
        return Accepted(context, run);
    }

    private async Task<IResult> StartOnceAsync(HttpContext context, RunSnapshot run, AuditEntry entry)
    {
        var earlier = await store.CreateAsync(run, entry, CancellationToken.None);
        if (earlier is not null && earlier.RequestDigest != run.RequestDigest)
        {
            return new ProblemResult(
                StatusCodes.Status422UnprocessableEntity,
                ErrorCodes.IdempotencyConflict,
                "This Idempotency-Key was used for another request. Use a new key, or repeat the same request.",
                earlier.RunId);
        }
        if (earlier is null) Instruments.CountRun(RunStatus.Queued);
        // Also for a repeat: the caller that stored the run may not have got as far as starting it.
        if (earlier is null || earlier.Revision == 0) await signals.StartAsync(earlier ?? run, CancellationToken.None);
        return Accepted(context, earlier ?? run);
    }

    internal static JsonResult<RunAccepted> Accepted(HttpContext context, RunSnapshot run)
    {
        RunTags.Set(Activity.Current, run.RunId, run.CorrelationId);
        var statusUrl = $"/runs/{run.RunId}";
        context.Response.Headers.Location = statusUrl;
        context.Response.Headers.RetryAfter = "1";
        return new JsonResult<RunAccepted>(
            new RunAccepted(run.RunId, run.CorrelationId, statusUrl, statusUrl + "/events"),
            CoreJson.Default.RunAccepted,
            StatusCodes.Status202Accepted);
    }

    private async Task<RunSnapshot> WaitForEndAsync(RunSnapshot run, TimeSpan wait, CancellationToken cancellationToken)
    {
        if (run.Status.HasEnded() || wait == TimeSpan.Zero) return run;
        using var timeout = new CancellationTokenSource(wait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token, lifetime.ApplicationStopping);
        try
        {
            while (true)
            {
                var change = store.WaitForChangeAsync(run.RunId, either.Token);
                run = await store.GetAsync(run.RunId, cancellationToken) ?? run;
                if (run.Status.HasEnded())
                {
                    await either.CancelAsync();
                    return run;
                }
                await change;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return run;
        }
    }

    private static RunStatus? ReadStatus(QueryReader query)
    {
        if (query.Text("status") is not { } text) return null;
        // No status has two words, so the names only differ in case.
        if (text.All(char.IsAsciiLetterLower) && Enum.TryParse<RunStatus>(text, ignoreCase: true, out var status)) return status;
        query.Refuse("status", $"must be one of {_statuses}");
        return null;
    }

    private static string? ReadCorrelationId(QueryReader query)
    {
        if (query.Text("correlation_id") is not { } text) return null;
        if (Guid.TryParseExact(text, "D", out var id)) return id.ToString();
        query.Refuse("correlation_id", "must be a UUID");
        return null;
    }
}
