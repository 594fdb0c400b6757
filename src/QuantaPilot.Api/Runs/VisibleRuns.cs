using Microsoft.AspNetCore.Http;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Runs;

/// <summary>The runs that a caller may see. What lies outside the projects of a token does not exist for it.</summary>
internal sealed class VisibleRuns(IRunStore store)
{
    /// <summary>Bounds the work of one request for a token whose projects are rare among the runs.</summary>
    private const int MaxPages = 10;

    /// <summary>The run that the path names, or null.</summary>
    public Task<RunSnapshot?> FindAsync(HttpContext context) =>
        FindAsync(Caller.Of(context), context.PathValue("run_id"), context.RequestAborted);

    public async Task<RunSnapshot?> FindAsync(Caller caller, string? runId, CancellationToken cancellationToken) =>
        RunId.TryParse(runId, out var id) && await store.GetAsync(id, cancellationToken) is { } run && caller.MaySee(run.Project)
            ? run
            : null;

    /// <summary>A page of them. It may hold fewer than asked for, even none, and still have a next one.</summary>
    public async Task<Outcome<RunPage>> ListAsync(HttpContext context, RunQuery query)
    {
        var caller = Caller.Of(context);
        var items = new List<RunSnapshot>();
        var cursor = query.Cursor;
        try
        {
            for (var pages = 0; pages < MaxPages && items.Count < query.Limit; pages++)
            {
                var page = await store.ListAsync(query with { Cursor = cursor, Limit = query.Limit - items.Count }, context.RequestAborted);
                items.AddRange(page.Items.Where(run => caller.MaySee(run.Project)));
                cursor = page.NextCursor;
                if (cursor is null) break;
            }
            return new RunPage(items, cursor);
        }
        catch (InvalidCursorException)
        {
            return ProblemResult.Invalid("cursor", "must be the next_cursor of a page of this list");
        }
    }
}
