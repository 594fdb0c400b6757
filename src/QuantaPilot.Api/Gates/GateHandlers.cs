using Microsoft.AspNetCore.Http;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;
using QuantaPilot.Api.Runs;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Gates;

/// <summary>Listing gates and deciding at them.</summary>
internal sealed class GateHandlers(Decisions decisions, VisibleRuns visible)
{
    private const int MaxBatch = 100;

    /// <summary>All gates of a run.</summary>
    public async Task<IResult> OfRunAsync(HttpContext context)
    {
        if (new QueryReader(context).Problem is { } problem) return problem;
        if (await visible.FindAsync(context) is not { } run) return ProblemResult.NoSuchRun();
        return Page([.. run.Gates.Select(gate => GateResource.From(run.RunId, gate))], null);
    }

    /// <summary>The gates of all runs that wait for votes, newest run first.</summary>
    public async Task<IResult> PendingAsync(HttpContext context)
    {
        var query = new QueryReader(context, "status", "limit", "cursor");
        if (query.Text("status") is not (null or "pending"))
            query.Refuse("status", "must be pending: the gates that were decided are listed with their run");
        var filter = new RunQuery(PendingGate: true, Limit: query.Limit(), Cursor: query.Text("cursor"));
        if (query.Problem is { } problem) return problem;
        var listed = await visible.ListAsync(context, filter);
        if (!listed.Succeeded(out var page, out problem)) return problem;
        return Page([.. page.Items.Select(run => GateResource.From(run.RunId, run.PendingGate!))], page.NextCursor);
    }

    public async Task<IResult> DecideAsync(HttpContext context)
    {
        if (new QueryReader(context).Problem is { } query) return query;
        var body = await RequestBody.ReadAsync(context, CoreJson.Default.DecisionRequest);
        if (!body.Succeeded(out var request, out var problem)) return problem;
        var decided = await decisions.DecideAsync(Caller.Of(context), context.PathValue("run_id"), context.PathValue("gate"), request);
        return decided.Succeeded(out var answer, out problem)
            ? new JsonResult<DecisionAnswer>(answer, CoreJson.Default.DecisionAnswer)
            : problem;
    }

    /// <summary>Many decisions in one request, each taken and answered on its own.</summary>
    public async Task<IResult> DecideManyAsync(HttpContext context)
    {
        if (new QueryReader(context).Problem is { } query) return query;
        var body = await RequestBody.ReadAsync(context, CoreJson.Default.BatchDecisionRequest);
        if (!body.Succeeded(out var batch, out var problem)) return problem;
        if (batch.Decisions is not { Count: > 0 and <= MaxBatch } items || items.Contains(null!))
            return ProblemResult.Invalid("decisions", $"must be an array of 1 to {MaxBatch} decisions");
        var answers = await Task.WhenAll(items.Select(item => DecideOneAsync(context, item)));
        return new JsonResult<BatchDecisionAnswers>(new BatchDecisionAnswers(answers), CoreJson.Default.BatchDecisionAnswers);
    }

    private async Task<BatchDecisionAnswer> DecideOneAsync(HttpContext context, BatchDecision item)
    {
        var request = new DecisionRequest(item.Approved, item.Reason, item.HeadSha);
        var decided = await decisions.DecideAsync(Caller.Of(context), item.RunId, item.Gate, request);
        return decided.Succeeded(out var answer, out var problem)
            ? new BatchDecisionAnswer(item.RunId, item.Gate, StatusCodes.Status200OK, answer, null)
            : new BatchDecisionAnswer(item.RunId, item.Gate, problem.Status, null, problem.ToProblem(context));
    }

    private static JsonResult<ResourcePage<GateResource>> Page(IReadOnlyList<GateResource> gates, string? cursor) =>
        new(new ResourcePage<GateResource>(gates, cursor), CoreJson.Default.ResourcePageGateResource);
}
