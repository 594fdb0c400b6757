using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using QuantaPilot.Api.Http;
using QuantaPilot.Api.Runs;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.RunLogs;

/// <summary>What agents and checks of a run wrote, for programs as pages and for people as one text.</summary>
internal sealed partial class RunLogHandlers(IRunLogStore store, VisibleRuns visible)
{
    public async Task<IResult> ListAsync(HttpContext context)
    {
        var query = new QueryReader(context, "after", "cursor", "limit", "step");
        // next_cursor is the sequence to go on after, so both names are good for it.
        var after = Math.Max(query.Number("after", 0, long.MaxValue, 0), query.Number("cursor", 0, long.MaxValue, 0));
        var limit = query.Limit();
        var step = query.Text("step");
        if (step is not null && !Step().IsMatch(step))
            query.Refuse("step", "must be documentation, the id of a milestone, or that with the number of a task, e.g. M-001/1");
        if (query.Problem is { } problem) return problem;
        if (await visible.FindAsync(context) is not { } run) return ProblemResult.NoSuchRun();
        if (WantsText(context)) return new RunLogDocument(store, run.RunId, after, step);

        var entries = await store.ReadAsync(run.RunId, after, step, limit + 1, context.RequestAborted);
        var more = entries.Count > limit;
        return new JsonResult<ResourcePage<RunLogEntry>>(
            new ResourcePage<RunLogEntry>([.. entries.Take(limit)], more ? $"{entries[limit - 1].Sequence}" : null),
            CoreJson.Default.ResourcePageRunLogEntry);
    }

    private static bool WantsText(HttpContext context) =>
        MediaTypeHeaderValue.TryParseList(context.Request.Headers.Accept, out var accepted)
        && accepted.Any(type => type.MediaType.Equals("text/plain", StringComparison.OrdinalIgnoreCase));

    // As quantapilot.yml has the ids of milestones.
    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(?:/[0-9]{1,4})?$")]
    private static partial Regex Step();
}
